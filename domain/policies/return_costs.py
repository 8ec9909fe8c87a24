"""What may be taken from a withdrawal's refund: loss of value, and costs of the way back.

A consumer who was not told of the right and of return costs owes neither (DAL 2:13, 2:15); a cost
recorded only after the refund was paid is not set off any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.calendar import add_days, day_of, lapses_at, rolled
from domain.facts import ParcelReturned, ReturnAssessed, ReturnReceived, ReturnSent
from domain.money import percent_of
from domain.outcomes import Effect
from domain.policies.discretion import Question, decided
from domain.policies.grounds import Readings, clauses_of, readings_of, value_of
from domain.policies.leaving import received_whole_at
from domain.policies.returned import (
    brought_back_at, informed, known_in_time, line_returns, paid_at, returns_of,
)  # fmt: skip
from domain.policies.withdrawal_period import parcels_with
from domain.policies.withdrawal_right import Withdrawal
from domain.state import OrderState, Parcel, Told
from domain.terms import Terms
from domain.terms.values import Term
from domain.terms.withdrawal import ReturnTerms

ENDINGS = ("handling", "not_approved_return", "scrapped")
"""What a person chooses of for a return without a number."""
HANDLED = ("excess_handling", "damage")
"""Causes that lie in what the customer did with the goods."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Deduction:
    """`amount` öre taken from the refund; 0 where a term fell and only its fall is reported."""

    name: str
    amount: int
    clauses: tuple[str, ...]
    readings: Readings = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()
    figures: tuple[tuple[str, str | int], ...] = ()
    """What the amount was reckoned from, by name."""


