"""The aggregate: facts told twice, late, ahead of their time, retracted; events and versions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from eventsourcing import domain as package

from adapters.terms import book
from domain.decide import lapse, tell
from domain.errors import Conflict, Corrupt
from domain.events import FactTold, OutcomeRaised
from domain.facts import (
    CancellationRequested, Collected, DiscretionExercised, OrderConfirmed, OrderPlaced,
    PaymentReceived, Retracted, Shipped, Unclaimed,
)  # fmt: skip
from domain.fields import Customer, Line, Payment, Shipping, Value
from domain.order import Order
from domain.outcomes import Fee
from domain.state import Told, taken_back

START = datetime(2024, 3, 4, 9, tzinfo=UTC)
PLACED = OrderPlaced(
    customer=Customer(kind="consumer"),
    lines=(Line(line="1", sku="S", category="home", unit_price=100000),),
    shipping=Shipping(price=7900),
    payment=Payment(method="card"),
)


class Life:
    """Tells facts to an order; hours count from the start."""

    def __init__(self) -> None:
        self.order = Order.blank("allectra/A-1")

    def tell(self, fact: Value, id: str, hour: float, known: float | None = None) -> bool:
        at = START + timedelta(hours=hour)
        recorded_at = START + timedelta(hours=hour if known is None else known)
        return tell(self.order, Told(fact, at, recorded_at, "/test", id), b"{}", book())

    def unclaimed(self) -> "Life":
        """An order whose parcel nobody collected."""
        self.tell(PLACED, "placed", 0)
        self.tell(OrderConfirmed(), "confirmed", 1)
        self.tell(Shipped(parcel="p1", carrier="dhl", tracking="T", cost=7900), "shipped", 24)
        self.tell(Unclaimed(parcel="p1"), "unclaimed", 400)
        return self

    @property
    def fees(self) -> list[str]:
        standing = self.order.standing.values()
        return [item.kind for items in standing for item in items.values() if isinstance(item, Fee)]

    def raised(self) -> list[str]:
        return [event.type for event in self.order.collect() if isinstance(event, OutcomeRaised)]


def test_a_message_told_twice_changes_nothing() -> None:
    life = Life().unclaimed()
    life.order.collect()
    assert life.tell(Unclaimed(parcel="p1"), "unclaimed", 400, known=500) is False
    assert life.order.collect() == []


def test_the_same_message_with_another_body_is_refused() -> None:
    life = Life().unclaimed()
    with pytest.raises(Conflict, match="'unclaimed' of '/test' was told before"):
        life.tell(Unclaimed(parcel="p2"), "unclaimed", 400)


def test_a_retraction_reverses_what_followed_and_names_what_it_took_back() -> None:
    life = Life().unclaimed()
    life.order.collect()
    life.tell(Retracted(fact="unclaimed"), "back", 500)
    event, *_ = life.order.collect()
    assert isinstance(event, FactTold)
    assert event.retracted is not None
    assert event.retracted.fact == Unclaimed(parcel="p1")
    assert life.fees == []


def test_a_retraction_may_come_before_its_fact() -> None:
    life = Life()
    life.tell(Retracted(fact="unclaimed"), "back", 10)
    life.unclaimed()
    void = [e for e in life.order.collect() if isinstance(e, FactTold) and e.void]
    assert [event.told.id for event in void] == ["unclaimed"]
    assert life.fees == []


def test_a_retraction_can_be_retracted() -> None:
    life = Life().unclaimed()
    life.tell(Retracted(fact="unclaimed"), "back", 500)
    life.tell(Retracted(fact="back"), "forth", 501)
    assert life.fees == ["unclaimed"]


def test_an_order_taken_back_owes_nothing_until_it_is_told_again() -> None:
    life = Life().unclaimed()
    life.tell(Retracted(fact="placed"), "back", 500)
    assert not any(life.order.standing.values())
    life.tell(PLACED, "placed-again", 0, known=501)
    assert life.fees == ["unclaimed"]


def test_retractions_of_each_other_by_the_hundred_are_no_trouble() -> None:
    chain = [
        Told(Retracted(fact=f"m{n}"), START, START, "/test", f"m{n + 1}") for n in range(2_001)
    ]
    void = taken_back(chain)
    assert ("/test", "m0") in void
    assert ("/test", "m1") not in void


def test_a_retraction_of_another_source_needs_to_say_so() -> None:
    life = Life().unclaimed()
    life.tell(Retracted(fact="unclaimed", fact_source="/other"), "back", 500)
    assert life.fees == ["unclaimed"]


def test_two_sources_may_use_one_id() -> None:
    """A message is known by source and id; outcomes of both stand beside each other."""
    life = Life().unclaimed()
    for source in ("/one", "/two"):
        told = Told(CancellationRequested(), START, life.order.clock, source, "m1")
        assert tell(life.order, told, b"{}", book()) is True


def test_an_id_that_looks_like_another_with_its_source_is_no_other() -> None:
    """Outcomes name what caused them by its id alone: of three decisions none is taken for
    another."""
    life = Life().unclaimed()
    life.tell(PaymentReceived(amount=1000_00), "paid", 300)
    decision = DiscretionExercised(about="goodwill", decision="accepted", amount=1_00)
    for source, id in (("/one", "d@/two"), ("/one", "d"), ("/two", "d")):
        told = Told(decision, life.order.clock, life.order.clock, source, id)
        assert tell(life.order, told, b"{}", book()) is True
    given = [one for one in life.order.standing_refunds() if one.kind == "goodwill"]
    assert {one.cause for one in given} == {"d", "d@/two", "d@/two@/two"}


def test_a_late_fact_folds_where_it_happened() -> None:
    life = Life().unclaimed()
    assert life.fees == ["unclaimed"]
    life.tell(Collected(parcel="p1"), "collected", 200, known=600)
    assert life.fees == []


def test_facts_before_the_order_count_when_it_comes() -> None:
    life = Life()
    life.tell(Shipped(parcel="p1", cost=7900), "shipped", 24)
    life.tell(Unclaimed(parcel="p1"), "unclaimed", 400)
    assert life.raised() == []
    life.tell(PLACED, "placed", 0, known=410)
    life.tell(OrderConfirmed(), "confirmed", 1, known=411)
    assert life.fees == ["unclaimed"]


def test_a_fact_ahead_of_its_time_counts_when_its_time_comes() -> None:
    life = Life()
    life.tell(PLACED, "placed", 0)
    life.tell(OrderConfirmed(), "confirmed", 1)
    life.tell(Shipped(parcel="p1"), "shipped", 24)
    life.tell(Unclaimed(parcel="p1"), "unclaimed", 400, known=30)
    assert life.fees == []
    lapse(life.order, START + timedelta(hours=400), book())
    assert life.fees == ["unclaimed"]


def test_the_orders_clock_never_goes_back() -> None:
    life = Life().unclaimed()
    life.tell(Collected(parcel="p1"), "collected", 200)
    stamps = [event.timestamp for event in life.order.collect()]
    assert stamps == sorted(stamps)


def test_events_number_without_gaps_and_a_gap_is_corrupt() -> None:
    life = Life().unclaimed()
    events = life.order.collect()
    assert [event.originator_version for event in events] == list(range(1, len(events) + 1))
    with pytest.raises(Corrupt, match="follows 0"):
        events[1].mutate(Order.blank("allectra/A-1"))


def test_replay_folds_events_to_the_same_order_and_decides_nothing() -> None:
    life = Life().unclaimed()
    replayed = Order.blank("allectra/A-1")
    for event in life.order.collect():
        event.mutate(replayed)
    assert replayed.standing == life.order.standing
    assert (replayed.version, replayed.clock) == (life.order.version, life.order.clock)
    assert replayed.collect() == []


def test_an_order_restored_knows_nothing_of_what_happened_since() -> None:
    life = Life().unclaimed()
    mark = life.order.mark()
    version, standing = life.order.version, str(life.order.standing)
    life.tell(Collected(parcel="p1"), "collected", 200, known=600)
    life.order.restore(mark)
    assert (life.order.version, str(life.order.standing)) == (version, standing)
    assert life.tell(Collected(parcel="p1"), "collected", 200, known=600) is True
    assert life.fees == []


def test_no_event_gets_a_time_that_was_not_passed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package stamps events by its own clock where none is given; here that clock raises."""

    def no_clock(*_: Any) -> datetime:
        raise AssertionError("the package's clock was read")

    for name in ("datetime_now_with_tzinfo", "create_utc_datetime_now"):
        monkeypatch.setattr(package, name, no_clock)
    monkeypatch.setattr(package.CanCreateTimestamp, "create_timestamp", no_clock)
    life = Life().unclaimed()
    life.tell(Retracted(fact="unclaimed"), "back", 500)
    assert life.order.collect()
