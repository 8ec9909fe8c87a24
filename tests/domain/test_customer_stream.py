"""Customers and their orders tell each other facts: whatever arrives when, they come to agree."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messages import INSIDE, Message, telling, understand
from adapters.partitions import PARTITIONS
from adapters.verify.passed import Passed, messages_in
from adapters.terms import book
from domain.between import NotificationFeeCharged, OrderJoined
from domain.calendar import moment, month_of
from domain.stream import hear
from domain.customer_stream import Customer, is_customer
from domain.decide import tell
from domain.errors import Conflict
from domain.facts import (
    AccountSettled, CreditLimitExceeded, DiscretionExercised, InvoiceIssued, InvoiceOverdue,
    OrderConfirmed, OrderPlaced, Retracted,
)  # fmt: skip
from domain.fields import Customer as Buyer
from domain.fields import LONGEST, Line, Payment, Value
from domain.order import Order
from domain.outcomes import Block, Fee
from domain.state import Told
from domain.stream import SOURCE, Said, Stream, named

PLACED = moment("2024-05-01T09:00")
MINE = "/test"


class Net:
    """Streams of one seller, and what is on its way between them; nothing arrives by itself."""

    def __init__(self, seller: str = "sweeto") -> None:
        self.seller, self.book = seller, book()
        self.streams: dict[str, Order | Customer] = {}
        self.on_the_way: list[Said] = []

    def told(self, subject: str, fact: Value, at: datetime, id: str) -> None:
        """A fact from outside."""
        self.take(Said(f"{self.seller}/{subject}", Told(fact, at, at, MINE, id), b"{}"))

    def placed(self, order: str, ref: str | None = "c1", at: datetime = PLACED) -> None:
        buyer = Buyer(ref=ref, kind="consumer" if self.seller == "sweeto" else "business")
        method: Any = "part_payment" if self.seller == "sweeto" else "invoice"
        plan: Any = "12_months" if self.seller == "sweeto" else None
        data = OrderPlaced(
            customer=buyer, lines=(Line(line="1", unit_price=9000_00),),
            payment=Payment(method=method, plan=plan),
        )  # fmt: skip
        self.told(order, data, at, f"placed {ref} {at}")
        self.told(order, OrderConfirmed(), at, f"confirmed {at}")

    def take(self, said: Said) -> None:
        key = said.to
        if key not in self.streams:
            self.streams[key] = Customer.blank(key) if is_customer(key) else Order.blank(key)
        stream, was = self.streams[key], said.told
        told = Told(was.fact, was.at, was.recorded_at, was.source, was.id)
        if isinstance(stream, Order):
            tell(stream, told, said.body, self.book)
        else:
            hear(stream, told, said.body)
        self.on_the_way += stream.hand_over()

    def quiet(self, chance: Random | None = None) -> "Net":
        """Deliver everything, in order or in any order, some of it twice; it must come to rest."""
        for _ in range(5_000):
            if not self.on_the_way:
                return self
            number = chance.randrange(len(self.on_the_way)) if chance else 0
            said = self.on_the_way.pop(number)
            self.take(said)
            if chance and chance.random() < 0.2:
                self.take(said)
        raise AssertionError("they reverse each other for ever")

    def order(self, name: str) -> Order:
        found = self.streams[f"{self.seller}/{name}"]
        assert isinstance(found, Order)
        return found

    def customer(self, ref: str = "c1") -> Customer:
        found = self.streams[f"{self.seller}/customer:{ref}"]
        assert isinstance(found, Customer)
        return found

    def standing(self, kind: type[Any]) -> list[tuple[str, Any]]:
        return [
            (key.split("/")[1], item)
            for key, stream in self.streams.items() if isinstance(stream, Order)
            for items in stream.standing.values() for item in items.values()
            if isinstance(item, kind)
        ]  # fmt: skip

    def fees(self) -> list[tuple[str, str | None]]:
        found = [(order, fee.invoice) for order, fee in self.standing(Fee)
                 if fee.kind == "statement"]  # fmt: skip
        return sorted(found)

    def blocked(self) -> set[str]:
        return {order for order, _ in self.standing(Block)}

    def replayed(self) -> Passed:
        """Both ends of what was said, from the recorded events alone."""
        passed = Passed()
        for key, stream in self.streams.items():
            again: Stream = (Customer if is_customer(key) else Order).blank(key)
            for event in stream.pending_events:
                again.apply(event)  # type: ignore[arg-type]
            passed.add(messages_in(again, range(PARTITIONS)))
        return passed


def invoice(name: str) -> InvoiceIssued:
    return InvoiceIssued(invoice=name, amount=800_00)


def day(number: int) -> datetime:
    return PLACED + timedelta(days=number)


# -- one notification fee a customer and month -------------------------------------------------


@pytest.mark.parametrize("first", ["A", "B"])
def test_the_months_fee_stands_on_the_earliest_invoice_whoever_speaks_first(first: str) -> None:
    net = Net()
    for order in ("A", "B"):
        net.placed(order)
    for order in (first, "B" if first == "A" else "A"):
        net.told(order, invoice(f"{order}1"), day(3 if order == "A" else 9), f"i{order}")
        net.quiet()
    assert net.fees() == [("A", "A1")]


def test_a_fee_that_falls_away_lets_the_next_invoice_carry_it_and_comes_back() -> None:
    """Raised, reversed and raised again: each time it is announced anew."""
    net = Net()
    for order, at in (("A", 3), ("B", 9), ("C", 12)):
        net.placed(order)
        net.told(order, invoice(f"{order}1"), day(at), f"i{order}")
    assert net.quiet().fees() == [("A", "A1")]
    for number in range(3):
        net.told("A", Retracted(fact=f"iA{number or ''}"), day(20), f"r{number}")
        assert net.quiet().fees() == [("B", "B1")]
        net.told("A", invoice("A1"), day(3), f"iA{number + 1}")
        assert net.quiet().fees() == [("A", "A1")]


def test_of_invoices_at_one_instant_the_names_decide_for_all_alike() -> None:
    net = Net()
    for order in ("B", "A", "C"):
        net.placed(order)
        net.told(order, invoice("1"), day(3), "i")
    assert net.quiet().fees() == [("A", "1")]
    net.told("A", Retracted(fact="i"), day(4), "r")
    assert net.quiet().fees() == [("B", "1")]
    net.told("A", invoice("1"), day(3), "again")
    assert net.quiet().fees() == [("A", "1")], "though B's, of the same instant, stood already"


def test_another_month_and_another_customer_have_fees_of_their_own() -> None:
    net = Net()
    net.placed("A")
    net.placed("B")
    net.placed("C", "c2")
    for order in ("A", "B", "C"):
        net.told(order, invoice("1"), day(3), "i1")
    net.told("B", invoice("2"), day(33), "i2")
    assert net.quiet().fees() == [("A", "1"), ("B", "2"), ("C", "1")]


def test_an_invoice_whose_day_is_corrected_changes_places() -> None:
    net = Net()
    for order, at in (("A", 3), ("B", 9)):
        net.placed(order)
        net.told(order, invoice("1"), day(at), f"i{order}")
    net.quiet()
    net.told("A", invoice("1"), day(11), "again")
    assert net.quiet().fees() == [("B", "1")]


def test_an_order_that_was_another_customers_leaves_its_fees_behind() -> None:
    """Corrected by a retraction and a new order: both customers' orders come out right."""
    net = Net()
    net.placed("A")
    net.placed("B")
    net.placed("C", "c2")
    for order, at in (("A", 3), ("B", 9), ("C", 5)):
        net.told(order, invoice("1"), day(at), "i")
    assert net.quiet().fees() == [("A", "1"), ("C", "1")]
    net.told("A", Retracted(fact=f"placed c1 {PLACED}"), day(20), "r")
    net.placed("A", "c2", day(20))
    assert net.quiet().fees() == [("A", "1"), ("B", "1")]
    net.told("A", Retracted(fact=f"placed c2 {day(20)}"), day(21), "r2")
    net.placed("A", "c1", day(21))
    assert net.quiet().fees() == [("A", "1"), ("C", "1")]


