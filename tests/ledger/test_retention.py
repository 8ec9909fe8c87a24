"""What must be kept and until when; the program itself deletes nothing of the log."""

import re
from datetime import date, datetime
from pathlib import Path

import asyncpg
import pytest

import adapters
from adapters.app import App
from adapters.postgres.store import Store
from adapters.retention import kept_until, retention
from adapters.terms import book
from tests.facts import life, message

ROOT = Path(adapters.__file__).parents[1]
LOSES = re.compile(r"(delete\s+from|truncate(\s+table)?|update|drop\s+table)\s+(only\s+)?events\b")


@pytest.mark.parametrize(
    ("booked", "last"),
    [(date(2019, 1, 1), date(2026, 12, 31)), (date(2019, 12, 31), date(2026, 12, 31)),
     (date(2020, 1, 1), date(2027, 12, 31))],
)  # fmt: skip
def test_vouchers_are_kept_to_the_end_of_the_seventh_year(booked: date, last: date) -> None:
    assert kept_until(booked, 7) == last


async def test_what_may_be_dropped_is_counted_by_its_rule(app: App, store: Store) -> None:
    """An order of March 2024: on the last day of 2031 it is kept, the day after it may go."""
    words = message("WithdrawalNotified", "allectra", "A-1", "w", 360, statement="I am Ann")
    await app.handle([*life("allectra", "A-1"), words])
    events = await store.pool.fetchval("select count(*) from events")
    for now, may_go in (("2031-12-31T12:00+01:00", 0), ("2032-01-01T00:00+01:00", events)):
        kept = await retention(store.pool, book(), datetime.fromisoformat(now))
        assert (kept[0].number, kept[0].may_go) == (events, may_go)
        assert (kept[1].number, bool(kept[1].may_go)) == (1, bool(may_go))
    assert "those of 2024 until 2031-12-31" in str(kept[0])
    assert "nothing in the log is ever deleted" in str(kept[0])


async def test_parked_bytes_may_go_once_they_are_settled(app: App, store: Store) -> None:
    await app.handle([message("Shipped", "allectra", "A-1", "bad", cost=-1)])
    [row] = await store.pool.fetch("select id from dead_letters")
    at = datetime.fromisoformat("2024-04-01T00:00+00:00")

    async def parked() -> tuple[int, int]:
        kept = (await retention(store.pool, book(), at))[2]
        return kept.number, kept.may_go

    assert await parked() == (1, 0)
    await store.pool.execute("update dead_letters set state = 'discarded' where id = $1", row["id"])
    assert await parked() == (1, 1)


def test_no_statement_of_the_program_deletes_or_changes_events() -> None:
    """In whatever file it stands: neither code nor schema nor what is deployed."""
    files = [
        path
        for folder in ("adapters", "domain", "projections", "deploy")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sql", ".sh", ".yaml", ".yml")
    ]
    assert len(files) > 200
    found = [path for path in files if LOSES.search(path.read_text("utf-8").lower())]
    assert found == []
    assert LOSES.search("delete from events where true")
    assert LOSES.search("update events set body = ''")


async def test_the_database_itself_keeps_postings(app: App, store: Store) -> None:
    await app.handle(life("allectra", "A-1"))
    for statement in ("delete from postings", "truncate postings", "update postings set leg = 1"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
            await store.pool.execute(statement)
