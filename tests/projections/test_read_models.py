"""Timeline, deadlines, orders and parcels: given events, then rows."""

from dataclasses import replace
from datetime import date

import pytest

from domain.calendar import moment
from domain.events import TermsPinned
from domain.facts import (
    AvailableForCollection, Collected, OrderConfirmed, ParcelReturned, PaymentReceived, RefundPaid,
    Retracted, Shipped, Unclaimed, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Block, Deadline, DecisionNeeded, Ruling
from projections import PROJECTIONS, rebuilt_with
from projections.projection import Recorded
from tests.projections.story import WHY, Story, fee, goods, refund

DISK = goods(("1", 149000, 25), ("2", 10000, 25), freight=7900)
SENT = Shipped(parcel="p1", carrier="postnord", tracking="T1", lines=("1",))


def deadline(kind: str, due: date, state: str = "open", **about: str) -> Deadline:
    return Deadline(
        kind=kind, due=due, party="customer", state=state, amount=500, because=WHY, **about
    )


def ruling(about: str, decision: str) -> Ruling:
    return Ruling(about=about, decision=decision, because=WHY)


# -- timeline ------------------------------------------------------------------------------------


def test_the_timeline_has_a_row_an_event_with_what_show_needs():
    story = Story().tell(DISK).tell(PaymentReceived(amount=1000), "2024-03-05", id="m9")
    story.owe(fee("unclaimed", 44500, parcel="p1"), at="2024-03-06", policy="unclaimed")
    story.owe(deadline("payment", date(2024, 3, 9)), at="2024-03-06")
    placed, payment, raised, due = story.then().appended["timeline"]
    assert (placed.type, placed.version, placed.partition, placed.position) == (
        "OrderPlaced", 1, 7, 1,
    )  # fmt: skip
    assert (payment.source, payment.message, payment.amount) == ("/test", "m9", 1000)
    assert (raised.type, raised.kind, raised.subject) == ("FeeRaised", "unclaimed", "p1")
    assert (raised.amount, raised.source, raised.cause) == (44500, "unclaimed", 2)
    assert raised.clauses == ("ALL-1",)
    assert (due.type, due.due, due.whose, due.state) == (
        "DeadlineSet", "2024-03-09", "customer", "open",
    )  # fmt: skip


def test_the_timeline_says_what_waits_and_what_is_void():
    story = Story().tell(SENT).tell(Retracted(fact="late")).tell(DISK)
    story.tell(PaymentReceived(amount=1), id="late")
    assert [row.state for row in story.then().appended["timeline"]] == [
        "waiting", "waiting", None, "void",
    ]  # fmt: skip


def test_pinned_terms_are_named_in_the_timeline():
    story = Story().tell(DISK)
    pin = TermsPinned("acme/A-1", 2, moment("2024-03-04"), "abc", "acme", None, date(2024, 3, 4))
    story.events.append(Recorded(pin, "acme", "A-1", 7, 2))
    assert story.then().appended["timeline"][1].message == "abc"


# -- deadlines -----------------------------------------------------------------------------------


def test_a_deadline_keeps_how_it_ended():
    """Set, moved, lapsed: one row, lapsing at midnight in Stockholm after its day."""
    story = Story().tell(DISK).owe(deadline("collection", date(2024, 3, 14), parcel="p1"))
    story.owe(deadline("collection", date(2024, 3, 15), parcel="p1"), 1)
    lapsed = deadline("collection", date(2024, 3, 15), "lapsed", parcel="p1")
    story.owe(lapsed, "DeadlineLapsed", at="2024-03-15T23:00Z")
    row = story.then().one("deadlines")
    assert (row.kind, row.subject, row.due, row.party, row.state, row.amount) == (
        "collection", "p1", "2024-03-15", "customer", "lapsed", 500,
    )  # fmt: skip
    assert row.lapses_at == row.settled_at == moment("2024-03-15T23:00Z")


@pytest.mark.parametrize(
    ("event", "state", "expected"),
    [("DeadlineMet", "met", "met"), ("DeadlineCancelled", "open", "cancelled")],
)
def test_a_deadline_that_is_over_says_when(event: str, state: str, expected: str):
    story = Story().tell(DISK).owe(deadline("refund", date(2024, 3, 14)))
    story.owe(deadline("refund", date(2024, 3, 14), state), event, at="2024-03-10")
    row = story.then().one("deadlines")
    assert (row.state, row.settled_at) == (expected, moment("2024-03-10"))


def test_a_deadline_that_opens_again_is_not_settled():
    story = Story().tell(DISK).owe(deadline("refund", date(2024, 3, 14), "met"), "DeadlineMet")
    row = story.owe(deadline("refund", date(2024, 3, 20))).then().one("deadlines")
    assert (row.state, row.settled_at, row.due) == ("open", None, "2024-03-20")


# -- orders --------------------------------------------------------------------------------------


def test_an_order_is_its_figures_and_what_is_open():
    story = Story().tell(DISK, "2024-03-04").tell(PaymentReceived(amount=166900))
    story.owe(fee("unclaimed", 44500, parcel="p1")).owe(refund("withdrawal", {"goods": 149000}))
    story.owe(deadline("refund", date(2024, 3, 14))).owe(deadline("dispatch", date(2024, 3, 10)))
    story.owe(DecisionNeeded(about="unclaimed", choices=("charge", "waive"), because=WHY))
    story.tell(RefundPaid(amount=149000), "2024-03-08")
    row = story.then().one("orders")
    assert (row.customer, row.goods, row.freight, row.paid, row.repaid, row.fees, row.refunds) == (
        "C1", 159000, 7900, 166900, 149000, 44500, 149000,
    )  # fmt: skip
    assert (row.open_decisions, row.next_deadline, row.version) == (1, "dispatch", 8)
    assert row.next_deadline_at == moment("2024-03-10T23:00Z")
    assert (row.placed_at, row.last_event_at) == (moment("2024-03-04"), moment("2024-03-08"))


def test_a_late_refund_is_what_falls_due_next_until_it_is_paid():
    """What only runs is nobody's move, however soon it ends."""
    story = Story().tell(DISK).tell(PaymentReceived(amount=166900))
    story.owe(refund("withdrawal", {"goods": 149000})).owe(deadline("warranty", date(2024, 3, 20)))
    story.owe(deadline("presumption", date(2024, 3, 12)))
    story.owe(deadline("refund", date(2024, 3, 14))).owe(
        deadline("refund", date(2024, 3, 14), "lapsed"), "DeadlineLapsed"
    )
    row = story.then().one("orders")
    assert (row.next_deadline, row.next_deadline_at) == ("refund", moment("2024-03-14T23:00Z"))
    assert story.tell(RefundPaid(amount=148999)).then().one("orders").next_deadline == "refund"
    assert story.tell(RefundPaid(amount=1), id="2").then().one("orders").next_deadline == "warranty"


def test_what_was_paid_on_one_refund_is_not_paid_on_another():
    """A payment goes to what it names, the rest to the oldest; together no more is at risk than is
    unpaid. What is paid waits no more."""

    def at_risk(*paid: RefundPaid) -> tuple[dict[str, int], str | None]:
        story = Story().tell(DISK).tell(PaymentReceived(amount=166900))
        story.tell(WithdrawalNotified(lines=("2",)), "2024-03-06", id="w2")  # known first
        story.tell(WithdrawalNotified(lines=("1",)), "2024-03-05", id="w1")
        story.owe(refund("goodwill", {"goods": 1000}, cause="g"))
        for cause, amount in (("w2", 10000), ("w1", 149000)):
            one = deadline("refund", date(2024, 3, 20), "lapsed", cause=cause)
            story.owe(refund("withdrawal", {"goods": amount}, line=cause[1], cause=cause))
            story.owe(replace(one, amount=amount), "DeadlineLapsed")
        for number, fact in enumerate(paid):
            story.tell(fact, "2024-03-25", id=f"b{number}")
        tables = story.then()
        rows = {row.subject: row.at_risk for row in tables.tables["deadlines"].values()}
        return (
            {subject: left for subject, left in rows.items() if left is not None},
            tables.one("orders").next_deadline,
        )

    assert at_risk() == ({"#w1": 149000, "#w2": 10000}, "refund")
    for name in ("withdrawal:w2", "withdrawal:#w2", "withdrawal:2#w2", "withdrawal:2"):
        assert at_risk(RefundPaid(amount=10000, refund=name)) == ({"#w1": 149000}, "refund")
    named = RefundPaid(amount=12000, refund="withdrawal:w2")
    assert at_risk(RefundPaid(amount=5000), named) == ({"#w1": 142000}, "refund")
    assert at_risk(RefundPaid(amount=150000)) == ({"#w2": 9000}, "refund")
    assert at_risk(RefundPaid(amount=1000, refund="goodwill"))[0] == {"#w1": 149000, "#w2": 10000}
    assert at_risk(RefundPaid(amount=159000)) == ({}, None)


def test_figures_fall_when_what_made_them_falls():
    story = Story().tell(DISK).tell(PaymentReceived(amount=100), id="wrong").owe(fee("setup", 100))
    story.owe(fee("setup", 100), 2).tell(Retracted(fact="wrong"), "2024-03-06")
    row = story.then().one("orders")
    assert (row.paid, row.fees) == (0, 0)


def status(*facts: object, rulings: tuple[tuple[str, str], ...] = ()) -> str:
    story = Story()
    for number, fact in enumerate(facts, 1):
        story.tell(fact, f"2024-03-{number:02}")
    for about, decision in rulings:
        story.owe(ruling(about, decision), at="2024-03-20")
    return str(story.then().one("orders").status)


SECOND = Shipped(parcel="p2")


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ("waiting for the order", (SENT,)),
        ("placed", (DISK,)),
        ("confirmed", (DISK, OrderConfirmed())),
        ("partly shipped", (DISK, SENT)),
        ("shipped", (DISK, SENT, SECOND)),
        ("shipped", (DISK, SENT, SECOND, AvailableForCollection(parcel="p2"))),
        ("unclaimed", (DISK, Shipped(parcel="p1"), Unclaimed(parcel="p1"))),
        ("collected", (DISK, Shipped(parcel="p1"), Collected(parcel="p1"))),
        ("returned", (DISK, SENT, SECOND, Collected(parcel="p2"), ParcelReturned(parcel="p1"))),
    ],
)
def test_an_order_stands_where_the_parcel_that_is_least_far_stands(expected, facts):
    assert status(*facts) == expected


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("refused", ("order", "refused")),
        ("pending", ("order", "pending")),
        ("cancelled", ("cancellation", "accepted")),
        ("withdrawn", ("withdrawal", "accepted")),
        ("placed", ("cancellation", "refused")),
    ],
)
def test_rulings_say_how_an_order_ended(expected, given):
    assert status(DISK, rulings=(("order", "accepted"), given)) == expected