def deductions(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> list[Deduction]:
    """All of them for one withdrawal."""
    own = terms.returns
    less = [_value_loss(order, terms, found, one)]
    if is_free(order, terms):
        less.append(_free(terms))
    if not informed(order):
        less.append(_at_sellers_cost(terms, own))
        return [entry for entry in less if entry is not None]
    less += [
        None if is_free(order, terms) else _label(order, terms, found, one),
        _uncollected(order, terms, found, one),
        _pickup(order, own, found, one),
        _customs(order, terms, found, one),
        _forwarding(order, own, found, one),
        _recharge(order, own, found, one),
    ]
    return [entry for entry in less if entry is not None]


def is_free(order: OrderState, terms: Terms) -> bool:
    """Whether the order says that its return costs the customer nothing (ALL-8.5-1, DAL 2:13)."""
    stated = str((order.order.custom_terms or {}).get("free_returns")).lower() == "true"
    return stated and terms.way_back is not None and terms.way_back.free is not None


def _free(terms: Terms) -> Deduction:
    """The way back is the seller's, as was said when the order was placed."""
    own = terms.way_back.free if terms.way_back else None
    return Deduction(name="return_label", amount=0, clauses=clauses_of(own))


def _at_sellers_cost(terms: Terms, own: ReturnTerms | None) -> Deduction | None:
    """A term by which the customer pays the way back falls where nobody told a consumer so."""
    law = terms.law.withdrawal
    words = clauses_of(own.own_cost, own.prepaid_label) if own else ()
    return Deduction(
        name="return_label", amount=0, clauses=(*words, *law.return_days.clauses),
        statutes=tuple((one, "struck") for one in law.return_days.clauses) if words else (),
    )  # fmt: skip


# -- loss of value --------------------------------------------------------------------------------


def _value_loss(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    if later_regime(order, terms, one) and damaged(order, found, one):
        return _by_condition(order, terms, found, one)
    own, law = terms.returns, terms.law.withdrawal.deductions.clauses
    cause = own.loss_cause if own else None
    back, causes = terms.way_back, set()
    figures: list[tuple[str, str | int]] = []
    lost = fell = 0
    for line, count in one.accepted.items():
        told = line_returns(order, found, one, line, ReturnAssessed)
        percent = told[-1].fact.value_loss_percent if told else None
        if percent:
            causes.add(told[-1].fact.cause)
            loss = percent_of(order.value(line, count), percent)
            owed = informed(order) and _counts(order, cause, told[-1].fact.cause)
            lost, fell = (lost + loss, fell) if owed else (lost, fell + loss)
            figures += (
                [
                    (f"line_{line}_goods", order.value(line, count)),
                    (f"line_{line}_value_loss_percent", str(percent)),
                ]
                if owed
                else []
            )
    condition = own.later_regime if own and damaged(order, found, one) else None
    handling = (back.handling, back.transit if "damage" in causes else None) if back else ()
    words = clauses_of(cause, condition, *(handling if causes else ()))
    if not lost and not fell and condition is None:
        return None
    struck: Effect = "bounded" if lost else "struck"
    effect: Effect = struck if fell or condition else "applies"
    fallen = terms.law.withdrawal.mandatory.clauses if effect != "applies" else ()
    return Deduction(
        name="value_loss", amount=lost,
        clauses=(*words, *law, *fallen) if order.consumer else words,
        readings=readings_of(cause, condition),
        statutes=tuple((reference, effect) for reference in law) if order.consumer else (),
        figures=tuple(figures),
    )  # fmt: skip


def _counts(order: OrderState, term: Term[Any] | None, cause: str | None) -> bool:
    """Whether a loss of that cause may be deducted: what trying the goods does not need."""
    checking = cause == "inspection" and value_of(term, "excess_only") == "also_inspection"
    return cause in HANDLED or (checking and not order.consumer)


def later_regime(order: OrderState, terms: Terms, one: Withdrawal) -> bool:
    """Whether the seller's own condition rules a notice after the statutory period.

    Of a consumer who was not informed that period has not ended while notice can be given.
    """
    own, law, start = terms.returns, terms.law.withdrawal, received_whole_at(order, terms)
    if own is None or value_of(own.later_regime, "statutory_regime") != "open_purchase":
        return False
    if start is None or not informed(order):
        return False
    return one.at >= lapses_at(rolled(add_days(day_of(start), law.days.value)))


def damaged(order: OrderState, found: Sequence[Withdrawal], one: Withdrawal) -> tuple[str, ...]:
    """The withdrawn lines that came back in bad packaging or damaged."""
    lines = []
    for line in one.accepted:
        came = line_returns(order, found, one, line, ReturnReceived)
        judged = line_returns(order, found, one, line, ReturnAssessed)
        if any(told.fact.packaging in ("damaged", "envelope") for told in came) or any(
            told.fact.cause == "damage" for told in judged
        ):
            lines.append(line)
    return tuple(lines)


def _by_condition(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    """The percentage that a person decided, within the printed bounds."""
    own, lines = terms.returns, damaged(order, found, one)
    told = decided(order, condition(own, one)) if own is not None else None
    if own is None or told is None or told.fact.percent is None or not lines:
        return None
    if told.fact.decision != "deduct":
        return None
    percent = told.fact.percent
    worth = sum(order.value(line, one.accepted[line]) for line in lines)
    return Deduction(
        name="value_loss", amount=percent_of(worth, percent),
        clauses=clauses_of(own.later_regime, own.floor),
        readings=readings_of(own.later_regime),
        figures=(("returned_goods", worth), ("value_loss_percent", str(percent))),
    )  # fmt: skip


def condition(own: ReturnTerms, one: Withdrawal) -> Question:
    """How much of the price the bad condition costs, which the terms leave to a person."""
    return Question(
        about="return", choices=("deduct", "waive"), subject=one.id, unit="percent",
        bounds=(value_of(own.floor, 0), value_of(own.ceiling, 100)), elsewhere=ENDINGS,
    )  # fmt: skip


# -- the way back ---------------------------------------------------------------------------------


def _label(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    """The seller's prepaid waybill, if it was used: the way back is the customer's cost."""
    own, paid = terms.returns, paid_at(order, found, one)
    cost = sum(
        told.fact.label_cost or 0
        for told in returns_of(order, found, one, ReturnSent)
        if told.fact.label == "prepaid" and known_in_time(told, paid)
    )
    if not cost:
        return None
    words = clauses_of(own.prepaid_label or own.own_cost) if own else ()
    return Deduction(name="return_label", amount=cost, clauses=(*words, *_return_law(order, terms)))


def _return_law(order: OrderState, terms: Terms) -> tuple[str, ...]:
    return terms.law.withdrawal.return_days.clauses if order.consumer else ()


def uncollected(order: OrderState, one: Withdrawal) -> list[Told[ParcelReturned]]:
    """What the carrier brought back of withdrawn goods that the customer never had."""
    parcels: dict[str, Parcel] = {
        parcel.id: parcel for line in one.accepted for parcel in parcels_with(order, line)
    }
    return [
        told
        for parcel in parcels.values()
        if parcel.received is None and brought_back_at(parcel) is not None
        for told in parcel.all(ParcelReturned)[-1:]
    ]


def _uncollected(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    """The carrier's way back, where the terms take it for the customer's return."""
    own = terms.returns
    if own is None or own.uncollected is None or own.uncollected.value != "return_label":
        return None
    paid = paid_at(order, found, one)
    cost = sum(
        told.fact.return_cost or 0 for told in uncollected(order, one) if known_in_time(told, paid)
    )
    if not cost:
        return None
    return Deduction(
        name="return_label", amount=cost, clauses=own.uncollected.clauses,
        readings=own.uncollected.readings,
    )  # fmt: skip


def left_with_agent(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal
) -> list[Told[ReturnSent]]:
    return [told for told in returns_of(order, found, one, ReturnSent) if told.fact.to == "agent"]


def _pickup(
    order: OrderState, own: ReturnTerms | None, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    """A return left with an agent, where the seller must fetch it."""
    if own is None or own.agent_pickup is None:
        return None
    if value_of(own.agent_charge, "deduct") != "deduct":
        return None
    paid = paid_at(order, found, one)
    told = left_with_agent(order, found, one)
    count = sum(known_in_time(sent, paid) for sent in told)
    return Deduction(
        name="return_pickup", amount=count * own.agent_pickup.value,
        clauses=clauses_of(own.agent_pickup), readings=readings_of(own.agent_charge),
    ) if count else None  # fmt: skip


def from_outside(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> list[Told[ReturnReceived]]:
    """Returns that cost the seller customs; none where they were sent from inside the EU."""
    inside = terms.law.withdrawal.union.value
    sent = returns_of(order, found, one, ReturnSent)
    if any(told.fact.from_country in inside for told in sent):
        return []
    return [
        told for told in returns_of(order, found, one, ReturnReceived) if told.fact.customs_cost
    ]


def _customs(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    own, paid = terms.returns, paid_at(order, found, one)
    if own is None or own.customs is None:
        return None
    cost = sum(
        told.fact.customs_cost or 0
        for told in from_outside(order, terms, found, one)
        if known_in_time(told, paid)
    )
    return Deduction(name="customs", amount=cost, clauses=own.customs.clauses) if cost else None


def forwarding(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal
) -> list[tuple[Told[ReturnReceived], int | None]]:
    """Returns that had to be forwarded, and what a person asks for them; None: nobody decided."""
    result: list[tuple[Told[ReturnReceived], int | None]] = []
    for told in returns_of(order, found, one, ReturnReceived):
        cost = told.fact.forwarding_cost
        if cost:
            result.append((told, _asked(order, told, cost)))
    return result


def _asked(order: OrderState, told: Told[ReturnReceived], cost: int) -> int | None:
    question = handling(told, cost)
    answer = decided(order, question)
    return None if answer is None else question.amount(answer)


def handling(told: Told[ReturnReceived], cost: int) -> Question:
    """Whether a return to the wrong seller is charged, and up to its cost."""
    return Question(
        about="wrong_seller_handling", choices=("charge", "waive"), subject=told.id,
        bounds=(0, cost), usual=cost, also=("deduct",),
    )  # fmt: skip


def _forwarding(
    order: OrderState, own: ReturnTerms | None, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    """The cost of a return to the wrong seller, where the terms let it be kept back."""
    if own is None or own.wrong_seller is None or own.wrong_seller.value != "deduction":
        return None
    paid = paid_at(order, found, one)
    cost = sum(
        asked or 0 for told, asked in forwarding(order, found, one) if known_in_time(told, paid)
    )
    return Deduction(
        name="forwarding", amount=cost, clauses=own.wrong_seller.clauses,
        readings=own.wrong_seller.readings,
    ) if cost else None  # fmt: skip


def _recharge(
    order: OrderState, own: ReturnTerms | None, found: Sequence[Withdrawal], one: Withdrawal
) -> Deduction | None:
    """Freight that was free for the whole order and is charged for what is kept of it."""
    if own is None or own.recharge is None or own.recharge_up_to is None or order.freight:
        return None
    if order.order.shipping.method == "pickup":
        return None
    earlier = found[: found.index(one)]
    before = order.goods - sum(_worth(order, other) for other in earlier)
    kept = before - _worth(order, one)
    if not own.recharge.value or not before > own.recharge_up_to.value >= kept > 0:
        return None
    return Deduction(
        name="fee", amount=own.recharge.value, readings=own.recharge.readings,
        clauses=clauses_of(own.recharge, own.recharge_up_to),
    )  # fmt: skip


def _worth(order: OrderState, one: Withdrawal) -> int:
    return sum(order.value(line, count) for line, count in one.accepted.items())
