"""What concerns several orders, on a real database: nothing of it is lost whoever dies when."""

import json
from datetime import timedelta
from typing import Any

import pytest

from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain, settled
from adapters.ingest import ingest
from adapters.messages import INSIDE, Message
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.store import Store
from adapters.rebuild import check
from adapters.terms import book
from adapters.verify import verify
from domain import decide
from domain.facts import CreditLimitExceeded
from domain.outcomes import Owed
from domain.policies import POLICIES
from domain.policies.policy import Policy
from tests.facts import START, message
from tests.letters import retry

CUSTOMER = "customer:c-7"
CLOCK = Clock()


def order(seller: str, name: str, hours: float = 0, ref: str | None = "c-7") -> list[Message]:
    """An order placed and confirmed; at Sweeto's one that is paid off in twelve months."""
    plan: dict[str, Any] = {"method": "invoice"}
    if seller == "sweeto":
        plan = {"method": "part_payment", "plan": "12_months"}
    customer = {"kind": "consumer" if seller == "sweeto" else "business", "ref": ref}
    data = {
        "customer": customer if ref else {"kind": "business"},
        "lines": [{"line": "1", "sku": "S", "category": "home", "unit_price": 9000.0}],
        "shipping": {"price": 0.0}, "payment": plan, "cart": "K-9",
    }  # fmt: skip
    return [
        message("OrderPlaced", seller, name, "placed", hours, **data),
        message("OrderConfirmed", seller, name, "confirmed", hours),
    ]


def about(type: str, id: str, hours: float, **data: Any) -> Message:
    return message(type, "gandalf", CUSTOMER, id, hours, **data)


def invoice(name: str, hours: float) -> Message:
    return message("InvoiceIssued", "sweeto", name, "i", hours, invoice="1", amount=800.0)


async def blocked(store: Store) -> set[str]:
    rows = await store.pool.fetch("select order_id from orders where status = 'blocked'")
    return {row["order_id"] for row in rows}


async def fees(store: Store) -> list[str]:
    rows = await store.pool.fetch(
        "select order_id, sum(case when type = 'FeeRaised' then 1 else -1 end) as stands"
        " from timeline where kind = 'statement' group by order_id order by order_id"
    )
    return [row["order_id"] for row in rows if row["stands"]]


async def waiting(store: Store) -> int:
    found: int = await store.pool.fetchval("select count(*) from inbox")
    return found


async def sound(app: App, store: Store) -> None:
    """Nothing waits, verify agrees, and the read models follow from the log."""
    assert await waiting(store) == 0
    assert (await verify(store, book())).differences == []
    assert (await check(store)).differences == []


# -- both interleavings -------------------------------------------------------------------------


async def test_a_credit_stop_reaches_orders_before_and_after_it(app: App, store: Store) -> None:
    told = [
        *order("gandalf", "A"), about("CreditLimitExceeded", "over", 5),
        *order("gandalf", "B", 9), *order("gandalf", "C", 9, None),
    ]  # fmt: skip
    report = await ingest(app, told, START)
    assert (report.taken, report.duplicates, report.parked) == (7, 0, 0)
    assert await blocked(store) == {"A", "B"}
    at = await store.pool.fetch("select distinct at from events where type = 'CreditLimitExceeded'")
    assert len(at) == 1, "it keeps its own time"
    await sound(app, store)
    assert (await ingest(app, [about("AccountSettled", "paid", 20)], START)).taken == 1
    assert await blocked(store) == set()
    await sound(app, store)


async def test_a_retraction_reaches_the_orders(app: App, store: Store) -> None:
    await ingest(app, [*order("gandalf", "A"), about("InvoiceOverdue", "late", 5)], START)
    assert await blocked(store) == {"A"}
    await ingest(app, [about("Retracted", "r", 6, fact="late")], START)
    assert await blocked(store) == set()
    await sound(app, store)


