"""Sending withdrawn goods back: the last day for it, and what is asked beside the refund."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from domain.calendar import add_days, day_of, rolled
from domain.facts import ParcelReturned, ReturnReceived, ReturnSent, WithdrawalAssessed
from domain.outcomes import Because, Deadline, Fee, Owed, Refund, standing
from domain.policies import returned
from domain.policies.discretion import ask, decided, refuse
from domain.policies.grounds import clauses_of, distinct, readings_of, value_of
from domain.policies.policy import Policy
from domain.policies.return_costs import (
    condition, damaged, forwarding, from_outside, handling, is_free, later_regime,
    left_with_agent, uncollected,
)  # fmt: skip
from domain.policies.returned import (
    accepted, informed, known_in_time, line_returns, paid_at, returns_of,
)  # fmt: skip
from domain.policies.withdrawal_period import parcels_with
from domain.policies.withdrawal_right import NOTICES, Withdrawal
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.values import Term

READS = (*returned.READS, WithdrawalAssessed)


def returns(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """For each withdrawal the day by which the goods go back, and what their way back costs."""
    owed = Owed()
    found = accepted(order, terms)
    for one in found:
        _return_goods(owed, order, terms, found, one, now)
        _postage(owed, order, terms, found, one)
        _condition(owed, order, terms, found, one)
        if informed(order):
            _pickup(owed, order, terms, found, one)
            _wrong_seller(owed, order, terms, found, one)
            _uncollected(owed, order, terms, one)
            _late_customs(owed, order, terms, found, one)
    return owed


# -- the last day ---------------------------------------------------------------------------------


def _return_goods(
    owed: Owed, order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal,
    now: datetime,
) -> None:  # fmt: skip
    """By when goods that the customer has are to be sent back; met by the last of them."""
    own, law = terms.returns, terms.law.withdrawal
    lines = [line for line in one.accepted if customer_has(order, line)]
    start = _counted_from(order, terms, one)
    if not lines or start is None:
        return
    days = value_of(own.days if own else None, law.return_days.value)
    days = max(days, law.return_days.value) if order.consumer else days
    due = _moved(order, add_days(day_of(start), days))
    sent = value_of(own.in_time if own else None, "sent") == "sent"
    met = [_back_at(order, found, one, line, sent=sent) for line in lines]
    known = [at for at in met if at is not None]
    met_at = max(known) if len(known) == len(met) else None
    words = (own.days, own.days_from, own.in_time) if own else ()
    statute = law.return_days.clauses if order.consumer else ()
    because = Because(
        rule="returns.until",
        clauses=distinct(clauses_of(*words), statute),
        inputs={"lines": ", ".join(lines), "from": start.isoformat(), "due": due.isoformat()},
        readings=readings_of(*words),
        statutes=tuple((reference, "applies") for reference in statute),
    )
    owed.add(
        Deadline(
            kind="return_goods", due=due, party="customer", cause=one.id, because=because,
            state=standing(due, met_at, now),
        )
    )  # fmt: skip


def customer_has(order: OrderState, line: str) -> bool:
    """Whether there is something to send: goods that the customer received."""
    received = any(parcel.received is not None for parcel in parcels_with(order, line))
    return received and "digital" not in order.lines[line].traits


def _counted_from(order: OrderState, terms: Terms, one: Withdrawal) -> datetime | None:
    own = terms.returns
    if value_of(own.days_from if own else None, "notice") == "notice":
        return one.at
    handled = [told.at for told in order.all(WithdrawalAssessed) if told.at >= one.at]
    return handled[0] if handled else None


def _moved(order: OrderState, due: date) -> date:
    return rolled(due) if order.consumer else due


def _back_at(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal, line: str, *, sent: bool
) -> datetime | None:
    times = [told.at for told in line_returns(order, found, one, line, ReturnReceived)]
    if sent:
        times += [told.at for told in line_returns(order, found, one, line, ReturnSent)]
    carried = [
        told.at for parcel in parcels_with(order, line) for told in parcel.all(ParcelReturned)
    ]
    return min([*times, *carried], default=None)


# -- what is asked or given beside the refund -----------------------------------------------------


def _postage(
    owed: Owed, order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> None:
    """The seller pays it where returns are free, and of a consumer not told of it (DAL 2:13)."""
    law = terms.law.withdrawal.return_days.clauses
    own = terms.returns.own_cost if terms.returns else None
    paid = sum(
        told.fact.label_cost or 0
        for told in returns_of(order, found, one, ReturnSent)
        if told.fact.label != "prepaid"
    )
    free = is_free(order, terms)
    if (informed(order) and not free) or not paid:
        return
    promised = terms.way_back.free if free and terms.way_back else None
    own = None if free else own
    because = Because(
        rule="returns.free" if free else "returns.postage",
        clauses=(*clauses_of(own, promised), *law),
        inputs={"lines": ", ".join(one.accepted)},
        statutes=tuple((reference, "struck" if own else "applies") for reference in law),
    )
    owed.add(
        Refund(
            kind="freight_reimbursement", amount=paid, breakdown=(("return_label", paid),),
            cause=one.id, because=because,
        )
    )  # fmt: skip


def _fee(
    owed: Owed, kind: str, amount: int, cause: str, words: Sequence[Term[Any] | None],
    parcel: str | None = None,
) -> None:  # fmt: skip
    because = Because(
        rule=f"returns.{kind}",
        clauses=clauses_of(*words),
        inputs={"amount": amount},
        steps=((kind, amount),),
        readings=readings_of(*words),
    )
    owed.add(
        Fee(kind=kind, amount=amount, vat="unspecified", parcel=parcel, cause=cause,
            because=because)
    )  # fmt: skip


def _pickup(
    owed: Owed, order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> None:
    """A return left with an agent, charged beside the refund."""
    own = terms.returns
    if own is None or own.agent_pickup is None:
        return
    if value_of(own.agent_charge, "deduct") == "separate_fee":
        for told in left_with_agent(order, found, one):
            words = (own.agent_pickup, own.agent_charge)
            _fee(owed, "return_pickup", own.agent_pickup.value, told.id, words)


def _wrong_seller(
    owed: Owed, order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> None:
    """The cost of forwarding may be asked for, so a person decides (ALL-8.7-2)."""
    own = terms.returns.wrong_seller if terms.returns else None
    if own is None:
        return
    for told, asked in forwarding(order, found, one):
        cost = told.fact.forwarding_cost or 0
        because = Because(
            rule="returns.forwarding",
            clauses=clauses_of(own, _addressee(terms)),
            inputs={"cost": cost},
            readings=own.readings,
        )
        refuse(owed, order, handling(told, cost), because)
        if asked is None:
            ask(owed, handling(told, cost), because, cause=told.id)
        elif asked and own.value == "separate_fee":
            _fee(owed, "wrong_seller_handling", asked, told.id, (own, _addressee(terms)))


def _addressee(terms: Terms) -> Term[Any] | None:
    return terms.way_back.addressee if terms.way_back else None


def _uncollected(owed: Owed, order: OrderState, terms: Terms, one: Withdrawal) -> None:
    """The carrier's way back of what was never collected, beside the whole refund."""
    own = terms.returns.uncollected if terms.returns else None
    if own is None or own.value != "return_freight":
        return
    for told in uncollected(order, one):
        if told.fact.return_cost:
            cost, parcel = told.fact.return_cost, told.fact.parcel
            _fee(owed, "return_freight", cost, one.id, (own,), parcel)


