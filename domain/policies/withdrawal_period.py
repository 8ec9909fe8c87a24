"""Until when an order can be withdrawn from, and until when it can be returned beyond that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from domain.calendar import add_days, add_years, day_of, lapses_at, rolled
from domain.facts import InTransit, LineStruck, ParcelReturned, Reshipped, ShipmentLost, Shipped
from domain.fields import PaymentMethod
from domain.outcomes import Effect
from domain.policies.grounds import Readings, clauses_of, readings_of, value_of
from domain.policies.report import lines_in
from domain.state import PARCEL_FACTS, OrderState, Parcel
from domain.terms import Terms
from domain.terms.values import Term

T = TypeVar("T")
READS = (*(kind for kind in PARCEL_FACTS if kind is not InTransit), LineStruck)


@dataclass(slots=True, frozen=True, kw_only=True)
class Period:
    """The last day for a message (None while the period has not begun) and what sets it.

    `regime_until` is the last day of the statutory fortnight within a longer one.
    """

    due: date | None
    start: datetime | None
    clauses: tuple[str, ...]
    readings: Readings = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()

    def holds(self, at: datetime) -> bool:
        """Whether a message of that moment is in time; before receipt it always is."""
        return self.due is None or at < lapses_at(self.due)


# -- from when ------------------------------------------------------------------------------------


def starts_at(order: OrderState, terms: Terms, gone: Mapping[str, datetime]) -> datetime | None:
    """When the last item came into the customer's hands; downloads alone count from the contract.

    Where the last item outstanding is struck instead, or left the order before it was received
    (`gone`: line -> when), the period begins with that unless the terms say otherwise.
    """
    absent = {line: at for line, at in gone.items() if received_at(order, line) is None}
    lines = [
        line for name, line in order.lines.items()
        if name not in order.struck and name not in absent
    ]  # fmt: skip
    goods = [line.line for line in lines if "digital" not in line.traits]
    if not goods:
        return (order.confirmed_at or order.placed_at) if lines else None
    times = []
    for line in goods:
        at = received_at(order, line)
        if at is None:
            return None
        times.append(at)
    own = terms.withdrawal.struck_last if terms.withdrawal else None
    if value_of(own, "strike") == "strike":
        times += [told.at for told in order.all(LineStruck) if told.fact.line in order.lines]
        times += absent.values()
    return max(times)


def received_at(order: OrderState, line: str) -> datetime | None:
    """When a line was received whole; parcels that were lost or came back are not awaited."""
    parcels = parcels_with(order, line)
    received = [told.at for one in parcels if (told := one.received) is not None]
    waiting = [one for one in parcels if one.received is None and not _gone(one)]
    return max(received) if received and not waiting else None


def parcels_with(order: OrderState, line: str) -> list[Parcel]:
    return [parcel for parcel in order.parcels.values() if line in lines_in(order, parcel)]


def _gone(parcel: Parcel) -> bool:
    """Whether it was lost or came back, and was not sent again."""
    gone = [told for told in (parcel.last(ShipmentLost), parcel.last(ParcelReturned)) if told]
    again = [told.at for told in (parcel.last(Shipped), parcel.last(Reshipped)) if told]
    return bool(gone) and max(told.at for told in gone) >= max(again, default=gone[0].at)


# -- until when -----------------------------------------------------------------------------------


def withdrawal_period(
    order: OrderState, terms: Terms, start: datetime | None, at: datetime, *, named: bool
) -> Period:
    """The period from `start` as it stands at `at`; `named`: of goods excluded by name.

    The seller's days or a campaign's, where they are longer than the statute's; a year more for a
    consumer who was not informed. The last day moves for a consumer (LT 2).
    """
    law, own = terms.law.withdrawal, terms.withdrawal
    days, sources, statutes, beaten = _days(order, terms, at, named=named)
    bound = law.days if order.consumer else None
    parts = (*sources, own.day_count if own else None, own.struck_last if own else None)
    parts = (*parts, terms.notice.scope if terms.notice else None)
    clauses, readings = clauses_of(*parts, bound), readings_of(*parts)
    if start is None:
        return Period(due=None, start=None, clauses=clauses, readings=readings, statutes=statutes)
    due = add_days(day_of(start), days)
    if order.consumer and not order.order.terms_informed:
        extension = own.extension if own else None
        if value_of(extension, "own_end") == "statutory_end":
            due = add_days(day_of(start), law.days.value)
        due = add_years(due, law.extension_years.value)
        clauses, readings = (*clauses, *clauses_of(extension)), (*readings, *readings_of(extension))
    if order.consumer and rolled(due) != due:
        due, clauses = rolled(due), (*clauses, *law.moved.clauses)
    return Period(
        due=due, start=start, clauses=tuple(dict.fromkeys(clauses)),
        readings=tuple(dict.fromkeys(readings)), statutes=statutes, beaten=beaten,
    )  # fmt: skip


def _days(
    order: OrderState, terms: Terms, at: datetime, *, named: bool
) -> tuple[
    int,
    list[Term[Any] | None],
    tuple[tuple[str, Effect], ...],
    tuple[tuple[str, str, str], ...],
]:
    """How many days, which terms say so, and whether the statute had to come in."""
    law, own = terms.law.withdrawal, terms.withdrawal
    least = law.days.value if order.consumer else 0
    printed = own.days if own else None
    days = value_of(printed, least)
    sources: list[Term[Any] | None] = [printed]
    promised = of_method(order, own.method_days) if own else None
    if own and promised is not None and promised >= days:
        days, sources = promised, [printed, own.method_days]
    if own and own.day_count and own.day_count.value == "day_one":
        days -= 1
    if named:
        days = min(days, least)
    extra = campaign_days(order, terms, at)
    if extra is not None and extra > days:
        days, sources = extra, [printed, own.campaign_end if own else None]
    elif extra is None and own and _ended(order, terms, at):
        sources = [printed, own.campaign_end]
    if days >= least:
        return days, sources, (), ()
    effect: Effect = "bounded" if printed else "applies"
    beaten = tuple((clause, str(days), law.days.clauses[0]) for clause in clauses_of(printed))
    return least, sources, tuple((one, effect) for one in law.days.clauses), beaten


def of_method(order: OrderState, words: Term[Mapping[PaymentMethod, T]] | None) -> T | None:
    """What words about ways to pay say of the order's."""
    payment = order.order.payment
    return words.value.get(payment.method) if words is not None and payment is not None else None


