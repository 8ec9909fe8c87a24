"""Rescission for delay or force majeure: the ruling, what is paid back, and what a company owes."""

from datetime import date, datetime

from domain.calendar import add_days, day_of, start_of
from domain.facts import ParcelReturned, RefundPaid, ReturnReceived, ReturnSent
from domain.outcomes import Because, Deadline, Fee, Owed, Refund, Ruling, standing
from domain.policies import rescission, shares
from domain.policies.cancelled import compensation
from domain.policies.discretion import ask, decided, refuse
from domain.policies.grounds import clauses_of, distinct, readings_of, value_of
from domain.policies.hindrance import events
from domain.policies.policy import Policy
from domain.policies.leaving import gone_at, leaving
from domain.policies.placing import order_stands
from domain.policies.promise import delivery_state, limit, received_at
from domain.policies.rescission import (
    BY_A_PERSON, Rescission, agreed_essential, essence, right_from, right_of, statute,
)  # fmt: skip
from domain.policies.shares import Share, share_of
from domain.state import OrderState, Told
from domain.terms import Terms


def delay(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """From when a customer may rescind, and every declaration with what follows from it."""
    owed = Owed()
    _opens(owed, order, terms, now)
    for one in leaving(order, terms).rescissions:
        _ruling(owed, order, one)
        if one.verdict.decision == "accepted":
            share = share_of(order, terms, "rescinded", one.told)
            if share is not None and share.paid > 0:
                _refund(owed, order, terms, one, share, now)
            _compensation(owed, order, terms, one)
    return owed


def _opens(owed: Owed, order: OrderState, terms: Terms, now: datetime) -> None:
    """The day from which the passing of the time, or an agreed importance of it, is enough."""
    own, due = terms.delay, limit(order, terms)
    right = right_of(order, own)
    if due is None or order_stands(order, terms).decision == "refused":
        return
    if delivery_state(order, terms, due.due, now, gone_at(order, terms)) in (None, "met"):
        return
    by_time = right is not None and right.value == "time_passed" and due.basis != "statute"
    if not by_time and not agreed_essential(order):
        return
    day, meanwhile = right_from(order, own, due), terms.force_majeure
    if meanwhile and value_of(meanwhile.with_delay, "both_rights") == "two_months_only":
        opened = start_of(day)
        if any(event.lasts_at(opened) for event in events(order)):
            return
    because = Because(
        rule="rescission.from",
        clauses=distinct(clauses_of(right) or statute(order, terms), due.clauses),
        inputs={"from": day.isoformat(), "delivery": due.due.isoformat()},
        readings=distinct(readings_of(right), due.readings),
        statutes=due.statutes,
        beaten=due.beaten,
    )
    state = standing(day, None, now)
    owed.add(
        Deadline(kind="rescission_from", due=day, party="customer", state=state, because=because)
    )


def _ruling(owed: Owed, order: OrderState, one: Rescission) -> None:
    verdict, told = one.verdict, one.told
    because = Because(
        rule=f"rescission.{verdict.reason}",
        clauses=verdict.clauses,
        inputs={
            "declared": told.at.isoformat(),
            "lines": ", ".join(verdict.lines),
            "by": told.fact.by,
        },
        readings=verdict.readings,
        statutes=verdict.statutes,
        beaten=verdict.beaten,
    )
    reasons = () if verdict.decision == "accepted" else (verdict.reason,)
    owed.add(
        Ruling(
            about="rescission", decision=verdict.decision, reasons=reasons, cause=told.id,
            because=because,
        )
    )  # fmt: skip
    if verdict.decision == "pending" or verdict.reason in BY_A_PERSON:
        refuse(owed, order, essence(told), because)
    if verdict.decision == "pending":
        ask(owed, essence(told), because, cause=told.id)


# -- what is paid back ----------------------------------------------------------------------------


def _refund(
    owed: Owed, order: OrderState, terms: Terms, one: Rescission, share: Share, now: datetime
) -> None:
    """What was paid for the lines; the delivery price too when nothing of the order is kept."""
    at, lines = one.told.at, one.verdict.lines
    parts, amount = share.parts, share.paid
    due, clauses, readings = _due(order, terms, one)
    withheld, released = _withheld(order, terms, one)
    if due is not None and released is not None:
        due = max(due, day_of(released))
    law = terms.law.delay.consumer_refund if order.consumer else terms.law.delay.company_refund
    because = Because(
        rule="rescission.refund",
        clauses=distinct(one.verdict.clauses, clauses, clauses_of(law)),
        inputs={"declared": at.isoformat(), "lines": ", ".join(lines), "paid": order.paid},
        steps=parts,
        readings=distinct(one.verdict.readings, readings),
        statutes=one.verdict.statutes,
        beaten=one.verdict.beaten,
    )
    refund = Refund(
        kind="delay", amount=amount, breakdown=parts, due=due, cause=one.told.id,
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


def _due(
    order: OrderState, terms: Terms, one: Rescission
) -> tuple[date | None, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The day of the refund where the terms name one; the statutes only say without delay."""
    own, due = terms.delay, limit(order, terms)
    if own is None or own.refund_days is None or right_of(order, own) is None or due is None:
        return None, (), ()
    start, readings = day_of(one.told.at), own.refund_days.readings
    if own.refund_from is not None:
        readings = (*readings, *own.refund_from.readings)
        start = due.due if own.refund_from.value == "delivery_day" else start
    return add_days(start, own.refund_days.value), own.refund_days.clauses, readings


def _withheld(order: OrderState, terms: Terms, one: Rescission) -> tuple[bool, datetime | None]:
    """Whether the customer has goods that came after all, and when they or proof were back."""
    got = [received_at(order, terms, line) for line in one.verdict.lines]
    came = [at for at in got if at is not None]
    if not came:
        return False, None
    sent = [told for told in order.all(ReturnSent) if told.fact.proof]
    back: list[Told[ReturnReceived] | Told[ReturnSent] | Told[ParcelReturned]] = [
        *sent, *order.all(ReturnReceived),
        *(told for parcel in order.parcels.values() for told in parcel.all(ParcelReturned)),
    ]  # fmt: skip
    released = min((told.at for told in back if told.at >= max(came)), default=None)
    return released is None, released


def paid_at(order: OrderState, refund: Refund) -> datetime | None:
    """When the refund had been paid in whole, by payments that name it or none."""
    total, names = 0, (None, refund.kind, f"{refund.kind}:{refund.subject}")
    for told in order.all(RefundPaid):
        total += told.fact.amount if told.fact.refund in names else 0
        if total >= refund.amount:
            return told.at
    return None


# -- what a company owes for a specially made item ------------------------------------------------


def _compensation(owed: Owed, order: OrderState, terms: Terms, one: Rescission) -> None:
    """Costs so far and lost profit, in an amount that a person enters.

    Owed where the clause is read so for late items too; an item that is left for no other reason
    than that it can still be cancelled follows the rule on cancellations.
    """
    cancelling = one.verdict.reason == "not_effectuated"
    section = terms.cancellation if cancelling else terms.delay
    made = any("made_to_order" in order.lines[line].traits for line in one.verdict.lines)
    if section is None or order.consumer or not made:
        return
    own = section.special_item
    if own is None or own.value == "free":
        return
    because = Because(
        rule="rescission.compensation",
        clauses=own.clauses,
        inputs={"lines": ", ".join(one.verdict.lines)},
        readings=own.readings,
    )
    question = compensation(one.told)
    told = decided(order, question)
    refuse(owed, order, question, because)
    if told is None:
        ask(owed, question, because, cause=one.told.id)
    elif amount := question.amount(told):
        owed.add(
            Fee(kind="cancellation", amount=amount, vat="none", cause=one.told.id, because=because)
        )


DELAY = Policy(
    "delay",
    delay,
    reads=(*rescission.READS, *shares.READS, RefundPaid, ReturnReceived, ReturnSent),
    sentences={
        "rescission.from": (
            "Delivery is due by {delivery}; from {from} the purchase may be rescinded.",
            "Leverans ska ske senast {delivery}; från {from} får köpet hävas.",
        ),
        "rescission.time_passed": (
            "The time of delivery had passed when the purchase was rescinded on {declared}.",
            "Leveranstiden hade gått ut när köpet hävdes {declared}.",
        ),
        "rescission.essential": (
            "The goods were late on {declared} and their time was agreed to be essential.",
            "Varorna var sena {declared} och leveranstiden var avtalad som väsentlig.",
        ),
        "rescission.not_effectuated": (
            "The goods were late on {declared} and the order had not been effectuated.",
            "Varorna var sena {declared} och beställningen hade inte effektuerats.",
        ),
        "rescission.event_lasted": (
            "The event beyond control had lasted too long on {declared}.",
            "Händelsen utanför kontroll hade varat för länge {declared}.",
        ),
        "rescission.judgement": (
            "Whether the delay is essential or unreasonable is a person's judgement.",
            "Om förseningen är väsentlig eller oskälig avgörs av en människa.",
        ),
        "rescission.found_essential": (
            "Staff found that the delay entitles to rescission.",
            "Personalen fann att förseningen ger rätt att häva.",
        ),
        "rescission.found_unessential": (
            "Staff found that the delay does not entitle to rescission.",
            "Personalen fann att förseningen inte ger rätt att häva.",
        ),
        "rescission.nothing_awaited": (
            "Nothing of what was rescinded on {declared} was still to be delivered.",
            "Inget av det som hävdes {declared} återstod att leverera.",
        ),
        "rescission.not_late": (
            "The goods were not late yet on {declared}.",
            "Varorna var ännu inte sena {declared}.",
        ),
        "rescission.no_time_set": (
            "No time of delivery was set, so none had passed on {declared}.",
            "Ingen leveranstid var bestämd, så ingen hade gått ut {declared}.",
        ),
        "rescission.customers_delay": (
            "The goods could be had in time; the delay is the customer's own.",
            "Varorna fanns att få i tid; dröjsmålet är kundens eget.",
        ),
        "rescission.not_essential": (
            "The delay was not shown to be of essential importance.",
            "Förseningen har inte visats vara av väsentlig betydelse.",
        ),
        "rescission.effectuated": (
            "The order was already effectuated on {declared}.",
            "Beställningen var redan effektuerad {declared}.",
        ),
        "rescission.web_order": (
            "An order in the web shop cannot be ended.",
            "En beställning i webbutiken kan inte avslutas.",
        ),
        "rescission.event_lasts": (
            "While the event beyond control lasts, delay gives no right of its own.",
            "Medan händelsen utanför kontroll varar ger dröjsmål ingen egen rätt.",
        ),
        "rescission.event_not_lasted": (
            "No event beyond control had lasted long enough on {declared}.",
            "Ingen händelse utanför kontroll hade varat länge nog {declared}.",
        ),
        "rescission.released": (
            "An event beyond control lasted on {declared}: the {by} need not perform.",
            "En händelse utanför kontroll varade {declared}: parten ({by}) behöver inte prestera.",
        ),
        "rescission.not_released": (
            "An event beyond control releases the seller, not the customer.",
            "En händelse utanför kontroll befriar säljaren, inte kunden.",
        ),
        "rescission.event_over": (
            "No event beyond control lasted on {declared}.",
            "Ingen händelse utanför kontroll varade {declared}.",
        ),
        "rescission.no_such_right": (
            "The terms give no right to rescind for an event beyond control.",
            "Villkoren ger ingen rätt att häva för en händelse utanför kontroll.",
        ),
        "rescission.refund": (
            "What was paid for {lines} goes back after the rescission on {declared}.",
            "Det som betalats för {lines} återbetalas efter hävningen {declared}.",
        ),
        "rescission.compensation": (
            "A company that leaves the specially made {lines} pays costs so far and lost profit.",
            "Ett företag som lämnar den specialtillverkade {lines} ersätter kostnader och vinst.",
        ),
    },
)