def _late_customs(
    owed: Owed, order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> None:
    """Customs known only after the refund was paid: a claim where the terms give one."""
    own, paid = terms.returns, paid_at(order, found, one)
    if own is None or value_of(own.late_customs, "only_at_refund") != "claim_afterwards":
        return
    for told in from_outside(order, terms, found, one):
        if told.fact.customs_cost and not known_in_time(told, paid):
            words = (own.customs, own.late_customs)
            _fee(owed, "return_freight", told.fact.customs_cost, told.id, words)


def _condition(
    owed: Owed, order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> None:
    """How much a damaged return after the statutory period costs is a person's judgement."""
    own, lines = terms.returns, damaged(order, found, one)
    if own is None or not lines or not later_regime(order, terms, one):
        return
    because = Because(
        rule="returns.condition",
        clauses=clauses_of(own.later_regime, own.floor),
        inputs={"lines": ", ".join(lines)},
        readings=readings_of(own.later_regime),
    )
    question = condition(own, one)
    refuse(owed, order, question, because)
    if decided(order, question) is None:
        ask(owed, question, because, cause=one.id)


RETURNS = Policy(
    "returns",
    returns,
    reads=READS,
    starts=NOTICES,
    sentences={
        "returns.until": (
            "Withdrawn from, counted from {from}; {lines} are to be sent back by {due}.",
            "{lines} ska skickas tillbaka senast {due}, räknat från {from}.",
        ),
        "returns.postage": (
            "The customer was not told of the cost of sending {lines} back.",
            "Kunden fick inte veta vad det kostar att skicka tillbaka {lines}.",
        ),
        "returns.free": (
            "Returns are free of charge, as the order says: the postage of {lines} is paid back.",
            "Returen är fri enligt ordern: portot för {lines} betalas tillbaka.",
        ),
        "returns.return_pickup": (
            "The return was left with an agent, from where the seller had to fetch it.",
            "Returen lämnades hos ett ombud och måste hämtas av säljaren.",
        ),
        "returns.forwarding": (
            "The return went to the wrong seller; forwarding it cost {cost}.",
            "Returen gick till fel säljare; att skicka den vidare kostade {cost}.",
        ),
        "returns.wrong_seller_handling": (
            "The customer is asked for the cost of a return to the wrong seller.",
            "Kunden får betala kostnaden för en retur till fel säljare.",
        ),
        "returns.return_freight": (
            "The way back of the withdrawn goods is the customer's cost.",
            "Kunden står för de ångrade varornas väg tillbaka.",
        ),
        "returns.condition": (
            "The goods {lines} came back damaged; a person sets the deduction.",
            "Varorna {lines} kom tillbaka skadade; en människa avgör avdraget.",
        ),
    },
)
