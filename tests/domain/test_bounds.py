"""No history passes the bounds of mandatory law, by an oracle that knows no policy."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.terms import book
from domain.calendar import moment
from domain.events import FactTold, OutcomeRaised
from domain.facts import (
    AvailableForCollection, Delivered, InvoiceIssued, OrderPlaced, PaymentReceived, Retracted,
    Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.fields import Customer, Line, Payment, Shipping
from domain.order import Order
from domain.outcomes import Because, Deadline, DecisionNeeded, Fee, Refund
from domain.state import Told
from tests.domain import histories
from tests.domain.histories import Life, known, lived, lives
from tests.domain.oracle import Case, breaches, case_of

AGAINST_LAW = {
    "allectra-reminder-count": "each_reminder",
    "payson-reminder-repeat": "each_reminder",
    "allectra-late-interest-period": "flat_once",
    "payson-invoice-credit-cap": "uncapped",
    "allectra-complaint-period-start": "purchase",
    "com-consumer-law": "danish",
}
"""Options that stand even against mandatory law once somebody chose them (FACTS.md section 5)."""


def of_order(life: Life, order: Order) -> Case:
    stands = [item for items in order.standing.values() for item in items.values()]
    return case_of(life.placed, list(life.told), stands)


@given(lives(repaid=True))
def test_no_history_passes_a_bound_of_the_law(life: Life) -> None:
    chosen = life.book.overrides.readings
    lawful = {one: option for one, option in chosen.items() if AGAINST_LAW.get(one) != option}
    terms = life.book.otherwise(replace(life.book.overrides, readings=lawful))
    within = replace(life, book=terms)
    assert breaches(of_order(within, lived(within))) == []


@given(lives(about=histories.INVOICED, terms=st.just(book())))
def test_no_invoice_passes_a_bound_of_the_law(life: Life) -> None:
    assert breaches(of_order(life, lived(life))) == []


@given(lives(about=histories.GIVEN_BACK, terms=st.just(book())))
def test_no_withdrawal_is_charged_or_left_unpaid(life: Life) -> None:
    assert breaches(of_order(life, lived(life))) == []


# -- deadlines of the customer --------------------------------------------------------------------


@given(lives(terms=st.just(book())), st.randoms(use_true_random=False), st.booleans())
def test_no_deadline_of_the_customer_comes_nearer_by_itself(
    life: Life, chance: Any, shuffled: bool
) -> None:
    """Time alone never takes a day from the customer, and a fact only for a reason of its own: it
    takes another back, it was told late or happened before what was known, it names the day itself
    (the carrier's last day of collection, an invoice's due day), or it says of a parcel told before
    that it was sent with other goods.
    """
    if shuffled:
        arrived = list(life.told)
        chance.shuffle(arrived)
        life = life.arriving(*(known(one, life.last) for one in arrived))
    before: list[Told[Any]] = []
    cause: Told[Any] | None = None
    for event in lived(life).collect():
        if isinstance(event, FactTold):
            before, cause = ([*before, cause] if cause else before), event.told
        if isinstance(event, OutcomeRaised) and _comes_nearer(event):
            assert event.cause, f"{event.item.key} by the clock"
            assert cause is not None
            assert _has_a_reason(cause, before), (event.item.key, cause.fact)


def _comes_nearer(event: OutcomeRaised) -> bool:
    item, old = event.item, event.before
    if not (isinstance(item, Deadline) and isinstance(old, Deadline) and item is not old):
        return False
    return item.party == "customer" and str(item.due) < str(old.due)


def _has_a_reason(cause: Told[Any], before: list[Told[Any]]) -> bool:
    late = cause.recorded_at > cause.at or any(one.at >= cause.at for one in before)
    names_it = isinstance(cause.fact, (Retracted, AvailableForCollection, InvoiceIssued))
    sent = [one.fact.parcel for one in before if hasattr(one.fact, "parcel")]
    again = isinstance(cause.fact, Shipped) and cause.fact.parcel in sent
    return late or names_it or again


# -- the oracle itself ----------------------------------------------------------------------------

AT = moment("2025-06-02")
WHY = Because(rule="test", clauses=("X-1",))
PLACED = OrderPlaced(
    seller="netzilla",
    customer=Customer(kind="consumer"),
    placed_at=AT,
    lines=(Line(line="1", unit_price=1000_00), Line(line="2", unit_price=500_00)),
    shipping=Shipping(price=49_00),
    payment=Payment(method="card"),
)


def told(fact: Any, at: str, id: str = "n") -> Told[Any]:
    when: datetime = moment(at)
    return Told(fact, when, when, "/test", id)


PAID = told(PaymentReceived(amount=1549_00), "2025-06-02", "paid")
LEFT = told(WithdrawalNotified(), "2025-06-10", "left")
CAME = told(Delivered(parcel="p1"), "2025-06-05", "came")


def fee(kind: str, amount: int, **subject: Any) -> Fee:
    return Fee(kind=kind, amount=amount, vat="none", because=WHY, **subject)


def back(amount: int, due: str, *less: tuple[str, int]) -> Refund:
    parts = (("goods", amount), *less)
    return Refund(
        kind="withdrawal", amount=amount + sum(part for _, part in less), breakdown=parts,
        due=date.fromisoformat(due), cause="left", because=WHY,
    )  # fmt: skip


def until(kind: str, due: str, **subject: Any) -> Deadline:
    return Deadline(
        kind=kind, due=date.fromisoformat(due), party="customer", because=WHY, **subject
    )


INVOICE = told(InvoiceIssued(invoice="F", amount=10_000_00), "2025-06-05", "issued")
LATE = told(PaymentReceived(invoice="F", amount=10_000_00), "2025-07-10", "late")
DUE = until("payment", "2025-06-30", invoice="F")


@pytest.mark.parametrize(
    ("facts", "outcomes", "words"),
    [
        ([], [fee("reminder", 60_00, invoice="F")], None),
        ([], [fee("reminder", 60_01, invoice="F")], "reminder"),
        ([], [fee("reminder", 40_00, invoice="F", cause=one) for one in "ab"], "reminder"),
        ([], [fee("collection", 181_00, invoice="F")], "collection"),
        ([], [fee("late_payment", 450_00, invoice="F")], "companies only"),
        ([INVOICE, LATE], [DUE, fee("late_interest", 60_28, invoice="F")], None),
        ([INVOICE, LATE], [DUE, fee("late_interest", 60_29, invoice="F")], "interest"),
        ([INVOICE], [DUE, fee("late_interest", 1, invoice="F")], "without a late payment"),
        ([PAID, LEFT], [back(1549_00, "2025-06-24")], None),
        ([PAID, LEFT], [back(1549_00, "2025-06-25")], "is due"),
        ([PAID, LEFT], [back(1500_00, "2025-06-24")], "was paid for"),
        ([PAID, LEFT], [back(1549_00, "2025-06-24", ("fee", -50_00))], "no deduction"),
        ([PAID, LEFT], [back(1549_00, "2025-06-24", ("value_loss", -50_00))], None),
        ([PAID, CAME, LEFT], [fee("unclaimed", 350_00, parcel="p1")], "unclaimed"),
        ([PAID], [back(1549_01, "2025-06-24"), back(5_00, "2025-06-24")], "paid"),
        ([CAME], [until("complaint_period", "2028-06-05", parcel="p1")], None),
        ([CAME], [until("complaint_period", "2028-06-04", parcel="p1")], "complaint_period"),
        ([CAME], [until("presumption", "2027-06-04", parcel="p1")], "presumption"),
        ([], [Fee(kind="x", amount=1, vat="none", because=replace(WHY, clauses=()))], "no ground"),
        ([], [fee("unclaimed", 1), DecisionNeeded(about="unclaimed", choices=(), because=WHY)],
         "asked about"),
    ],
)  # fmt: skip
def test_the_oracle_sees_what_passes_a_bound(facts: Any, outcomes: Any, words: str | None) -> None:
    found = breaches(case_of(PLACED, facts, outcomes))
    assert words is None or any(words in one for one in found), found
    assert found == [] or words is not None