STEP = st.tuples(
    st.sampled_from("ABC"), st.sampled_from(["place", "issue", "issue", "retract", "deliver"]),
    st.integers(0, 5), st.sampled_from(["1", "2"]),
)  # fmt: skip


@given(st.lists(STEP, max_size=25), st.randoms(use_true_random=False))
def test_fees_of_several_orders_come_to_rest_on_each_months_earliest(
    steps: list[tuple[str, str, int, str]], chance: Random
) -> None:
    """Any interleaving of facts, retractions and deliveries, also doubled and out of order."""
    net, invoices = Net(), dict[tuple[str, str], datetime]()
    placed: set[str] = set()
    for number, (order, what, at, name) in enumerate(steps):
        issued = PLACED + timedelta(days=7 * at)
        match what:
            case "place" if order not in placed:
                placed.add(order)
                net.placed(order)
            case "issue" if (order, name) not in invoices:
                invoices[order, name] = issued
                net.told(order, invoice(name), issued, f"{name}#{number}")
            case "retract" if (order, name) in invoices:
                gone = [id for source, id in net.order(order).seen
                        if source == MINE and id.startswith(f"{name}#")][-1]  # fmt: skip
                del invoices[order, name]
                net.told(order, Retracted(fact=gone), day(60), f"r{number}")
            case "deliver" if net.on_the_way:
                net.take(net.on_the_way.pop(chance.randrange(len(net.on_the_way))))
    net.quiet(chance)
    months: dict[tuple[int, int], tuple[datetime, str, str]] = {}
    for (order, name), at in invoices.items():
        if order in placed:
            place = (at, order, name)
            months[month_of(at)] = min(place, months.get(month_of(at), place))
    assert net.fees() == sorted((order, name) for _, order, name in months.values())
    assert net.replayed().differences(()) == []


