"""Late interest against a second computation: day by day in decimals, slow and straightforward.

The policy cuts time into spans and half-years and adds fractions; here every day is asked for its
balance and its rate. Both round half up to öre once, at the end.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.terms import book
from domain.errors import TermsError
from domain.facts import InvoiceIssued, PaymentReceived
from domain.policies import interest
from domain.policies.interest import by_days, late_spans
from tests.domain.oracle import REFERENCE
from tests.domain.story import goods, story

DAYS = st.dates(date(2014, 1, 2), date(2026, 12, 31))
AMOUNTS = st.integers(1, 50_000_00)


@st.composite
def debts(draw: st.DrawFn) -> tuple[date, int, list[tuple[date, int]]]:
    """(due, öre, payments in order of day), the last of them paying the rest."""
    due = draw(st.dates(date(2014, 1, 2), date(2024, 12, 31)))
    amount = draw(AMOUNTS)
    days = st.dates(due - timedelta(days=40), min(due + timedelta(days=900), date(2026, 12, 31)))
    on = sorted(draw(st.lists(days, min_size=1, max_size=4)))
    parts = [draw(st.integers(0, amount // len(on))) for _ in on[1:]]
    return due, amount, list(zip(on, [*parts, amount - sum(parts)], strict=True))


def day_by_day(
    due: date, amount: int, payments: list[tuple[date, int]], points: Decimal | int
) -> int:
    """Reference rate and points on what is left each day, the day of a payment included."""
    with localcontext() as exact:
        exact.prec = 60
        total, today = Decimal(0), due + timedelta(days=1)
        while today <= payments[-1][0]:
            left = amount - sum(paid for on, paid in payments if on < today)
            rate = next(Decimal(one) for start, one in reversed(REFERENCE) if start <= today)
            total += max(left, 0) * (rate + points)
            today += timedelta(days=1)
        return int((total / 36500).quantize(Decimal(1), ROUND_HALF_UP))


def reference(day: date) -> Decimal:
    law = book().terms(book().edition("compumail", None, date(2024, 1, 1))).law
    return law.payment.reference.on(day)


@given(debts(), st.sampled_from([0, 2, 8, 20]))
def test_spans_and_half_years_come_to_the_same_as_every_day(debt, points):
    due, amount, payments = debt
    spans = late_spans(due, amount, payments)
    assert by_days(spans, lambda day: reference(day) + points) == day_by_day(*debt, points)


@given(DAYS)
def test_the_reference_rate_of_every_day_is_the_table_of_the_law(day):
    assert reference(day) == next(Decimal(one) for on, one in reversed(REFERENCE) if on <= day)


@given(debts())
def test_what_a_company_owes_where_nothing_is_printed(debt):
    """Räntelagen 4, 6 §§: reference and eight points from thirty days after the invoice."""
    due, amount, payments = debt
    law = book().terms(book().edition("compumail", None, date(2024, 1, 1))).law.payment
    issued = due - timedelta(days=30)
    found = interest.statutory(law, issued, issued, amount, payments)
    assert (found.steps[0][1] if found else 0) == day_by_day(*debt, 8)


@given(debts())
def test_an_order_owes_what_the_days_come_to(debt):
    """Compumail prints no rate: a company's order, its invoice due on a day that it states."""
    due, amount, payments = debt
    assume(payments[0][0] > due)
    issued = due - timedelta(days=30)
    one = story(
        "compumail", kind="business", pay="invoice", lines=(goods("1", amount),),
        placed=(issued - timedelta(days=1)).isoformat(),
    )  # fmt: skip
    one.told(InvoiceIssued(invoice="F1", amount=amount, due=due), at=issued.isoformat())
    for on, paid in payments:
        one.told(PaymentReceived(invoice="F1", amount=paid), at=on.isoformat())
    assert one.fees().get("late_interest", 0) == day_by_day(*debt, 8)


@given(st.integers(1, 50_000_00), st.integers(1, 200))
def test_a_consumers_agreed_rate_is_cut_to_the_ceiling_of_each_half_year(amount, late):
    """24 % a year at Payson; from 2025-03-01 no more than the reference rate and 20 points."""
    one = story("sweeto", pay="payson_invoice", placed="2025-03-03", lines=(goods("1", amount),))
    one.told(InvoiceIssued(invoice="F1", amount=amount), at="2025-03-31")
    due, paid = date(2025, 4, 14), date(2025, 4, 14) + timedelta(days=late)
    one.told(PaymentReceived(invoice="F1", amount=amount), at=paid.isoformat())
    assert one.fees().get("late_interest", 0) == day_by_day(due, amount, [(paid, amount)], 20)


@pytest.mark.parametrize("seller", ["gandalf", "sweeto"])
@pytest.mark.parametrize(("due", "paid", "days"), [
    ("2024-02-28", "2024-03-01", 2), ("2023-02-28", "2023-03-01", 1),
    ("2023-12-29", "2024-12-29", 366), ("2024-03-28", "2024-04-02", 5),
])  # fmt: skip
def test_a_leap_year_has_one_day_more_and_the_same_divisor(seller, due, paid, days):
    """Actual days over 365, through 29 February and the change to summer time."""
    yearly = {"gandalf": 18, "sweeto": 8}[seller]
    one = story(seller, kind="business", pay="invoice", placed=f"{int(due[:4]) - 1}-11-01")
    issued = date.fromisoformat(due) - timedelta(days=20)
    stated = date.fromisoformat(due)
    invoice = InvoiceIssued(invoice="F1", amount=3650_00, due=stated, vat="included")
    one.told(invoice, at=issued.isoformat())
    one.told(PaymentReceived(invoice="F1", amount=3650_00, vat="included"), at=paid)
    assert one.fees()["late_interest"] == days * yearly * 10


@pytest.mark.parametrize(
    ("due", "paid"), [("2013-12-20", "2014-01-10"), ("2026-12-20", "2027-01-05")]
)
def test_interest_of_days_without_a_known_rate_is_an_error_that_says_so(due, paid):
    one = story("compumail", kind="business", pay="invoice", placed=f"{due[:4]}-10-01")
    invoice = InvoiceIssued(invoice="F1", amount=1000_00, due=date.fromisoformat(due))
    one.told(invoice, at=f"{due[:4]}-11-01")
    words = "reference is known from 2014-01-01 to 2026-12-31, not on "
    with pytest.raises(TermsError, match=words):
        one.told(PaymentReceived(invoice="F1", amount=1000_00), at=paid)


def test_what_is_paid_in_time_bears_nothing():
    due = date(2024, 6, 28)
    assert late_spans(due, 100, [(due, 60), (due, 40)]) == []
