"""What is parked: every byte of it is kept, and nothing in it can stop a batch."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.postgres.batch import Batch, DeadLetter
from adapters.postgres.letters import shown, to_retry
from adapters.postgres.store import Store

NOW = datetime(2024, 3, 5, tzinfo=UTC)
LETTER = DeadLetter("f:1", b"one", "conflict", "no", NOW, "allectra", "A-1", 7, "/s", "m1")


async def park(store: Store, *letters: DeadLetter) -> list[int]:
    await store.write(Batch({}, dead_letters=list(letters)))
    return [row["id"] for row in await store.dead_letters(100)]


async def test_a_message_told_again_is_the_same_row_with_its_latest_reason(store: Store) -> None:
    first = await park(store, LETTER, replace(LETTER, place="f:2"))
    second = await park(store, replace(LETTER, reason="policy_error", place="g:9"))
    assert (len(first), first) == (1, second)
    assert (await store.dead_letters(1))[0]["reason"] == "policy_error"


@pytest.mark.parametrize(
    "other",
    [
        replace(LETTER, value=b"two"),
        replace(LETTER, order_id="A-2"),
        replace(LETTER, message_source="/s m1", message_id=""),
        replace(LETTER, message_source="/", message_id="s m1"),
    ],
)
async def test_another_body_or_another_message_is_a_row_of_its_own(
    store: Store, other: DeadLetter
) -> None:
    """The same id with another body is parked too: its bytes are nowhere else."""
    await park(store, LETTER)
    assert len(await park(store, other)) == 2
    parked = await to_retry(store.pool, None, "conflict", 0)
    assert {bytes(row["value"]) for row in parked} == {LETTER.value, other.value}


async def test_text_that_postgres_cannot_hold_stops_nothing(store: Store) -> None:
    """NUL, half a surrogate pair, binary headers: all readable, and the bytes as they came."""
    headers = (("trace", b"\x00\x01\xff\\"), ("name", b"plain"), ("å\0", b"\xc3\xa5"))
    odd = replace(
        LETTER, order_id="A\0\ud800", message_id="m\0", sentence="id: '\0'", place="f\0:1",
        value=b"\x00\xff", key=b"\x00", headers=headers,
    )  # fmt: skip
    [id] = await park(store, odd)
    [row] = await to_retry(store.pool, [id], None, 0)
    whole = await shown(store.pool, id)
    assert whole is not None
    assert (row["value"], whole["key"]) == (b"\x00\xff", b"\x00")
    assert row["headers"][:2] == headers[:2]
    assert row["headers"][2][1] == b"\xc3\xa5"


async def test_a_timer_that_fails_at_another_instant_is_seen_again(store: Store) -> None:
    """What was discarded is one failure, not those to come."""
    timer = DeadLetter("timer", b"", "policy_error", "no", NOW, "allectra", "A-1", 7, "timer", "A")
    [id] = await park(store, timer)
    assert await store.settle([id], "discarded", "Ada", "known", NOW) == 1
    assert await park(store, timer) == []
    assert len(await park(store, replace(timer, parked_at=NOW + timedelta(days=1)))) == 1


async def test_what_was_retried_and_fails_again_is_parked_again(store: Store) -> None:
    [id] = await park(store, LETTER)
    assert await store.settle([id], "retried", None, None, NOW) == 1
    assert await store.dead_letters(10) == []
    assert await park(store, LETTER) == [id]
    assert await store.settle([id, 999], "discarded", "Ada", "no use", NOW) == 1
    assert await store.settle([id], "retried", None, None, NOW) == 0