# -- what is told of the customer ---------------------------------------------------------------


def test_a_credit_stop_reaches_orders_before_and_after_and_is_released() -> None:
    net = Net("gandalf")
    net.placed("A")
    net.placed("X", "c2")
    net.quiet().told("customer:c1", CreditLimitExceeded(), day(2), "over")
    net.quiet().placed("B", at=day(3))
    assert net.quiet().blocked() == {"A", "B"}
    stop = [one for one in net.order("B").facts if isinstance(one.fact, CreditLimitExceeded)]
    assert [one.at for one in stop] == [day(2)], "it keeps its own time"
    net.told("customer:c1", AccountSettled(), day(5), "paid")
    assert net.quiet().blocked() == set()


def test_a_stop_that_was_wrong_is_taken_back_everywhere() -> None:
    """And stands again where the retraction was wrong."""
    net = Net("gandalf")
    net.placed("A")
    net.told("customer:c1", InvoiceOverdue(), day(2), "over")
    net.placed("B")
    assert net.quiet().blocked() == {"A", "B"}
    net.told("customer:c1", Retracted(fact="over"), day(3), "r")
    net.placed("C")
    assert net.quiet().blocked() == set()
    assert all(not isinstance(one.fact, InvoiceOverdue) for one in net.order("C").facts)
    net.told("customer:c1", Retracted(fact="r"), day(4), "rr")
    assert net.quiet().blocked() == {"A", "B", "C"}


def test_a_retraction_before_its_fact_leaves_nothing() -> None:
    net = Net("gandalf")
    net.placed("A")
    net.told("customer:c1", Retracted(fact="over"), day(1), "r")
    net.told("customer:c1", CreditLimitExceeded(), day(2), "over")
    assert net.quiet().blocked() == set()


def test_an_order_without_a_customer_announces_nothing() -> None:
    net = Net()
    net.placed("A", None)
    net.told("A", invoice("1"), day(3), "i")
    assert net.on_the_way == []
    net.placed("A", "c1", day(4))
    assert [type(one.told.fact).__name__ for one in net.on_the_way] == [
        "OrderJoined", "NotificationFeeCharged",
    ]  # fmt: skip


def test_an_order_told_ahead_of_its_time_is_the_customers_already() -> None:
    net = Net("gandalf")
    late = PLACED + timedelta(days=30)
    data = OrderPlaced(customer=Buyer(ref="c1"), lines=(Line(line="1", unit_price=1),))
    net.take(Said("gandalf/A", Told(data, late, PLACED, MINE, "placed")))
    assert net.quiet().customer().orders == ["A"]


FACTS = (CreditLimitExceeded(), InvoiceOverdue(), AccountSettled(),
         DiscretionExercised(about="order", decision="keep"))  # fmt: skip
