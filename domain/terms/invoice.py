"""What terms and statutes say about invoices: when they are due, and what being late costs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from domain.terms.values import Days, Money, Rate, Series, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class InvoiceTerms:
    """An invoice of one payment method: its period and the price of lateness, outside VAT.

    `late_interest` is in per cent a year or a month, as `interest_per` says; `counting` says how
    parts of it are counted, `once` being a single charge however late. `rate_cap` is whether the
    statutory ceiling for consumers reaches this invoice (silent: it does). `reminder_amount` tells
    a printed fee from one that points at the statute or at a tariff. `compensation` says whether
    a reminder is owed beside the statutory compensation between companies (silent: above it only).
    Where an item that came back for a complaint writes the invoice off, `denied_complaint` says
    what becomes of it when the complaint is denied (silent: nothing is written off). `payee` is who
    is paid where the claim was handed on (silent: the seller). `not_before`: nothing is to be paid
    before there are goods (silent: the day counts from the invoice alone).
    """

    period_days: Term[Days] | None
    due: Term[Literal["after_invoice", "end_of_next_month"]]
    stated_due: Term[Literal["stands", "never_earlier"]]
    not_before: Term[Literal["delivery"]] | None
    late_interest: Term[Rate] | None
    interest_per: Term[Literal["year", "month"]] | None
    counting: Term[Literal["per_day", "started_months", "whole_months", "once"]] | None
    rate_cap: Term[Literal["capped", "uncapped"]] | None
    reminder: Term[Money] | None
    reminder_amount: Term[Literal["printed", "statutory", "tariff_needed"]] | None
    reminder_count: Term[Literal["once_per_invoice", "each_reminder"]] | None
    collection: Term[Money] | None
    compensation: Term[Literal["absorbed", "both"]] | None
    denied_complaint: Term[Literal["revived", "stays_written_off"]] | None
    payee: Term[str] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class Plan:
    """A credit period that can be chosen: its fees in öre, its interest in per cent a year.

    One with `order_value_over` is for order values over that limit only.
    """

    setup: Money
    statement: Money
    order_value_over: Money | None = None
    rate: Rate = Decimal(0)


@dataclass(slots=True, frozen=True, kw_only=True)
class Least:
    """The least that is paid a month: so much, or one of so many parts of the whole."""

    amount: Money
    parts: Annotated[int, Field(ge=1)]


@dataclass(slots=True, frozen=True, kw_only=True)
class Example:
    """A calculation that the terms print: the effective rate of so much over so many months."""

    amount: Money
    months: int
    effective_rate: Rate


@dataclass(slots=True, frozen=True, kw_only=True)
class CreditTerms:
    """A credit for purchases: its plans, and how often the notification fee is charged.

    `setup`, `statement` and `rate` hold where no plan prints them. The period is one of the plans
    or any (`periods`). `formed_by` says which payment turns an ordinary invoice into this credit;
    silent where the credit is chosen at the purchase. Where a `check` is needed a person may
    decline it. Paying it back `early` costs nothing. The set-up fee is kept back from the credit,
    paid with the first instalment or spread over all (`setup_timing`). Instalments and totals are
    rounded to `rounded_to`, silent: to the öre.
    """

    plan_3_months: Term[Plan] | None
    plan_6_months: Term[Plan] | None
    plan_12_months: Term[Plan] | None
    plan_24_months: Term[Plan] | None
    setup: Term[Money] | None
    statement: Term[Money] | None
    rate: Term[Rate] | None
    periods: Term[Literal["printed", "any"]]
    statement_limit: Term[Literal["one_a_month", "each_invoice"]]
    formed_by: Term[Literal["any_part_payment", "minimum_needed"]] | None
    check: Term[Literal["needed"]] | None
    early: Term[Literal["free"]] | None
    repayment: Term[Literal["annuity", "straight_line"]]
    setup_timing: Term[Literal["at_start", "with_first_invoice", "financed"]] | None
    rounded_to: Term[Money] | None
    least: Term[Least] | None
    example: Term[Example] | None

    def plan(self, name: str | None) -> Term[Plan] | None:
        """The printed plan of a name (`3_months`); None where the terms print none."""
        return {
            "3_months": self.plan_3_months,
            "6_months": self.plan_6_months,
            "12_months": self.plan_12_months,
            "24_months": self.plan_24_months,
        }.get(name or "")


@dataclass(slots=True, frozen=True, kw_only=True)
class PaymentLaw:
    """Räntelagen, the act on collection costs and the ceiling of the Consumer Credit Act.

    `compensation` is what a company may claim of a company for late payment (IL 4 a).
    `rate_ceiling` is in points above the reference rate, for consumers (KKrL 19 a).
    `payment_days` is when interest begins where no day was agreed (RL 4), `late_margin` the points
    above the reference rate where no rate was (RL 6). `reference` is chosen by half-year (RL 9).
    """

    reminder: Term[Money]
    collection: Term[Money]
    compensation: Term[Money] | None
    rate_ceiling: Term[Rate] | None
    payment_days: Term[Days]
    late_margin: Term[Rate]
    reference: Series[Rate]
