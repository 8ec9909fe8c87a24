"""The course of a return case: when it begins, whether the goods came, and what ends it."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import add_working_days, day_of, lapses_at, rolled
from domain.facts import (
    InspectionCompleted, InvoiceIssued, ReturnAssessed, ReturnReceived, RmaIssued, RmaReceived,
    RmaRequested,
)  # fmt: skip
from domain.fields import RmaKind
from domain.policies.claims import (
    at_seller, case_kind, case_lines, charge_of, last_findings,
)  # fmt: skip
from domain.policies.discretion import Question, choice
from domain.state import OrderState, Rma, Told
from domain.terms import Terms
from domain.terms.rma import RmaFeeTerms, RmaTerms
from domain.terms.values import Term

READS = (InvoiceIssued, ReturnAssessed)
PACKED_POORLY = ("damaged", "envelope")
DAMAGED = ("physical_damage", "liquid_damage", "mishandled")


@dataclass(slots=True, frozen=True)
class Ending:
    """Why a case ended without the goods being dealt with."""

    reason: str
    clauses: tuple[str, ...]
    readings: tuple[tuple[str, str], ...] = ()


def begun_at(own: RmaTerms, rma: Rma) -> datetime | None:
    """The event from which the goods have their time to arrive."""
    issued, requested = rma.first(RmaIssued), rma.first(RmaRequested)
    start = own.arrival_from.value if own.arrival_from else None
    first = requested or issued if start == "rma_requested" else issued
    if start is None:
        first = issued or requested
    return first.at if first else None


def arrival_due(order: OrderState, terms: Terms, rma: Rma) -> date | None:
    """The day by which the goods of a case must be with the seller; a consumer's can move."""
    own = terms.rma
    start = begun_at(own, rma) if own else None
    if own is None or own.arrival is None or start is None:
        return None
    due = own.arrival.value.after(day_of(start))
    return rolled(due) if order.consumer else due


def arrived_at(order: OrderState, rma: Rma) -> datetime | None:
    """When the goods came to the seller; what was examined there has come."""
    times = [told.at for told in (*at_seller(order, rma), *rma.all(InspectionCompleted))]
    return min(times, default=None)


def has_expired(order: OrderState, terms: Terms, rma: Rma, now: datetime) -> bool:
    """Whether the goods of a case did not come in their time."""
    due, at = arrival_due(order, terms, rma), arrived_at(order, rma)
    return due is not None and now >= lapses_at(due) and (at is None or at >= lapses_at(due))


def window(order: OrderState, days: int) -> date | None:
    """The last day to apply for a return: working days from the latest invoice."""
    return max((due for _, due in windows(order, days)), default=None)


def windows(order: OrderState, days: int) -> list[tuple[Told[InvoiceIssued], date]]:
    """For each invoice the last day to apply for a return of what stands on it."""
    issued = [one.last(InvoiceIssued) for one in order.invoices.values()]
    found = []
    for told in issued:
        if told is not None:
            due = add_working_days(day_of(told.at), days)
            found.append((told, rolled(due) if order.consumer else due))
    return found


def window_of(own: RmaTerms, kind: RmaKind | None) -> Term[int] | None:
    """The time in which a return of this kind is applied for."""
    return {"doa": own.doa, "sales_return": own.sales_return}.get(kind or "")


def applied(rma: Rma) -> Told[RmaRequested] | Told[RmaIssued] | None:
    """The application for a number, or the number where nobody said that it was applied for."""
    return rma.first(RmaRequested) or rma.first(RmaIssued)


def late_application(order: OrderState, own: RmaTerms, rma: Rma) -> Term[int] | None:
    """The window that a case was applied for too late for, whatever its number was given for."""
    asked = applied(rma)
    days = window_of(own, asked.fact.kind or case_kind(rma)) if asked else None
    due = window(order, days.value) if days else None
    return days if asked and due and asked.at >= lapses_at(due) else None


