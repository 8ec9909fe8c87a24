"""Dead letters on their topic: each once, as it came, with the reason."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from adapters.app import App
from adapters.kafka import relay_letters
from adapters.messages import Message
from tests.facts import message
from tests.kafka.bench import Bench, until
from tests.kafka.outgoing import place, read, relaying, running

PARK = """
    insert into dead_letters (
        identity, partition, place, headers, value, reason, sentence, parked_at)
    values (encode(sha256($1::bytea), 'hex'), $2, 'test', '[]', $1, 'refused', 'no', now())
"""


def bad(number: int) -> Message:
    """A message that no order could take, of an order."""
    return message("Shipped", "allectra", f"A-{number}", "bad", parcel="p1", cost=-1)


async def has_letters(bench: Bench, count: int) -> None:
    async def there() -> bool:
        return len(await read(bench, bench.out.dead_letters)) >= count

    await until(there, what=f"{count} letters")
    found = await read(bench, bench.out.dead_letters)
    assert len(found) == len(set(map(place, found))) == count


async def test_a_dead_letter_is_what_came_and_why_it_was_parked(bench: Bench, app: App) -> None:
    refused = bad(1)
    refused.key, refused.headers = b"allectra/A-1", (("traceparent", b"00-ab\xff-01"),)
    unreadable = Message(b"\xff\x00 no message", "villkor.facts[3]@17")
    await app.handle([refused, unreadable])
    async with relaying(bench, app):
        await has_letters(bench, 2)
    found = {one.value: one for one in await read(bench, bench.out.dead_letters)}
    one, other = found[refused.value], found[unreadable.value]
    assert (one.key, one.headers[0]) == (b"allectra/A-1", ("traceparent", b"00-ab\xff-01"))
    assert (other.key, dict(other.headers)["villkor-place"]) == (None, b"villkor.facts[3]@17")
    told = dict(one.headers)
    (letter,) = [row for row in await bench.parked() if row["order_id"] == "A-1"]
    assert told["villkor-reason"] == b"refused"
    assert told["villkor-sentence"].decode() == letter["sentence"]
    assert datetime.fromisoformat(told["villkor-parked-at"].decode()) == letter["parked_at"]
    assert told["villkor-letter"].decode() == str(letter["id"])
    assert (told["villkor-seller"], told["villkor-order"]) == (b"allectra", b"A-1")
    assert (told["villkor-message-source"], told["villkor-message-id"]) == (
        b"/test/allectra", b"bad",
    )  # fmt: skip


async def test_a_message_is_published_once_however_often_it_is_parked(
    bench: Bench, app: App
) -> None:
    """Told again, retried, discarded: the letter is the same, and its topic has it."""
    async with relaying(bench, app) as relay:
        await app.handle([bad(1), bad(2)])
        await has_letters(bench, 2)
        ids = [row["id"] for row in await bench.parked()]
        await bench.store.settle(ids, "retried", None, None, datetime.now(UTC))
        await app.handle([bad(1), bad(2)])
        await bench.store.settle(ids[:1], "discarded", "me", "no", datetime.now(UTC))
        await app.handle([bad(1), bad(3)])
        await has_letters(bench, 3)
    assert relay.published == 3


async def test_a_letter_that_is_committed_late_is_not_passed_over(bench: Bench, app: App) -> None:
    """Two programs park letters of one partition; the first to begin is the last to commit."""
    late = await asyncpg.connect(bench.database)
    async with relaying(bench, app) as relay:
        await running(relay)
        transaction = late.transaction()
        await transaction.start()
        await late.execute(PARK, b"late", 5)
        await bench.store.pool.execute(PARK, b"early", 5)
        await has_letters(bench, 1)
        await transaction.commit()
        await has_letters(bench, 2)
    await late.close()


async def test_letters_of_many_writers_at_a_time_go_out_once(bench: Bench, app: App) -> None:
    async with relaying(bench, app), relaying(bench, app):
        for start in range(0, 200, 20):
            await asyncio.gather(
                *(bench.store.pool.execute(PARK, b"%d" % number, number % 7)
                  for number in range(start, start + 20))
            )  # fmt: skip
        await has_letters(bench, 200)


async def test_a_letter_that_kafka_would_not_take_stays_in_the_database(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files may hold lines of any length."""
    monkeypatch.setattr(relay_letters, "MOST_BYTES", 100)
    await app.handle([Message(b"x" * 101, "facts.jsonl:1")])
    async with relaying(bench, app):
        await has_letters(bench, 1)
    (one,) = await read(bench, bench.out.dead_letters)
    assert one.value == b""
    assert b"101 bytes; `villkor dead-letters show" in dict(one.headers)["villkor-left-out"]


async def test_a_letter_of_kafkas_own_limit_has_room(bench: Bench, app: App) -> None:
    """Its headers come on top of what was as large as could be."""
    await app.handle([Message(b"x" * 1_048_000, "villkor.facts[0]@1")])
    async with relaying(bench, app):
        await has_letters(bench, 1)
