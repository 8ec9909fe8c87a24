"""The oracle: the same facts, each once and in order, through one writer and no Kafka at all.

What it leaves standing is what any history of the same facts must leave standing.
"""

from collections.abc import AsyncIterator
from datetime import datetime

from adapters.app import App
from adapters.clock import Clock
from adapters.codec import decode
from adapters.inbox import drain, settled
from adapters.messages import Message
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.terms import book
from domain.customer_stream import is_customer
from domain.order import Order
from domain.outcomes import AnyOutcome

BATCH = 500
PAGE = 500
SHOWN = 5
Standing = dict[tuple[str, str], AnyOutcome]
"""What stands by (order, policy and key)."""

KEYS = "select distinct seller, order_id from events"
BALANCES = """
    select seller || '/' || order_id || ' ' || account || ' ' || currency, sum(amount)::bigint
    from postings group by 1 having sum(amount) <> 0
"""
ROWS = {
    "orders": """
        select seller, order_id, customer, marketplace, currency, placed_at, goods, freight, paid,
               repaid, fees, refunds, open_decisions, next_deadline, next_deadline_at
        from orders""",
    "deadlines": """
        select seller, order_id, kind, subject, due, lapses_at, party, state, amount, clauses
        from deadlines where state <> 'cancelled'""",
}


async def told_in_order(dsn: str, facts: list[Message], until: datetime) -> None:
    """Fill an empty database: every fact in its turn, and time up to `until`."""
    await migrate(dsn)
    store = await Store.open(dsn)
    app = await App.start(store, book(), "oracle", Clock(until))
    await app.claim()
    for start in range(0, len(facts), BATCH):
        await app.handle(facts[start : start + BATCH])
        await drain(app)
    await settled(app, until)
    await app.release()
    await store.close()


async def differences(ours: Store, oracle: Store) -> list[str]:
    """Where what stands in the end is not the same: outcomes, balances, read models."""
    found = _compared("standing", await standing(ours), await standing(oracle))
    balances = [dict(await one.pool.fetch(BALANCES)) for one in (ours, oracle)]
    found += _compared("balance", *balances)
    for table, query in ROWS.items():
        sides = [await one.pool.fetch(query) for one in (ours, oracle)]
        found += _compared(table, *({str(tuple(row)): 1 for row in side} for side in sides))
    return found


async def standing(store: Store) -> Standing:
    """What stands of every order, folded from the log."""
    found: Standing = {}
    async for order in _orders(store):
        for policy, items in order.standing.items():
            found |= {(order.id, f"{policy} {key}"): item for key, item in items.items()}
    return found


async def _orders(store: Store) -> AsyncIterator[Order]:
    keys = [
        tuple(row) for row in await store.pool.fetch("select distinct seller, order_id from events")
    ]
    for start in range(0, len(keys), PAGE):
        for key, loaded in (await store.load(keys[start : start + PAGE])).items():
            if not is_customer(key):
                order = Order.blank(key)
                for version, recorded_at, stored in loaded.events:
                    order.apply(decode(key, version, recorded_at, stored))
                yield order


def _compared(what: str, ours: dict, oracle: dict) -> list[str]:  # type: ignore[type-arg]
    """The first few that are not the same, and how many there are."""
    differ = [key for key in ours.keys() | oracle.keys() if ours.get(key) != oracle.get(key)]
    shown = [
        f"{what} {key}: {ours.get(key)}, and the oracle has {oracle.get(key)}"
        for key in sorted(differ)[:SHOWN]
    ]
    return [*shown, f"{what}: {len(differ)} differences"] if differ else []
