"""What the law leaves of an order's outcomes, reckoned from law.md and FACTS.md alone.

It is simple and knows no policy: from the facts of an order and what stands of it, it says which
bound of mandatory law is passed. It demands too little rather than too much: a question that the
facts leave open is no breach.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from domain.facts import (
    CancellationRequested, Collected, ComplaintReported, DamageReported, Delivered,
    DiscrepancyReported, InvoiceIssued, LineStruck, OrderChanged, OrderPlaced, ParcelReturned,
    PaymentReceived, PriceChanged, PriceErrorFound, RemedyChosen, RescissionDeclared, Retracted,
    ReturnReceived, ReturnSent, Shipped, WithdrawalAssessed, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import AnyOutcome, Deadline, DecisionNeeded, Fee, Refund, Ruling
from domain.state import Told

REFERENCE = (
    (date(2014, 1, 1), "1"), (date(2015, 1, 1), "0"), (date(2016, 7, 1), "-0.5"),
    (date(2019, 7, 1), "0"), (date(2022, 7, 1), "0.5"), (date(2023, 1, 1), "2.5"),
    (date(2023, 7, 1), "3.5"), (date(2024, 1, 1), "4"), (date(2025, 1, 1), "3"),
    (date(2025, 7, 1), "2"),
)  # fmt: skip
"""The reference rate in per cent from each day on (law.md 4.1)."""
FEES_AFTER_WITHDRAWAL = ("unclaimed", "reship_freight", "handling", "sales_return", "cancellation")
"""What distansavtalslagen 2:14-15 leaves no room for."""
DEDUCTIONS = (
    "value_loss", "return_label", "return_pickup", "extra_delivery", "customs", "forwarding",
)  # fmt: skip
"""What may be taken off a refund: DAL 2:15, and the cost of the way back by DAL 2:13."""
OTHERWISE = (
    OrderChanged, PriceChanged, PriceErrorFound, LineStruck, RescissionDeclared,
    CancellationRequested, RemedyChosen,
)  # fmt: skip
"""Facts that change what goods cost, or by which the money comes back in another way."""


@dataclass(slots=True, frozen=True)
class Case:
    """An order as the oracle sees it: what was told and holds, and what stands of it."""

    placed: OrderPlaced
    told: tuple[Told[Any], ...]
    outcomes: tuple[AnyOutcome, ...]

    @property
    def contract_day(self) -> date:
        assert self.placed.placed_at is not None
        return day(self.placed.placed_at)

    @property
    def price(self) -> int:
        """Goods and their delivery as ordered, in öre as the order's prices are."""
        goods = sum(one.unit_price * one.quantity for one in self.placed.lines)
        return goods + (self.placed.shipping.price or 0)

    def facts(self, *kinds: type[Any]) -> list[Told[Any]]:
        return [one for one in self.told if isinstance(one.fact, kinds)]

    def standing(self, kind: type[Any], *names: str) -> list[Any]:
        return [
            one for one in self.outcomes
            if isinstance(one, kind) and (not names or one.kind in names)
        ]  # fmt: skip

    def priced(self, amount: int, vat: str | None) -> Fraction:
        """An amount as the order's prices are; every line is of 25 per cent."""
        own = "excluded" if self.placed.prices == "excluding_vat" else "included"
        told = vat or own
        if told == own:
            return Fraction(amount)
        return Fraction(amount) * (Fraction(5, 4) if told == "excluded" else Fraction(4, 5))

    @property
    def paid(self) -> Fraction:
        told = self.facts(PaymentReceived)
        return sum((self.priced(one.fact.amount, one.fact.vat) for one in told), Fraction(0))


def day(at: datetime) -> date:
    return at.astimezone(ZoneInfo("Europe/Stockholm")).date()


def breaches(case: Case) -> list[str]:
    """Every bound that what stands passes; empty where the law is kept."""
    found = [*_money_back(case), *_left_to_a_person(case)]
    if case.placed.customer.kind == "consumer":
        found += [*_costs_of_collection(case), *_late_interest(case), *_after_withdrawal(case)]
        found += [*_periods(case), *_agreed(case)]
    return found


# -- everybody ------------------------------------------------------------------------------------


def _money_back(case: Case) -> Iterator[str]:
    """No more comes back than was paid, apart from freight that the customer laid out.

    A credit is set off against what is still owed, so of an order that is not paid yet it comes to
    no more than its price.
    """
    refunds = [one for one in case.standing(Refund) if one.kind != "freight_reimbursement"]
    back = sum(one.amount for one in refunds if one.means != "credit" and one.kind != "credit")
    if back > case.paid + 1:
        yield f"{back} back, {case.paid} paid"
    if not case.facts(OrderChanged, PriceChanged):
        whole, most = sum(one.amount for one in refunds), max(case.paid, Fraction(case.price))
        if whole > most + 1:
            yield f"{whole} back and credited, {most} is the most"
    laid_out = sum(
        getattr(one.fact, name, None) or 0
        for one in case.told
        for name in ("label_cost", "freight_paid_by_customer", "freight")
    )
    freight = sum(one.amount for one in case.standing(Refund, "freight_reimbursement"))
    if freight > laid_out:
        yield f"{freight} of freight back, {laid_out} laid out"