def campaign_days(order: OrderState, terms: Terms, at: datetime) -> int | None:
    """The days that the order's campaign promises, where they apply at `at`."""
    campaign = order.order.campaign
    if campaign is None or campaign.withdrawal_days is None:
        return None
    if campaign.until is not None and day_of(order.placed_at) > campaign.until:
        return None
    if _ended(order, terms, at):
        return None
    return campaign.withdrawal_days


def _ended(order: OrderState, terms: Terms, at: datetime) -> bool:
    """Whether the order's campaign is over, where its promise ends with it."""
    campaign, own = order.order.campaign, terms.withdrawal
    if campaign is None or campaign.until is None or campaign.withdrawal_days is None:
        return False
    outlives = value_of(own.campaign_end if own else None, "terms_at_order")
    return outlives == "plain_terms" and at >= lapses_at(campaign.until)


def open_purchase(order: OrderState, terms: Terms, start: datetime | None) -> Period | None:
    """The further right of return that the seller promises; None where there is none."""
    own = terms.withdrawal
    if own is None or own.open_purchase is None or not own.open_purchase.value:
        return None
    if not order.consumer and value_of(own.open_circle, "consumers_only") != "everyone":
        return None
    due = None if start is None else add_days(day_of(start), own.open_purchase.value)
    clauses = clauses_of(own.open_purchase)
    if due is not None and order.consumer and rolled(due) != due:
        due, clauses = rolled(due), (*clauses, *terms.law.withdrawal.moved.clauses)
    readings = readings_of(own.open_purchase, None if order.consumer else own.open_circle)
    return Period(due=due, start=start, clauses=clauses, readings=readings)
