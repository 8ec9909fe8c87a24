"""An order that is cancelled: the ruling, what goes back, and what the cancellation costs."""

from datetime import date, datetime, timedelta

from domain.calendar import add_days, day_of
from domain.facts import InvoiceIssued, RefundPaid
from domain.outcomes import Because, Deadline, Fee, Owed, Refund, Ruling, standing
from domain.policies import placing, seller_return, shares
from domain.policies.cancelled import Cancellation, agreement, compensation
from domain.policies.delay import paid_at
from domain.policies.discretion import ask, decided, refuse
from domain.policies.grounds import distinct
from domain.policies.leaving import leaving
from domain.policies.policy import Policy
from domain.policies.seller_return import valued, vat_of
from domain.policies.shares import Share, share_of
from domain.policies.whereabouts import nothing_to_wait_for_at, sent_at
from domain.policies.withdrawal_right import may_withdraw
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.cancellation import CancellationTerms


def cancellation(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """A ruling on each request, and what follows from those that were accepted."""
    owed, own = Owed(), terms.cancellation
    found = leaving(order, terms).cancellations
    if own is not None:
        _free_until(owed, order, own, found, now)
    for one in found:
        _ruling(owed, order, own, one)
        share = share_of(order, terms, "cancelled", one.told)
        if share is not None:
            if own is not None and own.costs and own.costs.value == "seller_return":
                _seller_return(owed, order, terms, one, share.departure.last)
            else:
                _refund(owed, order, terms, one, share, now)
            if own is not None:
                _compensation(owed, order, own, one)
    return owed


def _free_until(
    owed: Owed, order: OrderState, own: CancellationTerms, found: list[Cancellation], now: datetime
) -> None:
    """The last instant, where the terms count it from the order itself."""
    if own.until.value != "minutes" or own.minutes is None:
        return
    due = order.placed_at + timedelta(minutes=own.minutes.value)
    met_at = min((one.told.at for one in found if one.new), default=None)
    because = Because(
        rule="cancellation.free_until",
        clauses=distinct(own.until.clauses, own.minutes.clauses),
        inputs={"placed": order.placed_at.isoformat(), "due": due.isoformat()},
        readings=own.until.readings,
    )
    state = standing(due, met_at, now)
    owed.add(Deadline(kind="cancel_free", due=due, party="customer", state=state, because=because))


def _ruling(
    owed: Owed, order: OrderState, own: CancellationTerms | None, one: Cancellation
) -> None:
    because = Because(
        rule=f"cancellation.{one.answer.reason}",
        clauses=one.clauses,
        inputs={
            "requested": one.told.at.isoformat(),
            "lines": ", ".join(one.lines),
            "refused": ", ".join(one.refused),
        },
        readings=one.readings,
    )
    reasons = tuple(dict.fromkeys(
        answer.reason for answer in one.answers if answer.decision != "accepted"
    ))  # fmt: skip
    owed.add(
        Ruling(
            about="cancellation", decision=one.decision, reasons=reasons, cause=one.told.id,
            because=because,
        )
    )  # fmt: skip
    if own is not None and own.until.value == "agreement":
        refuse(owed, order, agreement(one.told), because)
    if one.answer.reason == "by_agreement":
        ask(owed, agreement(one.told), because, cause=one.told.id)


# -- what goes back -------------------------------------------------------------------------------


def _refund(
    owed: Owed, order: OrderState, terms: Terms, one: Cancellation, share: Share, now: datetime
) -> None:
    """What was paid for the lines; the delivery price too when nothing of the order is left.

    A consumer's message is a withdrawal as well, so the money is due as after one (DAL 2:14).
    """
    parts, amount = share.parts, share.paid
    if amount <= 0:
        return
    released = _released_at(order, one)
    due, law = _due(order, terms, one), terms.law.withdrawal.refund_days
    if due is not None and released is not None:
        due = max(due, day_of(released))
    withheld = released is None and any(sent_at(order, line) for line in one.new)
    because = Because(
        rule="cancellation.refund",
        clauses=distinct(one.clauses, law.clauses if due else ()),
        inputs={
            "requested": one.told.at.isoformat(),
            "lines": ", ".join(one.new),
            "paid": order.paid,
        },
        steps=parts,
        readings=one.readings,
        statutes=tuple((clause, "applies") for clause in law.clauses) if due else (),
    )
    refund = Refund(
        kind="cancellation", amount=amount, breakdown=parts, due=due, cause=one.told.id,
        withheld=withheld, withheld_until="goods_back" if withheld else None, because=because,
    )  # fmt: skip
    owed.add(refund)
    if due is not None and not withheld:
        owed.add(
            Deadline(
                kind="refund", due=due, party="seller", cause=one.told.id, amount=amount,
                state=standing(due, paid_at(order, refund), now), because=because,
            )
        )  # fmt: skip


def _due(order: OrderState, terms: Terms, one: Cancellation) -> date | None:
    """The statute's day; goods without the statutory right, and a company's, have none."""
    if not any(may_withdraw(order, terms, line) for line in one.new):
        return None
    return add_days(day_of(one.told.at), terms.law.withdrawal.refund_days.value)


def _released_at(order: OrderState, one: Cancellation) -> datetime | None:
    """When all that had been sent was back or shown to be on its way back."""
    sent = [line for line in one.new if sent_at(order, line)]
    ends = [nothing_to_wait_for_at(order, line) for line in sent]
    known = [at for at in ends if at is not None]
    return max(known) if known and len(known) == len(ends) else None


def _seller_return(
    owed: Owed, order: OrderState, terms: Terms, one: Cancellation, whole: bool
) -> None:
    """Charged as a seller return: taken from the credit, or a fee where nothing was asked yet."""
    own = terms.seller_return
    costs = terms.cancellation.costs if terms.cancellation else None
    if own is None or costs is None:
        return
    lines = tuple(one.new)
    pieces = {line: order.lines[line].quantity for line in lines}
    credit = valued(order, terms, own, pieces, None, order.freight if whole else 0)
    clauses = distinct(one.clauses, costs.clauses, credit.clauses)
    because = Because(
        rule="cancellation.seller_return",
        clauses=clauses,
        inputs={
            "requested": one.told.at.isoformat(),
            "lines": ", ".join(lines),
            "fee": credit.fee,
            **credit.figures,
        },
        readings=distinct(one.readings, credit.readings),
    )
    if order.paid <= 0 and not order.all(InvoiceIssued):
        owed.add(
            Fee(
                kind="sales_return", amount=credit.fee, vat=vat_of(order), cause=one.told.id,
                because=because,
            )
        )  # fmt: skip
        return
    fee = min(credit.fee, credit.goods)
    delivery = order.freight if whole else 0
    parts = (("goods", credit.goods - delivery), ("delivery", delivery), ("fee", -fee))
    amount = credit.goods - fee
    if amount:
        breakdown = tuple((name, part) for name, part in parts if part)
        owed.add(
            Refund(
                kind="credit", amount=amount, breakdown=breakdown, cause=one.told.id,
                because=because,
            )
        )  # fmt: skip


def _compensation(owed: Owed, order: OrderState, own: CancellationTerms, one: Cancellation) -> None:
    """Costs so far and lost profit for a company's goods made to order, as a person enters them."""
    term = own.special_item
    made = [line for line in one.new if "made_to_order" in order.lines[line].traits]
    if term is None or term.value == "free" or order.consumer or not made:
        return
    question = compensation(one.told)
    told = decided(order, question)
    charged = question.amount(told) if told is not None else 0
    because = Because(
        rule="cancellation.compensation",
        clauses=term.clauses,
        inputs={"lines": ", ".join(made)},
        readings=term.readings,
    )
    refuse(owed, order, question, because)
    if charged:
        owed.add(
            Fee(
                kind="cancellation", amount=charged, vat="none", cause=one.told.id,
                because=because,
            )
        )  # fmt: skip
    elif told is None:
        ask(owed, question, because, cause=one.told.id)


CANCELLATION = Policy(
    "cancellation",
    cancellation,
    reads=(
        *shares.READS,
        *seller_return.READS,
        *placing.STANDING_READS,
        RefundPaid,
    ),
    sentences={
        "cancellation.accepted": (
            "The cancellation of {lines} came in time.",
            "Avbeställningen av {lines} kom i tid.",
        ),
        "cancellation.late": (
            "The cancellation of {refused} came too late, on {requested}.",
            "Avbeställningen av {refused} kom för sent, {requested}.",
        ),
        "cancellation.no_clause": (
            "The terms know no cancellation; {refused} cannot be cancelled.",
            "Villkoren ger ingen avbeställning; {refused} kan inte avbeställas.",
        ),
        "cancellation.channel": (
            "A cancellation of {refused} must come by e-mail.",
            "En avbeställning av {refused} ska komma med e-post.",
        ),
        "cancellation.web_order": (
            "Orders of the web shop are binding; {refused} cannot be cancelled.",
            "Order i webbutiken är bindande; {refused} kan inte avbeställas.",
        ),
        "cancellation.made_to_order": (
            "{refused} is made to order and cannot be cancelled.",
            "{refused} är specialtillverkad och kan inte avbeställas.",
        ),
        "cancellation.unconfirmed": (
            "The cancellation counts only once the seller has confirmed it.",
            "Avbeställningen gäller först när säljaren har bekräftat den.",
        ),
        "cancellation.by_agreement": (
            "A person decides whether the cancellation is accepted.",
            "En människa avgör om avbeställningen godtas.",
        ),
        "cancellation.not_agreed": (
            "Staff did not accept the cancellation of {refused}.",
            "Personalen godtog inte avbeställningen av {refused}.",
        ),
        "cancellation.free_until": (
            "The order, placed at {placed}, can be cancelled until {due}.",
            "Ordern, lagd {placed}, kan avbeställas till och med {due}.",
        ),
        "cancellation.refund": (
            "What was paid for {lines} goes back after the cancellation.",
            "Det som betalats för {lines} går tillbaka efter avbeställningen.",
        ),
        "cancellation.seller_return": (
            "The cancellation of {lines} is charged as a seller return: {fee}.",
            "Avbeställningen av {lines} debiteras som säljretur: {fee}.",
        ),
        "cancellation.compensation": (
            "{lines} was made to order: costs so far and lost profit are owed.",
            "{lines} var specialtillverkad: nedlagda kostnader och utebliven vinst ersätts.",
        ),
    },
)