def _left_to_a_person(case: Case) -> Iterator[str]:
    """What a person must decide first is charged nothing yet.

    A fee may stand beside a question of its kind about further costs, which other clauses give.
    """
    asked = case.standing(DecisionNeeded)
    for fee in case.standing(Fee):
        for one in asked:
            same = (one.about, one.subject) == (fee.kind, fee.subject)
            if same and set(one.because.clauses) & set(fee.because.clauses):
                yield f"{fee.kind} is charged and asked about"


# -- consumers ------------------------------------------------------------------------------------


def _costs_of_collection(case: Case) -> Iterator[str]:
    """Lag 1981:739 4 § (before 2013-03-16 förordning 1981:1057), once an invoice; never 4 a §."""
    new = case.contract_day >= date(2013, 3, 16)
    most = {"reminder": 6000 if new else 5000, "collection": 18000 if new else 16000}
    charged: dict[tuple[str, str | None], int] = defaultdict(int)
    for fee in case.standing(Fee):
        charged[(fee.kind, fee.invoice)] += fee.amount
    for (kind, invoice), amount in charged.items():
        if amount > most.get(kind, amount):
            yield f"{kind} of {invoice}: {amount} is more than {most[kind]}"
        if kind == "late_payment":
            yield f"{amount} for late payment is for companies only"


def _late_interest(case: Case) -> Iterator[str]:
    """KKrL 19 a §, from 2025-03-01: the reference rate of each half-year and 20 points."""
    for fee in case.standing(Fee, "late_interest"):
        due = next(
            (one.due for one in case.standing(Deadline, "payment") if one.invoice == fee.invoice),
            None,
        )
        payments = case.facts(PaymentReceived)
        last = max((day(one.at) for one in payments), default=None)
        if due is None or last is None or last <= due:
            if fee.amount:
                yield f"interest of {fee.amount} without a late payment"
        elif case.contract_day >= date(2025, 3, 1):
            most = accrued(_asked(case, fee.invoice), _named(case, fee.invoice), due, last, 20)
            if fee.amount > most.to_integral_value(ROUND_CEILING):
                yield f"interest of {fee.amount} is more than {most}"


def _asked(case: Case, invoice: str | None) -> Decimal:
    """The most that an invoice can ask for, in öre with VAT."""
    issued = [one.fact for one in case.facts(InvoiceIssued) if one.fact.invoice == invoice]
    bare = case.placed.prices == "excluding_vat"
    return max(
        one.amount * (Decimal("1.25") if one.vat == "excluded" or (bare and not one.vat) else 1)
        for one in issued
    ) * Decimal(1)


def _named(case: Case, invoice: str | None) -> list[tuple[date, Decimal]]:
    """Payments that name the invoice, as little as they can come to."""
    return [
        (day(one.at), Decimal(one.fact.amount))
        for one in case.facts(PaymentReceived)
        if one.fact.invoice == invoice
    ]


def accrued(
    amount: Decimal, payments: list[tuple[date, Decimal]], due: date, last: date, points: int
) -> Decimal:
    """Interest in öre, day by day from the day after `due` to `last`, at reference and points.

    What is paid on a day still bears interest for that day.
    """
    total, today = Decimal(0), due + timedelta(days=1)
    while today <= last:
        balance = amount - sum(paid for on, paid in payments if on < today)
        rate = next(Decimal(rate) for start, rate in reversed(REFERENCE) if start <= today) + points
        total += max(balance, Decimal(0)) * rate / 100 / 365
        today += timedelta(days=1)
    return total


def _after_withdrawal(case: Case) -> Iterator[str]:
    """DAL 2:10-15: no fee but the way back; all that was paid, in 14 days of the message."""
    notices = _in_time(case)
    withdrawn = {line for one in notices for line in _lines(case, one)}
    for fee in case.standing(Fee, *FEES_AFTER_WITHDRAWAL):
        of = _sent_in(case, fee.parcel) if fee.parcel else {fee.line} - {None}
        if of and of <= withdrawn:
            yield f"{fee.kind} of {fee.amount} for what was withdrawn"
    for refund in case.standing(Refund, "withdrawal"):
        cause = next((one for one in notices if one.id == refund.cause), None)
        if cause is not None:
            yield from _of_refund(case, cause, refund)
    if notices and not case.facts(*OTHERWISE):
        yield from _paid_back(case, notices, withdrawn)


def _in_time(case: Case) -> list[Told[WithdrawalNotified]]:
    """Notices that certainly count: of ordinary goods, none of them here for over 14 days."""
    if case.placed.channel == "in_person" or _refused(case):
        return []
    plain = {one.line for one in case.placed.lines if not one.traits and one.line != "3"}
    first = {day(one.at) for one in case.facts(Delivered, Collected)}
    refused = any(not one.fact.accepted for one in case.facts(WithdrawalAssessed))
    return [
        one for one in case.facts(WithdrawalNotified)
        if not refused
        and _lines(case, one) <= plain
        and one.fact.quantity is None
        and all(day(one.at) <= came + timedelta(days=14) for came in first)
    ]  # fmt: skip


