"""Instalments and the effective rate, beside other ways to reckon them and printed figures."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from domain.quotes.instalments import Loan, effective_rate, root, rounded, schedule

REPAYMENTS = st.sampled_from(["annuity", "straight_line"])
TIMINGS = st.sampled_from(["at_start", "with_first_invoice", "financed"])
LOANS = st.builds(
    Loan,
    principal=st.integers(500_00, 1_000_000_00),
    months=st.integers(1, 60),
    rate=st.integers(0, 4000).map(lambda hundredths: Fraction(hundredths, 120_000)),
    repayment=REPAYMENTS,
    setup=st.integers(0, 400_00),
    statement=st.integers(0, 99_00),
    setup_timing=TIMINGS,
)


def percent(rate: Decimal | None, digits: int = 4) -> str:
    assert rate is not None
    return str((rate * 100).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def discounted(payments: list[Fraction], rate: Decimal) -> Decimal:
    """The payments' worth at the start, each by a power of its own, in eighty digits."""
    with localcontext() as context:
        context.prec = 80
        return sum(
            (
                Decimal(part.numerator) / part.denominator / (1 + rate) ** (Decimal(month) / 12)
                for month, part in enumerate(payments)
            ),
            Decimal(0),
        )


# -- against other ways to reckon -----------------------------------------------------------------


@given(LOANS)
def test_what_is_paid_is_worth_what_the_customer_got(loan: Loan) -> None:
    rate = effective_rate(loan.principal, loan.payments())
    if rate is None:
        assert sum(loan.payments()) < loan.principal
    else:
        assert abs(discounted(loan.payments(), rate) - loan.principal) < Decimal("1e-9")


@given(LOANS)
def test_the_effective_rate_is_that_of_another_root_finder(loan: Loan) -> None:
    payments = [float(part) for part in loan.payments()]

    def worth(rate: float) -> float:
        return sum(part * (1 + rate) ** (-month / 12) for month, part in enumerate(payments))

    rate = effective_rate(loan.principal, loan.payments())
    assert rate is not None
    other = brentq(lambda x: worth(x) - loan.principal, -1e-9, 1e12, xtol=1e-13, maxiter=500)
    assert float(rate) == pytest.approx(other, rel=1e-7, abs=1e-9)


@given(LOANS)
def test_the_last_instalment_leaves_no_debt(loan: Loan) -> None:
    """Month by month: interest on what is left, the rest of the instalment repays."""
    debt = Fraction(loan.principal + (loan.setup if loan.setup_timing == "financed" else 0))
    for instalment in loan.instalments():
        debt -= instalment - loan.statement - debt * loan.rate
    assert debt == 0


@given(LOANS, st.sampled_from([1, 100]))
def test_the_schedule_sums_to_the_total(loan: Loan, unit: int) -> None:
    asked = schedule(loan.payments(), unit)
    assert sum(asked) == rounded(sum(loan.payments(), Fraction(0)), unit)
    assert all(part % unit == 0 for part in asked)


@given(LOANS)
def test_equal_instalments_are_equal_and_equal_repayments_fall(loan: Loan) -> None:
    instalments = loan.instalments()
    if loan.repayment == "annuity" or not loan.rate:
        assert len(set(instalments)) == 1
    else:
        assert instalments == sorted(set(instalments), reverse=True)


@given(LOANS)
def test_a_fee_paid_later_costs_less_in_effect(loan: Loan) -> None:
    rates = [
        effective_rate(loan.principal, Loan(**{**_fields(loan), "setup_timing": timing}).payments())
        for timing in ("at_start", "with_first_invoice")
    ]
    assert None not in rates
    assert rates[0] >= rates[1]  # type: ignore[operator]


def _fields(loan: Loan) -> dict[str, object]:
    return {name: getattr(loan, name) for name in loan.__dataclass_fields__}


# -- printed figures ------------------------------------------------------------------------------


