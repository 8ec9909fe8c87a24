"""A purchase on credit: instalment, total, effective rate, and when a plan is not to be had."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from domain.errors import Refused
from domain.outcomes import Because
from domain.quotes.instalments import LONGEST, MONTHS, Loan, effective_rate, rounded, schedule
from domain.quotes.reasons import Steps, because
from domain.terms import Terms
from domain.terms.invoice import CreditTerms, Example
from domain.terms.values import Term

HUNDREDTH = Decimal("0.01")
ORE = 1
NO_FEE = Term(0, ())
BEYOND_MEANING = 1000
"""Per cent a year over which an effective rate says nothing that a person can use."""


@dataclass(slots=True, frozen=True, kw_only=True)
class CreditQuote:
    """What a credit of `amount` öre costs; figures are None where it is not `offered`.

    `rate` is the nominal and `effective_rate` the effective interest in per cent a year,
    `printed_rate` the effective one that the terms print of this very example. `schedule` is what
    is paid at the start and each month after it.
    """

    plan: str
    amount: int
    months: int
    because: Because
    offered: bool = False
    setup: int | None = None
    statement: int | None = None
    rate: Decimal | None = None
    instalment: int | None = None
    total: int | None = None
    effective_rate: Decimal | None = None
    printed_rate: Decimal | None = None
    least: int | None = None
    schedule: tuple[int, ...] = ()


@dataclass(slots=True, frozen=True, kw_only=True)
class _Offer:
    """A plan's figures, each with the words that print it."""

    setup: Term[int]
    statement: Term[int]
    rate: Term[Decimal]
    order_value_over: int | None = None


def credit_of(method: str, terms: Terms) -> CreditTerms | None:
    """The terms of a credit, by the way to pay that it is; None where they know none such."""
    return {
        "klarna_account": terms.klarna_account_credit,
        "payson_invoice": terms.payson_invoice_credit,
        "part_payment": terms.part_payment_credit,
    }.get(method)


def on_credit(plan: str, amount: int, months: int, terms: Terms) -> CreditQuote:
    """The quote for so many öre over so many months. Raises Refused for a plan nobody has."""
    own = credit_of(plan, terms)
    if own is None:
        raise Refused(f"plan: the terms of {terms.seller} know no credit {plan!r}")
    if not 1 <= months <= LONGEST:
        raise Refused(f"months: {months} is not between 1 and {LONGEST}")
    offer = _offer(own, months)
    inputs: dict[str, Any] = {"amount": amount, "months": months}
    if offer is None:
        reason = because("period_not_offered", inputs, (own.periods,))
    elif offer.order_value_over is not None and amount <= offer.order_value_over:
        inputs["limit_amount"] = offer.order_value_over
        reason = because("value_too_low", inputs, (offer.setup,))
    elif amount <= offer.setup.value:
        inputs["fee"] = offer.setup.value
        reason = because("eaten_by_setup", inputs, (offer.setup,))
    else:
        return _reckoned(plan, amount, months, own, offer)
    return CreditQuote(plan=plan, amount=amount, months=months, because=reason)


def _offer(own: CreditTerms, months: int) -> _Offer | None:
    """The plan printed for a period, or what holds for any; None for a period not to be had."""
    plan = own.plan(f"{months}_months")
    if plan is not None:
        of, clauses = plan.value, plan.clauses
        return _Offer(
            setup=Term(of.setup, clauses), statement=Term(of.statement, clauses),
            rate=Term(of.rate, clauses), order_value_over=of.order_value_over,
        )  # fmt: skip
    if own.periods.value == "printed" or own.rate is None:
        return None
    return _Offer(setup=own.setup or NO_FEE, statement=own.statement or NO_FEE, rate=own.rate)


def _reckoned(
    plan: str, amount: int, months: int, own: CreditTerms, offer: _Offer
) -> CreditQuote:  # fmt: skip
    timing, unit = own.setup_timing, own.rounded_to.value if own.rounded_to else ORE
    loan = Loan(
        principal=amount, months=months, rate=Fraction(offer.rate.value) / 100 / MONTHS,
        repayment=own.repayment.value, setup=offer.setup.value, statement=offer.statement.value,
        setup_timing=timing.value if timing else "at_start",
    )  # fmt: skip
    payments = loan.payments()
    asked, effective = schedule(payments, unit), _percent(effective_rate(amount, payments))
    instalment, example = rounded(loan.instalments()[0], unit), _example(own, loan)
    inputs: dict[str, Any] = {
        "amount": amount, "months": months, "instalment_amount": instalment,
        "total_amount": sum(asked), "rate": str(offer.rate.value),
        "effective_rate": _said(effective),
    }  # fmt: skip
    rule, printed = "credit", example.value.effective_rate if example else None
    if printed not in (None, effective):
        rule, inputs["printed_rate"] = "credit_otherwise_printed", str(printed)
    words = (
        own.periods, offer.setup, offer.statement, offer.rate, own.repayment if loan.rate else None,
        timing if loan.setup else None, own.rounded_to, own.least, example,
    )  # fmt: skip
    return CreditQuote(
        plan=plan, amount=amount, months=months, offered=True, setup=loan.setup,
        statement=loan.statement, rate=offer.rate.value, instalment=instalment, total=sum(asked),
        effective_rate=effective, printed_rate=printed, least=_least(own, amount), schedule=asked,
        because=because(rule, inputs, words, _steps(loan, sum(asked))),
    )  # fmt: skip


def _percent(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else (rate * 100).quantize(HUNDREDTH, ROUND_HALF_UP)


def _said(effective: Decimal | None) -> str:
    """An effective rate as a sentence says it; the quote has the figure."""
    meaningless = effective is not None and effective > BEYOND_MEANING
    return f"> {BEYOND_MEANING}" if meaningless else str(effective)


def _example(own: CreditTerms, loan: Loan) -> Term[Example] | None:
    """The calculation that the terms print, where it is this one."""
    printed = own.example
    if printed is None or (printed.value.amount, printed.value.months) != (
        loan.principal, loan.months,
    ):  # fmt: skip
        return None
    return printed


def _least(own: CreditTerms, amount: int) -> int | None:
    """The least that is paid a month: of the two that are printed, the lower (AVLK 10)."""
    if own.least is None:
        return None
    of = own.least.value
    return min(of.amount, rounded(Fraction(amount, of.parts), ORE))


def _steps(loan: Loan, total: int) -> Steps:
    """What the total consists of; the interest is what its rounding leaves."""
    fees = loan.statement * loan.months
    interest = total - loan.principal - fees - loan.setup
    steps = (("credit", loan.principal), ("interest", interest), ("notification_fees", fees),
             ("setup", loan.setup))  # fmt: skip
    return tuple(step for step in steps if step[1])