async def test_one_notification_fee_a_month_whoever_comes_first(app: App, store: Store) -> None:
    told = [*order("sweeto", "A"), *order("sweeto", "B", 1)]
    await ingest(app, [*told, invoice("B", 300)], START)
    assert await fees(store) == ["B"]
    await ingest(app, [invoice("A", 200)], START)
    assert await fees(store) == ["A"]
    await ingest(app, [message("Retracted", "sweeto", "A", "r", 310, fact="i")], START)
    assert await fees(store) == ["B"]
    await sound(app, store)


async def test_a_file_told_twice_changes_nothing(app: App, store: Store) -> None:
    told = [
        *order("gandalf", "A"), about("CreditLimitExceeded", "over", 5), *order("gandalf", "B", 9),
    ]  # fmt: skip
    await ingest(app, told, START)
    before = await store.pool.fetchval("select count(*) from events")
    report = await ingest(app, told, START)
    assert (report.taken, report.duplicates) == (0, len(told))
    assert await store.pool.fetchval("select count(*) from events") == before


async def test_orders_of_many_customers_and_a_customer_of_many_orders(
    app: App, store: Store
) -> None:
    """A fact that concerns more orders than a batch holds is told to all of them."""
    told = [one for number in range(2_300) for one in order("gandalf", f"A{number}")[:1]]
    await ingest(app, [*told, about("CreditLimitExceeded", "over", 5)], START)
    assert len(await blocked(store)) == 2_300
    assert await waiting(store) == 0


# -- dying, and several writers -----------------------------------------------------------------


async def test_who_dies_between_the_two_transactions_owes_nothing(app: App, store: Store) -> None:
    """What one stream owes another is written with the events that cause it."""
    await app.handle([*order("gandalf", "A"), about("CreditLimitExceeded", "over", 5)])
    assert (await waiting(store), await blocked(store)) == (1, set())
    assert (await verify(store, book())).differences == [], "it is on its way"
    for _ in range(2):  # the customer hears of the order; then the order of the customer
        heir = await App.start(store, book(), "heir", CLOCK)
        await heir.claim(takeover=True)
        rows = await store.read_inbox(heir.partitions, 100)
        told = [Message(row["value"], row["place"], home=row["partition"]) for row in rows]
        await heir.handle(told, inbox=[(row["partition"], row["id"]) for row in rows])
    assert await blocked(store) == {"A"}
    await sound(heir, store)
    await heir.release()


async def test_a_row_told_twice_by_one_that_died_is_told_once(app: App, store: Store) -> None:
    """Taken, but the row is there again: as after a commit whose outcome was not known."""
    await app.handle(order("gandalf", "A"))
    rows = await store.read_inbox(app.partitions, 10)
    await drain(app)
    await store.put_inbox([(row["partition"], row["value"], row["place"]) for row in rows])
    assert (await drain(app)).passed == 1
    await sound(app, store)


async def test_two_writers_tell_each_other(store: Store) -> None:
    """Each takes what is for its own partitions; together they come to rest."""
    told = [*order("gandalf", "A"), *order("gandalf", "B"), *order("gandalf", "D")]
    told.append(about("CreditLimitExceeded", "over", 5))
    shares = [partition_of(f"gandalf/{name}") for name in ("A", "B", "D", CUSTOMER)]
    split = sorted(shares)[2]
    one = await App.start(store, book(), "one", CLOCK)
    two = await App.start(store, book(), "two", CLOCK)
    await one.claim(range(split))
    await two.claim(range(split, PARTITIONS))
    for first, share in zip(told[::2], shares, strict=True):
        await (one if share < split else two).handle([first])
    for _ in range(4):
        for app in (one, two):
            await settled(app, START)
    assert await waiting(store) == 0
    assert await blocked(store) == {"A", "B", "D"}
    assert (await verify(store, book())).differences == []
    await one.release()
    await two.release()


