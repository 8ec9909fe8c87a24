"""What terms and statutes say about complaints of goods that proved faulty."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.calendar import add_days, add_months
from domain.terms.values import Days, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class Span:
    """A period of months and days, as terms print it."""

    months: Days = 0
    days: Days = 0

    def after(self, day: date) -> date:
        """The last day of the period that begins with `day` as day 0."""
        return add_days(add_months(day, self.months), self.days)


@dataclass(slots=True, frozen=True, kw_only=True)
class ComplaintTerms:
    """For how long goods can be complained of, how soon, and what a justified complaint gives.

    `period` and `presumption` are a consumer's and run from `period_from` (silent: delivery);
    `period_business` is a company's, or points at the statute, `presumption_business` its
    presumption. `notice` runs from noticing the fault, `notice_business` too; `late_notice` is what
    a later notice leads to (silent: a person decides). `evidence` are the things of which one must
    be shown before the goods are examined; with `described` the fault must be told in a way that
    lets it be understood. `consumer_law` is the country whose law tests the terms.
    `packaging` says whose complaint is sent back unhandled when its outer packaging is no good.
    `handling` is the time in which the seller means to be done. `remedy` is what a justified
    complaint gives where nobody chose. `denial` and `acceptance` are the words by which a complaint
    is denied or approved.
    `freight` is when a consumer's way to the seller is paid back, `freight_business` a company's,
    `freight_share` how much of it where only some lines were faulty. `outward_freight` says
    whether the price of delivery goes back with a whole order.
    """

    period: Term[Span] | None
    period_from: Term[Literal["delivery", "purchase"]] | None
    period_business: Term[Span | Literal["statutory"]] | None
    presumption: Term[Span] | None
    presumption_business: Term[Span] | None
    notice: Term[Span] | None
    notice_business: Term[Span] | None
    late_notice: Term[Literal["staff_decides", "refused"]] | None
    evidence: Term[tuple[str, ...]] | None
    described: Term[bool] | None
    consumer_law: Term[Literal["swedish", "danish"]] | None
    packaging: Term[Literal["consumer_handled", "returned_for_all"]] | None
    handling: Term[Span] | None
    remedy: Term[Literal["new_goods", "seller_chooses"]] | None
    denial: Term[bool] | None
    acceptance: Term[bool] | None
    freight: Term[Literal["always", "refund_only"]] | None
    freight_business: Term[Literal["always", "refund_only", "customer"]] | None
    freight_share: Term[Literal["full", "per_line"]] | None
    outward_freight: Term[Literal["all_freight", "price_only"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class SaleLaw:
    """What no term may take from a consumer (KKL 2022:260, KKL 1990:932; Danish købeloven).

    `complaint` runs from receipt. Where `appearance` holds, the fault must appear in that time and
    may be notified within `notice` after it (KKL 4:14, 5:2); otherwise the complaint itself must
    come in it. A notice within `notice` of noticing is always in time. `presumption` is the time
    in which a fault is taken to be original. `free` makes remedies cost the consumer nothing, and
    `rescission` gives the price back. `company` gives a company its remedies (KL 30).
    """

    complaint: Term[Span]
    appearance: Term[bool]
    notice: Term[Span]
    presumption: Term[Span] | None
    free: Term[bool]
    rescission: Term[bool]
    company: Term[bool] | None