def test_an_order_that_may_not_be_delivered_is_blocked():
    assert Story().tell(DISK).owe(Block(because=WHY)).then().one("orders").status == "blocked"


def test_the_stream_of_a_customer_is_no_order():
    story = Story(order="customer:C1").tell(PaymentReceived(amount=1))
    assert "orders" not in story.then().tables


# -- parcels -------------------------------------------------------------------------------------


def test_a_parcel_says_where_it_is_and_since_when():
    story = Story().tell(DISK).tell(SENT, "2024-03-05")
    story.tell(AvailableForCollection(parcel="p1"), "2024-03-07")
    row = story.then().one("parcels")
    assert (row.parcel, row.carrier, row.tracking, row.status, row.lines) == (
        "p1", "postnord", "T1", "ready for collection", ("1",),
    )  # fmt: skip
    assert (row.shipped_at, row.available_at, row.received_at) == (
        moment("2024-03-05"), moment("2024-03-07"), None,
    )  # fmt: skip


def test_what_happened_last_counts_and_not_what_came_last():
    story = Story().tell(DISK).tell(SENT, "2024-03-05").tell(Collected(parcel="p1"), "2024-03-09")
    story.tell(Unclaimed(parcel="p1"), "2024-03-08", recorded_at="2024-03-10")
    assert story.then().one("parcels").status == "collected"


def test_a_parcel_that_was_never_sent_is_gone():
    story = Story().tell(DISK).tell(SENT, "2024-03-05").tell(Retracted(fact="m2"), "2024-03-06")
    assert story.then(batches=(2,), reload=True).tables["parcels"] == {}


# -- rebuilding ----------------------------------------------------------------------------------


def test_what_comes_from_one_dossier_is_rebuilt_together():
    """The ledger's next entry is the difference to what it holds: they may not part."""
    names = {one.name for one in rebuilt_with(frozenset({"ledger"}))}
    assert names == {"timeline", "ledger", "orders", "parcels"}
    assert [one.name for one in rebuilt_with(frozenset({"sla"}))] == ["sla"]
    assert rebuilt_with(frozenset()) == PROJECTIONS


def test_a_read_model_that_does_not_exist_cannot_be_rebuilt():
    with pytest.raises(KeyError, match="invoices"):
        rebuilt_with(frozenset({"invoices"}))