CHANGE = st.tuples(
    st.sampled_from(["order", "order", "fact", "retract", "deliver"]),
    st.sampled_from("AB"), st.sampled_from(["c1", "c2", None]), st.integers(0, 3),
)  # fmt: skip


@given(st.lists(CHANGE, max_size=20), st.randoms(use_true_random=False))
def test_every_order_knows_what_stands_of_its_customer_and_nothing_else(
    changes: list[tuple[str, str, str | None, int]], chance: Random
) -> None:
    """Orders that change customers, facts that are taken back, deliveries in any order."""
    net = Net("gandalf")
    last: dict[str, str] = {}
    facts: dict[str, list[str]] = {"c1": [], "c2": []}
    for number, (what, order, ref, which) in enumerate(changes):
        at = day(number)
        match what:
            case "order":
                if order in last:
                    net.told(order, Retracted(fact=last[order]), at, f"r{number}")
                net.placed(order, ref, at)
                last[order] = f"placed {ref} {at}"
            case "fact" if ref:
                facts[ref].append(f"f{number}")
                net.told(f"customer:{ref}", FACTS[which], at, f"f{number}")
            case "retract" if ref and facts[ref]:
                gone = facts[ref].pop(which % len(facts[ref]))
                net.told(f"customer:{ref}", Retracted(fact=gone), at, f"r{number}")
            case "deliver" if net.on_the_way:
                net.take(net.on_the_way.pop(chance.randrange(len(net.on_the_way))))
    net.quiet(chance)
    for order in last:
        one = net.order(order)
        inside = [fact for fact in one.facts if fact.source == SOURCE]
        told = sorted(fact.id.split("/")[2] for fact in inside if (SOURCE, fact.id) not in one.void)
        assert told == sorted(facts.get(one.customer or "", []))
    assert net.replayed().differences(()) == []


# -- how it is said -----------------------------------------------------------------------------


def test_what_is_said_is_a_message_that_says_the_same() -> None:
    net = Net("gandalf")
    net.placed("A")
    net.quiet()
    body = b'{"about":"order","decision":"keep","amount":12.50}'
    fact = DiscretionExercised(about="order", decision="keep", amount=12_50)
    net.take(Said("gandalf/customer:c1", Told(fact, day(1), day(2), MINE, "d1"), body))
    [said] = net.on_the_way
    heard = understand(Message(telling(said), INSIDE))
    assert (heard.key, heard.body) == ("gandalf/A", body)
    assert (heard.told.fact, heard.told.at, heard.told.recorded_at) == (fact, day(1), day(2))
    assert (heard.told.source, heard.told.id) == (said.told.source, said.told.id)


def test_ids_are_short_and_those_of_other_parts_are_others() -> None:
    assert named(7, "F/1", "A") != named(7, "F", "1/A")
    assert named(7, "%2F") != named(7, "/")
    assert len(named(7, "å" * LONGEST, "b" * LONGEST).encode()) <= LONGEST


def test_an_id_that_says_something_else_is_refused() -> None:
    net = Net()
    net.told("customer:c1", CreditLimitExceeded(), day(1), "m")
    with pytest.raises(Conflict):
        net.told("customer:c1", AccountSettled(), day(1), "m")


def test_what_was_lost_or_made_up_between_streams_is_found() -> None:
    net = Net()
    net.placed("A")
    assert [one.split(" (")[0] for one in map(str, net.replayed().differences(()))] == [
        "sweeto/customer:c1: OrderJoined of 2024-05-01T07:00:00+00:00"
    ]
    net.quiet()
    forged = Told(NotificationFeeCharged(order="Z", invoice="1"), day(1), day(1), SOURCE, "forged")
    net.take(Said("sweeto/A", forged))
    [found] = map(str, net.replayed().differences(()))
    assert found.endswith("(forged) was not said by any stream")


def test_thousands_of_orders_hear_of_a_fact_in_one_go() -> None:
    customer = Customer.blank("gandalf/customer:c1")
    for number in range(3_000):
        joined = Told(OrderJoined(order=f"A{number}"), day(0), day(0), SOURCE, f"{number}")
        hear(customer, joined, b"{}")
    hear(customer, Told(CreditLimitExceeded(), day(1), day(1), MINE, "over"), b"{}")
    assert len({said.to for said in customer.hand_over()}) == 3_000
