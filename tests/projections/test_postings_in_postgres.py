"""The database itself refuses entries that do not balance, and every change to what is booked."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from adapters.postgres.store import Store
from domain.facts import PaymentReceived, Shipped
from projections import PROJECTIONS
from tests.projections.story import Story, fee, goods

COLUMNS = (
    "seller", "order_id", "partition", "position", "leg", "account", "amount", "currency",
    "booked", "occurred", "kind", "period", "rate",
)  # fmt: skip


@pytest.fixture
def db(store: Store) -> asyncpg.Pool:
    """A database with the read models."""
    return store.pool


def leg(
    number: int,
    account: int,
    amount: int,
    position: int = 1,
    currency: str = "SEK",
    order: str = "A",
) -> tuple[Any, ...]:
    day = date(2024, 3, 4)
    return (
        "acme",
        order,
        7,
        position,
        number,
        account,
        amount,
        currency,
        day,
        day,
        "test",
        day.replace(day=1),
        0,
    )


async def copy(db: asyncpg.Pool, *legs: tuple[Any, ...]) -> None:
    await db.copy_records_to_table("postings", records=legs, columns=COLUMNS)


async def test_a_balanced_entry_is_taken(db: asyncpg.Pool):
    await copy(db, leg(1, 1930, 100), leg(2, 2420, -100), leg(1, 1930, 5, 2), leg(2, 2420, -5, 2))
    assert await db.fetchval("select count(*) from postings") == 4


@pytest.mark.parametrize(
    ("legs", "why"),
    [
        ([leg(1, 1930, 100), leg(2, 2420, -99)], "does not balance"),
        ([leg(1, 1930, 100), leg(2, 2420, -100, currency="EUR")], "does not balance"),
        ([leg(1, 1930, 100), leg(1, 2420, -100, position=2)], "does not balance"),
        ([leg(1, 1930, 100), leg(3, 2420, -100)], "not whole"),
        ([leg(1, 1930, 100), leg(2, 2420, -100, order="B")], "not whole"),
        ([leg(1, 1930, 0)], "amount"),
    ],
)
async def test_an_entry_that_is_not_whole_is_refused(
    db: asyncpg.Pool, legs: list[tuple[Any, ...]], why: str
):
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=why):
        await copy(db, *legs)


async def test_nothing_is_added_to_an_old_entry(db: asyncpg.Pool):
    """Balanced legs put later to an entry are refused as well."""
    await copy(db, leg(1, 1930, 100), leg(2, 2420, -100))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="not whole"):
        await copy(db, leg(3, 1930, 50), leg(4, 2420, -50))
    with pytest.raises(asyncpg.UniqueViolationError):
        await copy(db, leg(1, 1930, 50), leg(2, 2420, -50))


@pytest.mark.parametrize(
    "statement",
    ["update postings set amount = 1", "delete from postings", "truncate postings"],
)
async def test_postings_stay_as_they_are(db: asyncpg.Pool, statement: str):
    """The owner, too, corrects by a reversal."""
    await copy(db, leg(1, 1930, 100), leg(2, 2420, -100))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="reversal"):
        await db.execute(statement)


async def test_rows_are_copied_as_the_projections_make_them(db: asyncpg.Pool):
    """Every table takes its rows, and an order's rows come back as they were."""
    story = Story().tell(goods(("1", 10000, 25))).tell(PaymentReceived(amount=10000))
    tables = story.tell(Shipped(parcel="p1"), "2024-03-05").owe(fee("unclaimed", 100)).then()
    for projection in PROJECTIONS:
        names = [column.name for column in projection.columns]
        rows = tables.appended.get(projection.table) or list(
            tables.tables.get(projection.table, {}).values()
        )
        await db.copy_records_to_table(projection.table, records=rows, columns=names)
    stored = tuple(await db.fetchrow("select * from parcels"))
    assert tuple(tuple(one) if isinstance(one, list) else one for one in stored) == tables.one(
        "parcels"
    )
