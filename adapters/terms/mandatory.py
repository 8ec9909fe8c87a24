"""What a terms file says that falls to mandatory law where the customer is a consumer.

Such terms are no fault, as they bind companies and the rules leave them aside for consumers: notes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from domain.errors import TermsError
from domain.money import kronor
from domain.terms import Law, Terms
from domain.terms.complaint import SaleLaw, Span
from domain.terms.invoice import InvoiceTerms
from domain.terms.values import Term

MONTHS = 12
INVOICES = ("invoice", "klarna_invoice", "klarna_account", "payson_invoice", "part_payment")
CREDITS = ("klarna_account_credit", "payson_invoice_credit")
AMOUNTS = ("reminder", "collection")
Bound = Callable[[Law, Terms, date], Term[Any] | None]


@dataclass(slots=True, frozen=True)
class Rule:
    """A key of the terms, and the statute that it must reach (`least`) or keep to (`most`)."""

    section: str
    key: str
    law: Bound
    direction: Literal["least", "most"]


@dataclass(slots=True, frozen=True, order=True)
class Worse:
    """A value of the terms that a statute sets aside for consumers, and that statute's own."""

    key: str
    value: str
    clauses: tuple[str, ...]
    law: str
    statutes: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"= {self.value} is worse than the statute's {self.law} for a consumer: without effect "
            f"there ({', '.join(self.statutes)})"
        )


def _sale(law: Law, terms: Terms) -> SaleLaw:
    """The sale act that tests the complaint terms."""
    chosen = terms.complaint.consumer_law if terms.complaint else None
    return law.danish_sale if chosen is not None and chosen.value == "danish" else law.sale


def _ceiling(law: Law, _terms: Terms, day: date) -> Term[Decimal] | None:
    """The highest rate a year: so many points above the reference rate of the day (KKrL 19 a)."""
    points = law.payment.rate_ceiling
    if points is None:
        return None
    return Term(points.value + law.payment.reference.on(day), points.clauses)


RULES = (
    Rule("withdrawal", "days", lambda law, _terms, _day: law.withdrawal.days, "least"),
    Rule("returns", "days", lambda law, _terms, _day: law.withdrawal.return_days, "least"),
    Rule("returns", "refund_days", lambda law, _terms, _day: law.withdrawal.refund_days, "most"),
    Rule("complaint", "period", lambda law, terms, _day: _sale(law, terms).complaint, "least"),
    Rule("complaint", "notice", lambda law, terms, _day: _sale(law, terms).notice, "least"),
    Rule("complaint", "presumption", lambda law, terms, _: _sale(law, terms).presumption, "least"),
    *(Rule(one, "reminder", lambda law, _terms, _day: law.payment.reminder, "most")
      for one in INVOICES),
    *(Rule(one, "collection", lambda law, _terms, _day: law.payment.collection, "most")
      for one in INVOICES),
    *(Rule(one, "late_interest", _ceiling, "most") for one in INVOICES),
    *(Rule(one, "rate", _ceiling, "most") for one in CREDITS),
)  # fmt: skip
"""Every key of the terms that a statute bounds for consumers by a figure."""


def worse(terms: Terms, day: date) -> Iterator[Worse]:
    """The values of the terms that a statute sets aside for consumers, under the law of a day."""
    for rule in RULES:
        own = getattr(terms, rule.section)
        said = None if own is None else getattr(own, rule.key)
        try:
            law = rule.law(terms.law, terms, day)
        except TermsError:
            continue  # a day of which the reference rate is not known
        if said is None or law is None:
            continue
        monthly = _is_monthly(own, rule.key)
        printed = _measured(said.value * MONTHS if monthly else said.value, day)
        bound = _measured(law.value, day)
        if printed < bound if rule.direction == "least" else printed > bound:
            yield Worse(
                f"{rule.section}.{rule.key}",
                _worded(rule.key, said.value) + (" a month" if monthly else ""), said.clauses,
                _worded(rule.key, law.value) + (" a year" if monthly else ""), law.clauses,
            )  # fmt: skip


def _is_monthly(own: Any, key: str) -> bool:
    """Whether a figure is interest that is printed a month; a statute's is by the year."""
    per = own.interest_per if isinstance(own, InvoiceTerms) and key == "late_interest" else None
    return per is not None and per.value == "month"


def _measured(value: Any, day: date) -> Any:
    """What of a value is compared; a period by the day on which it ends."""
    return value.after(day) if isinstance(value, Span) else value


def _worded(key: str, value: Any) -> str:
    if isinstance(value, Span):
        parts = (f"{value.months} months", value.months), (f"{value.days} days", value.days)
        return " ".join(words for words, count in parts if count) or "0 days"
    return kronor(value) if key in AMOUNTS else str(value)