def ending(order: OrderState, terms: Terms, rma: Rma, now: datetime) -> Ending | None:
    """What ended a case before its goods were dealt with, if anything did."""
    own = terms.rma
    if own is not None and own.arrival is not None and has_expired(order, terms, rma, now):
        lies_at_agent = rma.last(RmaReceived) is not None and not at_seller(order, rma)
        agent = own.agent.clauses if own.agent and own.agent.value and lies_at_agent else ()
        by = own.arrival_from.readings if own.arrival_from else ()
        return Ending("expired", (*own.arrival.clauses, *agent), by)
    for told in last_findings(order, rma).values():
        charge = charge_of(terms, told.fact.result)
        if charge is not None and charge.value.unhandled:
            return Ending("unhandled", charge.clauses, charge.readings)
    return disapproval(order, terms, rma)


def approval(order: OrderState, rma: Rma) -> bool | None:
    """Whether the goods of a case were approved by their last assessment; None without one."""
    received, lines = at_seller(order, rma), set(case_lines(order, rma))
    assessed = [
        told.fact.approved
        for told in order.all(ReturnAssessed)
        if received and told.at >= received[0].at
        and lines & set(order.named(told.fact.lines))
    ]  # fmt: skip
    return assessed[-1] if assessed else None


def scrapped(order: OrderState, terms: Terms, rma: Rma) -> Ending | None:
    """That the customer let the goods be scrapped instead of having them back."""
    own = terms.rma_fees
    if own is None or choice(order, fate(rma)) != "scrapped":
        return None
    end = disapproval(order, terms, rma)
    if end is not None and end.reason == "packaging_damage":
        return Ending("scrapped", own.scrapped_packaging.clauses)
    return Ending("scrapped", own.scrapping.clauses, own.scrapping.readings)


def fate(rma: Rma) -> Question:
    """What becomes of a return without a number; any that goes back can be scrapped instead."""
    return Question(
        about="return", choices=("handling", "not_approved_return", "scrapped"), subject=rma.id,
        elsewhere=("deduct", "waive"),
    )  # fmt: skip


def is_rejected(order: OrderState, terms: Terms, rma: Rma) -> bool:
    """Whether a sales return is not taken back, by its assessment, or until then as it came."""
    received, own = at_seller(order, rma), terms.seller_return
    if case_kind(rma) != "sales_return" or not received or own is None:
        return False
    approved = approval(order, rma)
    if approved is not None:
        return not approved
    last = received[-1].fact
    opened = isinstance(last, ReturnReceived) and last.seal_broken is True
    return opened or _is_incomplete(last)


def _is_incomplete(fact: RmaReceived | ReturnReceived) -> bool:
    """Whether goods came without all that belongs to them, or not in their own packaging."""
    repacked = isinstance(fact, ReturnReceived) and fact.original_packaging is False
    return repacked or fact.packaging in PACKED_POORLY or fact.complete is False


def disapproval(order: OrderState, terms: Terms, rma: Rma) -> Ending | None:
    """Why a return goes back without action; None while any of its goods is dealt with."""
    found = disapprovals(order, terms, rma)
    lines = tuple(last_findings(order, rma)) or case_lines(order, rma)
    if not found or any(line not in found for line in lines):
        return None
    return next(iter(found.values()))


def disapprovals(order: OrderState, terms: Terms, rma: Rma) -> dict[str, Ending]:
    """Line -> why it goes back without action under the list of return fees."""
    own = terms.rma_fees
    if own is None:
        return {}
    received = at_seller(order, rma)
    packed_poorly = any(told.fact.packaging in PACKED_POORLY for told in received)
    ends = {
        line: _unfit(own, told.fact.result, packed_poorly)
        for line, told in last_findings(order, rma).items()
    }
    found = {line: end for line, end in ends.items() if end is not None}
    incomplete = any(_is_incomplete(told.fact) for told in received)
    if case_kind(rma) == "doa" and incomplete and own.incomplete_doa.value == "not_approved":
        by = own.incomplete_doa
        rest = Ending("incomplete_doa", by.clauses, by.readings)
        found |= {line: rest for line in (*ends, *case_lines(order, rma)) if line not in found}
    return found


def _unfit(own: RmaFeeTerms, result: str, packed_poorly: bool) -> Ending | None:
    """Goods of somebody else, or damaged: on their way here by poor packaging, or otherwise."""
    if result == "not_bought_here":
        return Ending("not_bought_here", own.disapproved.clauses)
    if result == "physical_damage" and packed_poorly:
        by = own.packaging_damage
        return Ending("packaging_damage", by.clauses, by.readings)
    return Ending("damaged", own.disapproved.clauses) if result in DAMAGED else None