async def test_what_an_order_cannot_take_is_parked_and_told_again(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(order: Any, terms: Any, now: Any) -> Owed:
        if order.id == "A" and order.all(CreditLimitExceeded):
            raise ZeroDivisionError("broken on purpose")
        return Owed()

    with monkeypatch.context() as patch:
        patch.setattr(
            decide, "POLICIES", (*POLICIES, Policy("b", raises, (CreditLimitExceeded,), {}))
        )
        told = [*order("gandalf", "A"), *order("gandalf", "B")]
        report = await ingest(app, [*told, about("CreditLimitExceeded", "over", 5)], START)
        assert report.parked == 1
        assert await blocked(store) == {"B"}
        assert (await verify(store, book())).differences == [], "it is on its way"
    [letter] = await store.dead_letters(10)
    assert (letter["order_id"], letter["place"]) == ("A", INSIDE)
    await retry(app, letter["id"], START + timedelta(days=1))
    assert await blocked(store) == {"A", "B"}
    await sound(app, store)


# -- what is refused, and what is found ---------------------------------------------------------


def joined(subject: str) -> Message:
    """What only orders say, said from outside."""
    value = message("AccountSettled", "gandalf", subject, "m", 1).value
    value = value.replace(b"AccountSettled", b"OrderJoined")
    return Message(value.replace(b'"data": {}', b'"data": {"order": "A"}'), "f:1")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (about("Shipped", "m", 1, parcel="p"), "type: Shipped is no fact about a customer"),
        (joined(CUSTOMER), "type: OrderJoined is no fact about a customer"),
        (joined("A"), "type: OrderJoined is told to customers"),
        (
            message("AccountSettled", "gandalf", "customer:ada@example.com", "m", 1),
            "subject: a customer's reference that looks like an e-mail address",
        ),
        (
            message("AccountSettled", "gandalf", "customer:", "m", 1),
            "subject: a customer's reference that is empty",
        ),
        (
            order("gandalf", "A", ref="r" * 192)[0],
            "customer.ref: 'rrrr",
        ),
        (about("Retracted", "m", 1, fact="f", fact_source="villkor:streams"), "fact_source: "),
        (
            Message(about("AccountSettled", "m", 1).value.replace(b"/test/gandalf",
                    b"villkor:streams"), "f:1"),
            "source: 'villkor:streams' is the log itself",
        ),
    ],
)  # fmt: skip
async def test_what_is_not_for_customers_is_refused_with_a_sentence(
    app: App, store: Store, told: Message, sentence: str
) -> None:
    assert (await app.handle([told])).parked == 1
    [letter] = await store.dead_letters(2)
    assert letter["sentence"].startswith(sentence), letter["sentence"]


async def test_a_message_that_was_lost_is_found(app: App, store: Store) -> None:
    await app.handle(order("gandalf", "A"))
    await store.pool.execute("delete from inbox")
    [found] = (await verify(store, book())).differences
    assert found.sentence.startswith(f"gandalf/{CUSTOMER}: OrderJoined")
    assert found.sentence.endswith("never came")


async def test_what_staff_said_of_a_customer_lies_beside_the_log(app: App, store: Store) -> None:
    """Its orders are told the decision, and neither who took it nor why."""
    said = about(
        "DiscretionExercised", "d", 3, about="order", decision="keep", by="Ada", reason="x"
    )
    await ingest(app, [*order("gandalf", "A"), said], START)
    rows = await store.pool.fetch("select order_id, field, value from personal order by field")
    assert [(row["order_id"], row["field"]) for row in rows] == [
        (CUSTOMER, "by"), (CUSTOMER, "reason"),
    ]  # fmt: skip
    bodies = await store.pool.fetch("select body from events where type = 'DiscretionExercised'")
    assert [json.loads(row["body"]) for row in bodies] == 2 * [
        {"about": "order", "decision": "keep"}
    ]
    await sound(app, store)
    await store.pool.execute("delete from personal")
    found = (await verify(store, book())).differences
    assert {one.table for one in found} == {"personal"}, "no act erased it; all else is whole"
