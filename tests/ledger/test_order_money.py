"""Money in = money out + earned + owed, line by line, for every order that anybody has told."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.scenarios.check import check_document
from adapters.app import App
from adapters.ledger.order import LEGS, money_of, order_money
from adapters.postgres.store import Store
from adapters.terms import book
from domain.events import AnyEvent
from domain.order import Order
from projections.fold import Changes, Rows, fold_events
from projections.projection import Recorded
from tests.facts import life
from tests.worked import documents


def adds_up(seller: str, order: str, legs: list[Any]) -> int:
    """How many currencies the order moved; each comes to nought, and so does each line."""
    moneys = money_of(seller, order, legs)
    for one in moneys:
        assert one.off == 0
        owed = 0
        for line in one.lines:
            assert line.paid_in == line.repaid + line.earned - (line.owed - owed), line
            owed = line.owed
        assert owed == one.owes - one.owed
        assert min(one.owes, one.owed) == 0, "nobody owes what is owed to them"
    return len(moneys)


async def test_every_order_of_the_demo_adds_up(shops: Store) -> None:
    rows = await shops.pool.fetch("select seller, order_id from orders order by 1, 2")
    moved = 0
    for seller, order in rows:
        legs = await shops.pool.fetch(
            "select * from postings where seller = $1 and order_id = $2 "
            "order by partition, position, leg", seller, order,
        )  # fmt: skip
        moved += adds_up(seller, order, legs)
    assert len(rows) == 240
    assert moved > 200


async def test_what_an_order_is_told_is_in_the_answer(shops: Store) -> None:
    """A parcel that nobody fetched: paid, sent, and a fee that the customer owes."""
    [one] = await order_money(shops.pool, "allectra", "ALL-0004")
    assert [line.what for line in one.lines] == [
        "PaymentReceived", "Shipped", "FeeRaised unclaimed", "FeeAdjusted unclaimed",
    ]  # fmt: skip
    assert (one.paid_in, one.repaid, one.owes, one.owed) == (154900, 0, 44500, 0)
    assert one.earned == {2611: 39880, 3001: 119200, 3520: 4720, 3590: 35600}


def stories(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[AnyEvent]]]:
    """The events of every order in every scenario."""
    told: dict[str, list[AnyEvent]] = defaultdict(list)
    collect = Order.collect

    def noted(self: Order) -> list[AnyEvent]:
        events = collect(self)
        told[self.id] += events
        return events

    monkeypatch.setattr(Order, "collect", noted)
    for name, document in documents():
        if "reading" in document:
            continue  # told once an option
        told.clear()
        check_document(name, document, book())
        for key, events in told.items():
            versions = [event.originator_version for event in events]
            if versions == list(range(1, len(events) + 1)):
                yield f"{name} {key}", events


def test_every_story_of_the_scenarios_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = 0
    for key, events in stories(monkeypatch):
        changes, rows = Changes(), Rows()
        seller, order = events[0].originator_id.split("/", 1)
        recorded = [Recorded(event, seller, order, 1, at) for at, event in enumerate(events, 1)]
        fold_events(recorded, rows, changes)
        rows_of: list[Any] = list(changes.appended.get("postings", []))
        legs = [row._asdict() for row in rows_of]
        assert sum(leg["amount"] for leg in legs) == 0, key
        moved += adds_up(seller, order, legs)
    assert moved > 1000


async def test_an_orders_postings_are_found_by_their_places(app: App, store: Store) -> None:
    """No index has them by the order's name: its events lead to them, however large the ledger."""
    await app.handle(life("allectra", "A-1"))
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        plan = await connection.fetch(f"explain {LEGS}", "allectra", "A-1")
    scans = [row[0] for row in plan if "Scan" in row[0]]
    assert any("postings_pkey" in one for one in scans), scans
    assert not any("postings_of" in one for one in scans), scans
