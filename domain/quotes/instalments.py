"""What is paid for a credit, month by month, and its effective rate; exact until it is shown.

The effective rate is that of directive 2008/48, annex I: the yearly rate by which everything that
is paid, month k discounted by k/12 of a year, is worth what the customer got.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal

from domain.money import half_up

LONGEST = 60
"""Months of the longest plan that is reckoned."""
DIGITS, HALVINGS = 60, 160
"""Precision of the search, and its steps: each halves where the answer lies."""
MONTHS = 12


@dataclass(slots=True, frozen=True, kw_only=True)
class Loan:
    """`principal`, `setup` and the `statement` of each month in öre, `rate` a month as a part."""

    principal: int
    months: int
    rate: Fraction
    repayment: Literal["annuity", "straight_line"] = "annuity"
    setup: int = 0
    statement: int = 0
    setup_timing: Literal["at_start", "with_first_invoice", "financed"] = "at_start"

    def instalments(self) -> list[Fraction]:
        """Each month's instalment with its notification fee, without a set-up fee of its own."""
        financed = self.setup if self.setup_timing == "financed" else 0
        debt = Fraction(self.principal + financed)
        if self.repayment == "straight_line":
            part = debt / self.months
            repaid = [part + (debt - part * k) * self.rate for k in range(self.months)]
        elif self.rate:
            each = debt * self.rate / (1 - (1 + self.rate) ** -self.months)
            repaid = [each] * self.months
        else:
            repaid = [debt / self.months] * self.months
        return [part + self.statement for part in repaid]

    def payments(self) -> list[Fraction]:
        """What is paid at the start and in each month after it, everything included."""
        paid = [Fraction(0), *self.instalments()]
        if self.setup_timing != "financed":
            paid[0 if self.setup_timing == "at_start" else 1] += self.setup
        return paid


def effective_rate(principal: int, payments: Sequence[Fraction]) -> Decimal | None:
    """The effective rate a year as a part, for payments at the start and in each month after it.

    None where no rate makes them worth the principal: the start takes all of it, or all that is
    paid is less.
    """
    cost = sum(payments, Fraction(-principal))
    if payments[0] >= principal or cost < 0:
        return None
    if cost == 0:
        return Decimal(0)
    with localcontext() as context:
        context.prec = DIGITS
        parts = [Decimal(part.numerator) / part.denominator for part in payments]

        def missing(discount: Decimal) -> Decimal:
            worth = Decimal(0)
            for part in reversed(parts):
                worth = worth * discount + part
            return worth - principal

        return root(missing, Decimal(0), Decimal(1)) ** -MONTHS - 1


def root(of: Callable[[Decimal], Decimal], low: Decimal, high: Decimal) -> Decimal:
    """Where a rising function is nought, by halving the bracket that holds it."""
    if of(low) > 0 or of(high) < 0:
        raise ValueError("the bracket holds no root")
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if of(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def rounded(exact: Fraction, unit: int) -> int:
    """Öre, to the nearest multiple of `unit` öre."""
    return half_up(exact / unit) * unit


def schedule(payments: Sequence[Fraction], unit: int) -> tuple[int, ...]:
    """The payments as they are asked for, each rounded; the last takes up what rounding left."""
    total = rounded(sum(payments, Fraction(0)), unit)
    asked = [rounded(part, unit) for part in payments[:-1]]
    return (*asked, total - sum(asked))
