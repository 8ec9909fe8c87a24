"""Contracts of days of which nobody has looked at the law: parked, and told again afterwards."""

from datetime import date, timedelta

import pytest

from adapters.app import App
from adapters.cli import main
from adapters.clock import Clock
from adapters.ingest import ingest
from adapters.postgres.store import Store
from adapters.terms import TERMS, book
from adapters.verify import verify
from domain.terms.book import Book
from tests.facts import START, life, message
from tests.letters import retry

HOURS = (date(2027, 1, 8) - START.date()).days * 24
"""From the start of the stories to a day after the last known one."""
LATER = START + timedelta(hours=HOURS + 24 * 30)


def moved(day: str) -> Book:
    """The terms as installed, the statutes looked at up to another day."""
    texts = {one.name.removesuffix(".toml"): one.read_text("utf-8")
             for one in TERMS.iterdir() if one.name.endswith(".toml")}  # fmt: skip
    known = f"still_valid_on = {book().still_valid_on}"
    assert known in texts["statutes"]
    return Book(texts | {"statutes": texts["statutes"].replace(known, f"still_valid_on = {day}")})


async def test_an_order_of_an_unknown_day_goes_through_once_the_law_was_looked_at(
    store: Store,
) -> None:
    told = [
        message("OrderPlaced", "netzilla", "N-1", "placed", HOURS, lines=[
            {"line": "1", "unit_price": 500.0}], customer={"kind": "consumer"},
            payment={"method": "card"}),
        message("OrderConfirmed", "netzilla", "N-1", "confirmed", HOURS + 1),
    ]  # fmt: skip
    one = await App.start(store, book(), "before", Clock())
    await one.claim()
    report = await ingest(one, [*told, *life("allectra", "A-1")], LATER)
    assert report.parked == 1
    [letter] = await store.dead_letters(10)
    assert "a contract of 2027-01-08 is outside the known law" in letter["sentence"]
    assert (await retry(one, letter["id"], LATER)).parked == 1, "nobody has looked"
    await one.release()

    two = await App.start(store, moved("2027-06-30"), "after", Clock())
    await two.claim()
    assert (await retry(two, letter["id"], LATER)).parked == 0
    assert await store.dead_letters(10) == []
    assert (await verify(store, moved("2027-06-30"))).differences == []
    await two.release()


@pytest.mark.parametrize(("now", "code", "words"), [
    ("2026-12-31T12:00", 0, "up to 2026-12-31, 0 days from now"),
    ("2027-01-08T12:00", 1, "8 days ago; orders placed since are parked"),
])  # fmt: skip
def test_the_doctor_says_when_somebody_must_look_again(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    now: str, code: int, words: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", now)
    assert main(["doctor"]) == code
    out, err = capsys.readouterr()
    assert words in " ".join((out + err).split())