def _refused(case: Case) -> bool:
    return any(one.about == "order" and one.decision != "accepted" for one in case.standing(Ruling))


def _lines(case: Case, notice: Told[WithdrawalNotified]) -> set[str]:
    known = {one.line for one in case.placed.lines}
    return known if notice.fact.lines is None else known & set(notice.fact.lines)


def _sent_in(case: Case, parcel: str) -> set[str]:
    """The lines of a parcel; all of the order's where it was not said."""
    known, found = {one.line for one in case.placed.lines}, set()
    for one in case.facts(Shipped, Collected, Delivered):
        if one.fact.parcel == parcel:
            found |= known if one.fact.lines is None else set(one.fact.lines)
    return found


def _of_refund(case: Case, notice: Told[WithdrawalNotified], refund: Refund) -> Iterator[str]:
    for label, amount in refund.breakdown:
        if amount < 0 and label not in (*DEDUCTIONS, "unpaid"):
            yield f"{label} of {amount} is no deduction from a withdrawal's refund"
        if amount < 0 and label == "value_loss" and not case.placed.terms_informed:
            yield "a loss of value is set off against a consumer who was not informed"
    released = [
        day(one.at) for one in case.facts(ReturnReceived, ReturnSent, ParcelReturned)
        if one.at > notice.at
    ]  # fmt: skip
    last = max([day(notice.at) + timedelta(days=14), *released])
    if not refund.withheld and (refund.due is None or refund.due > last):
        yield f"the refund of {notice.id} is due on {refund.due}, not by {last}"


def _paid_back(
    case: Case, notices: list[Told[WithdrawalNotified]], withdrawn: set[str]
) -> Iterator[str]:
    """What was paid for goods that went back, and for their delivery where all did."""
    value = {one.line: one.unit_price * one.quantity for one in case.placed.lines}
    freight = case.placed.shipping.price or 0
    kept = sum(price for line, price in value.items() if line not in withdrawn)
    whole = any(_lines(case, one) == set(value) for one in notices)
    owed = min(case.paid, case.price) - kept - (0 if whole else freight)
    refunds = case.standing(Refund)
    taken_off = sum(
        -amount for one in refunds for label, amount in one.breakdown
        if amount < 0 and label in DEDUCTIONS
    )  # fmt: skip
    if not refunds:  # a refund that comes to nothing is none
        costs = ("customs_cost", "forwarding_cost")
        returned = [one.fact for one in case.facts(ReturnReceived)]
        taken_off = sum(getattr(one, cost) or 0 for one in returned for cost in costs)
    back = sum(one.amount for one in refunds)
    if back + taken_off < owed - 1:
        yield f"{back} back and {taken_off} taken off, {owed} was paid for what was withdrawn"


def _periods(case: Case) -> Iterator[str]:
    """KKL 4:14, 4:17, 5:2; before 2022-05-01 KKL90 20 a, 23 §§."""
    presumed = 24 if case.contract_day >= date(2022, 5, 1) else 6
    for kind, months in (("complaint_period", 36), ("presumption", presumed)):
        for period in case.standing(Deadline, kind):
            came = [
                day(one.at) for one in case.facts(Delivered, Collected)
                if (one.fact.parcel or "") == (period.parcel or "")
            ]  # fmt: skip
            least = min(came) + relativedelta(months=months)
            if period.due < least:
                yield f"{kind} ends on {period.due}, not on {least}"
    told = {one.id: one for one in case.told}
    for notice in case.standing(Deadline, "complaint_notice"):
        about = told.get(notice.cause or "")
        if about is None:
            continue
        noticed = [one.fact.found_at for one in case.facts(ComplaintReported) if one.fact.found_at]
        if isinstance(about.fact, (DamageReported, DiscrepancyReported)):
            noticed += [one.at for one in case.facts(Delivered, Collected)]  # seen on arrival
        least = day(min([about.at, *noticed])) + relativedelta(months=2)
        if notice.due < least:
            yield f"complaint_notice ends on {notice.due}, not on {least}"


def _agreed(case: Case) -> Iterator[str]:
    """KKL 7:7: a sum for who leaves the sale must have been agreed, so a clause names it."""
    for fee in case.standing(Fee):
        if not fee.because.clauses:
            yield f"{fee.kind} of {fee.amount} names no ground"


def case_of(placed: OrderPlaced, told: list[Told[Any]], outcomes: list[AnyOutcome]) -> Case:
    """The case without the facts that were taken back (by a retraction of their own source)."""
    back = {one.fact.fact for one in told if isinstance(one.fact, Retracted)}
    holds = [one for one in told if one.id not in back and not isinstance(one.fact, Retracted)]
    return Case(placed, tuple(sorted(holds, key=lambda one: one.at)), tuple(outcomes))