def loan(principal: int, months: int, rate: str, setup: int, statement: int, **more: str) -> Loan:
    return Loan(
        principal=principal * 100, months=months, rate=Fraction(rate) / 1200, setup=setup * 100,
        statement=statement * 100, **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "at_start", "with_first", "financed"),
    [
        ((10000, 3, "0", 95, 29), "11.5623", "11.5041", "11.4473"),
        ((10000, 6, "0", 195, 29), "13.5671", "13.4852", "13.2895"),
        ((10000, 12, "0", 295, 29), "12.6962", "12.6327", "12.3082"),
        ((10000, 12, "0", 195, 29), "10.5477", "10.5135", "10.3358"),
        ((10000, 24, "9.95", 295, 29), "20.9980", "20.9390", "20.6811"),
    ],
)
def test_the_set_up_fee_in_the_effective_rate(
    terms: tuple[int, int, str, int, int], at_start: str, with_first: str, financed: str
) -> None:
    for timing, expected in {
        "at_start": at_start, "with_first_invoice": with_first, "financed": financed,
    }.items():  # fmt: skip
        one = loan(*terms, setup_timing=timing)
        assert percent(effective_rate(one.principal, one.payments())) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ((5000, 3, "0", 95, 29), "24.5163"), ((5000, 6, "0", 195, 29), "29.1690"),
        ((5000, 12, "0", 295, 29), "27.2417"), ((5000, 24, "9.95", 295, 29), "32.6193"),
        ((10000, 12, "19.9", 0, 29), "29.2203"), ((5000, 12, "22", 0, 45), "48.5620"),
    ],
)  # fmt: skip
def test_effective_rates_that_others_reckoned(
    terms: tuple[int, int, str, int, int], expected: str
) -> None:
    one = loan(*terms)
    found = percent(effective_rate(one.principal, one.payments()))
    assert Decimal(found) == pytest.approx(Decimal(expected), abs=Decimal("0.0001"))


def test_figures_that_lenders_print() -> None:
    norwegian = loan(5000, 12, "22", 0, 45)
    assert rounded(norwegian.instalments()[0], 100) == 513_00
    assert sum(schedule(norwegian.payments(), 100)) == 6156_00
    assert percent(effective_rate(norwegian.principal, norwegian.payments()), 2) == "48.56"
    late = [Fraction(0), Fraction(0), Fraction(0), Fraction(5039_00)]
    assert percent(effective_rate(5000_00, late), 2) == "3.16"
    twelve = [Fraction(0), *[Fraction(11200_00, 12)] * 12]
    assert percent(effective_rate(10000_00, twelve), 2) == "23.70"


def test_a_nominal_rate_that_compounds_is_its_own_effective_rate() -> None:
    """A lender that reckons with the twelfth root of 1.189 prints 914, 10,969 and 18.9 %."""
    with localcontext() as context:
        context.prec = 50
        monthly = Fraction(Decimal("1.189") ** (Decimal(1) / 12) - 1)
    one = Loan(principal=10000_00, months=12, rate=monthly)
    assert rounded(one.instalments()[0], 100) == 914_00
    assert sum(schedule(one.payments(), 100)) == 10969_00
    assert percent(effective_rate(one.principal, one.payments()), 2) == "18.90"


# -- where there is no answer ---------------------------------------------------------------------


def test_no_rate_where_the_start_takes_everything_or_too_little_is_paid() -> None:
    assert effective_rate(100_00, [Fraction(100_00), Fraction(50_00)]) is None
    assert effective_rate(100_00, [Fraction(0), Fraction(99_99)]) is None
    assert effective_rate(100_00, [Fraction(0), Fraction(100_00)]) == 0


def test_a_root_is_looked_for_inside_its_bracket_alone() -> None:
    two = root(lambda x: x * x - 2, Decimal(1), Decimal(2))
    assert abs(two - Decimal(2).sqrt()) < Decimal("1e-26")
    with pytest.raises(ValueError, match="no root"):
        root(lambda x: x + 1, Decimal(0), Decimal(1))
