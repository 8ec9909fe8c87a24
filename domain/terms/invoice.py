"""What terms and statutes say about invoices: when they are due, and what being late costs."""

from dataclasses import dataclass
from typing import Literal

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
    what becomes of it when the complaint is denied (silent: nothing is written off).
    """

    period_days: Term[Days] | None
    due: Term[Literal["after_invoice", "end_of_next_month"]]
    stated_due: Term[Literal["stands", "never_earlier"]]
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


@dataclass(slots=True, frozen=True, kw_only=True)
class Plan:
    """A credit period that can be chosen: its fees in öre; for order values over a limit only."""

    setup: Money
    statement: Money
    order_value_over: Money | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class CreditTerms:
    """A credit for purchases: its plans, and how often the notification fee is charged.

    `statement` is the notification fee where no plan prints one. `formed_by` says which payment
    turns an ordinary invoice into this credit; silent where the credit is chosen at the purchase.
    """

    plan_3_months: Term[Plan] | None
    plan_6_months: Term[Plan] | None
    plan_12_months: Term[Plan] | None
    plan_24_months: Term[Plan] | None
    statement: Term[Money] | None
    statement_limit: Term[Literal["one_a_month", "each_invoice"]]
    formed_by: Term[Literal["any_part_payment", "minimum_needed"]] | None


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
