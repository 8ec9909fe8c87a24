"""What looks whole after somebody was at it, and what a broken chain says of all that follows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import rebuild as rebuilding
from adapters.app import App
from adapters.heads import Head, Keeper, against, append, in_file
from adapters.inbox import drain
from adapters.ingest import ingest
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.rebuild import Override, rebuild
from adapters.seal import START as FIRST
from adapters.seal import chained
from adapters.terms import book
from adapters.verify.protected import PROTECTED
from domain.errors import Guarded
from tests.facts import START, life
from tests.postgres.tampered import CLOCK, found, tamper
from tests.postgres.test_rebuild import beside_live, dump

# -- what looks whole -----------------------------------------------------------------------------


async def kept(store: Store, path: Path) -> list[Head]:
    """The heads as they are, written to a file."""
    heads = await Keeper(store.pool).moved(range(PARTITIONS), datetime.now(UTC))
    append(path, heads)
    return heads


async def test_an_end_that_was_cut_off_is_found_by_the_rows_that_are_left(sound: Store) -> None:
    """The last events went, and their partition says that they never were."""
    partition = partition_of("allectra/A-1")
    await tamper(
        sound,
        f"delete from events where partition = {partition} and position > 8",
        f"""
        update partitions set position = 8,
            head = (select hash from events where partition = {partition} and position = 8)
        where partition = {partition}
        """,
    )
    tables = {one.table for one in await found(sound)}
    assert {"timeline", "orders", "deadlines", "postings", "timers"} <= tables


async def test_an_end_that_was_cut_off_with_all_that_follows_is_found_by_heads(
    sound: Store, tmp_path: Path
) -> None:
    """Nothing is left of the order: the database is as it was before; only the heads know."""
    heads = await kept(sound, tmp_path / "heads")
    assert await against(sound, in_file(tmp_path / "heads")) == []
    key = "allectra/A-3"
    beside = (
        "partitions", "editions", "personal", "ledger_days", "ledger_orders", "ledger_sellers",
        "deadline_sums", "tokens",
    )  # fmt: skip
    tables = [one for one in PROTECTED if one not in beside]
    await tamper(
        sound,
        *(f"delete from {one} where order_id = 'A-3'" for one in tables),
        "truncate ledger_days, ledger_orders, ledger_sellers, ledger_summed",
        "truncate deadline_sums, deadline_moves, deadlines_summed",
        f"""
        update partitions set position = 0, head = '\\x{FIRST.hex()}'
        where partition = {partition_of(key)}
        """,
    )
    assert await found(sound) == []
    [cut] = await against(sound, in_file(tmp_path / "heads"))
    [last] = [one for one in heads if one.partition == partition_of(key)]
    assert cut.event is not None
    assert cut.event[:2] == (last.partition, last.position)
    assert "is no longer there" in cut.sentence


async def test_an_end_of_which_outcomes_went_out_is_missed(sound: Store) -> None:
    partition = partition_of("allectra/A-1")
    await tamper(sound, f"insert into relay (partition, position) values ({partition}, 999)")
    [one] = await found(sound)
    assert one.sentence.startswith(f"partition {partition}: published up to 999, the log ends at")


async def rewritten(store: Store, partition: int) -> None:
    """Chain a partition anew, as it now is."""
    head, query = FIRST, "select * from events where partition = $1 order by position"
    rows = [EventRow(**dict(row)) for row in await store.pool.fetch(query, partition)]
    for row in rows:
        head = chained(head, row.key, row.version, row.recorded_at, row.stored)
        await store.pool.execute(
            "update events set hash = $3 where (partition, position) = ($1, $2)", *row[:2], head
        )
    await store.pool.execute(
        "update partitions set head = $2 where partition = $1", partition, head
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("body = replace(encode(body, 'escape'), '\"amount\":', '\"amount\":1')::bytea"
         " where type = 'FeeRaised'", "FeeRaised"),
        ("meta = replace(encode(meta, 'escape'), '\"cause\":', '\"cause\":1')::bytea"
         " where type = 'FeeRaised'", "FeeRaised"),
        ("meta = '{\"void\":true}' where type = 'Unclaimed'", "Unclaimed"),
        ("body = replace(encode(body, 'escape'), '95.0', '96.0')::bytea"
         " where type = 'ParcelReturned'", "now"),
    ],
)  # fmt: skip
async def test_a_chain_that_was_rewritten_is_found(
    sound: Store, tmp_path: Path, change: str, said: str
) -> None:
    """By what follows from the facts, and by the heads, whatever follows."""
    await kept(sound, tmp_path / "heads")
    partition = partition_of("allectra/A-1")
    await tamper(sound, f"update events set {change} and order_id = 'A-1'")
    await rewritten(sound, partition)
    differences = await found(sound)
    assert not [one for one in differences if "does not fit the chain" in one.sentence]
    assert [one for one in differences if said in one.sentence and one.order == "allectra/A-1"]
    [one] = await against(sound, in_file(tmp_path / "heads"))
    assert "once its head, was another" in one.sentence


async def test_another_log_under_the_same_name_is_found_by_heads(
    sound: Store, store: Store, tmp_path: Path
) -> None:
    """The whole installation forged: verify finds nothing in it, its heads are others."""
    heads = await kept(sound, tmp_path / "heads")
    app = await App.start(store, book(), "test", CLOCK)
    await app.claim()
    await ingest(app, life("sweeto", "S-1"), START + timedelta(days=30))
    await app.release()
    assert await found(store) == []
    [stranger] = await against(store, in_file(tmp_path / "heads"))
    assert stranger.table == "installation"
    await store.pool.execute("update installation set id = $1", heads[0].installation)
    assert len(await against(store, in_file(tmp_path / "heads"))) == len(heads)


# -- a broken chain -------------------------------------------------------------------------------

FORGED = (
    "update events set body = replace(encode(body, 'escape'), '95.0', '96.0')::bytea"
    " where type = 'ParcelReturned' and order_id = 'A-1'"
)
BROKEN = "does not fit the chain: it was changed after it was written"
WHY = Override("Ada", "the row was looked into", START)


async def test_a_broken_chain_comes_first_and_what_may_follow_from_it_says_so(sound: Store) -> None:
    """By order; what is long is told by its paths, in kronor, and leads to its event."""
    await tamper(
        sound, FORGED, "update orders set fees = fees + 100 where order_id = 'A-2'",
        "update postings set amount = amount + 1 where (partition, position, leg) = (select"
        " partition, position, leg from postings where order_id = 'N-1' limit 1)",
    )  # fmt: skip
    differences = await found(sound)
    first, *others = [one for one in differences if one.order == "allectra/A-1"]
    assert differences[0] is first
    assert first.breaks
    assert BROKEN in first.sentence
    assert first.event is not None
    behind = [one for one in others if one.follows is not None]
    assert behind
    assert {one.follows for one in behind} == {first.event.version}
    orders = [one.order for one in differences if one.order is not None]
    assert orders == sorted(orders, key=orders.index)
    assert all(one.follows is None for one in differences if one.order != "allectra/A-1")
    [posting] = [one for one in differences if one.order == "netzilla/N-1"]
    assert posting.event is not None
    assert posting.event.version
    [fee] = [one for one in others if "FeeAdjusted" in one.sentence]
    assert "item.amount 445.00, now 446.00" in fee.sentence
    assert fee.lines == [
        ("item.because.steps.2.2", "96.00", "95.00"), ("item.amount", "446.00", "445.00"),
    ]  # fmt: skip


async def test_a_rebuild_stops_at_a_broken_chain(sound: Store) -> None:
    """Also by processes, and of some read models alone; the live rows may be all that is true."""
    before = await dump(sound)
    await tamper(sound, FORGED)
    for names, processes in (((), 1), ((), 2), (["sla"], 1)):
        with pytest.raises(Guarded, match=BROKEN) as refused:
            await rebuild(sound, names, processes=processes)
        assert f"partition {partition_of('allectra/A-1')}: event " in str(refused.value)
        assert "(allectra/A-1 " in str(refused.value)
        assert await dump(sound) == before
        assert await beside_live(sound) == []


@pytest.mark.parametrize(
    "change",
    [
        "delete from events where order_id = 'A-1' and version = 3",
        "delete from events where order_id = 'A-1' and version = (select max(version) from events"
        " where order_id = 'A-1')",
        "update events set hash = sha256(hash) where order_id = 'A-1' and version = 3",
    ],
)  # fmt: skip
async def test_a_rebuild_misses_rows_that_were_removed(sound: Store, change: str) -> None:
    """In the middle and at the end; and a hash that was changed."""
    await tamper(sound, change)
    with pytest.raises(Guarded, match=r"does not fit the chain|the last event is not the head"):
        await rebuild(sound)


async def test_events_that_come_during_a_rebuild_are_held_against_the_chain(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded in rounds, or while writers are held: what is forged meanwhile stops it, too."""
    await app.handle(life("allectra", "A-1"))
    fold = rebuilding._Rebuild.fold

    async def then_forged(one: Any, *given: Any) -> None:
        await fold(one, *given)
        await app.handle(life("allectra", "A-2"))
        await tamper(store, "update events set body = body || ' ' where order_id = 'A-2'")

    monkeypatch.setattr(rebuilding._Rebuild, "fold", then_forged)
    before = await dump(store)
    with pytest.raises(Guarded, match=BROKEN):
        await rebuild(store)
    assert (await dump(store)).keys() == before.keys()
    assert await beside_live(store) == []


async def test_an_override_goes_on_and_is_an_act_in_the_chain(sound: Store) -> None:
    """With who and why beside it; a sound log needs none, and has none."""
    assert (await rebuild(sound, despite=WHY)).inbox == []
    await tamper(sound, FORGED)
    done = await rebuild(sound, despite=WHY)
    assert [BROKEN in one for one in done.broken] == [True]
    app = await App.start(sound, book(), "test", CLOCK)
    await app.claim()
    await drain(app)
    await app.release()
    [(position, act, body)] = await sound.pool.fetch(
        "select position, order_id, convert_from(body, 'UTF8')::json from events"
        " where type = 'ChainOverridden'"
    )
    query = "select field, value #>> '{}' from personal where order_id = $1 and field = any($2)"
    said = dict(map(tuple, await sound.pool.fetch(query, act, ["by", "reason"])))
    assert said == {"by": "Ada", "reason": "the row was looked into"}
    assert position
    assert '"breaks":1' in body
    assert [one.breaks for one in await found(sound)].count(True) == 1
