"""What is parked can be seen, told again as it came or corrected, and put away, by name."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.app import App
from adapters.cli import main
from adapters.bodies import Body, Intake, left_in_inbox
from adapters.clock import Clock
from adapters.dead_letters import Retry, by_others, by_own
from adapters.inbox import drain
from adapters.messages import Message
from adapters.postgres.letters import OPEN, STATES, Settling, listed, reasons, shown
from adapters.postgres.store import Store
from adapters.report import Report
from adapters.senders import Senders, Shop
from domain.errors import Refused, VillkorError
from tests.adapters.http.test_webhooks import order
from tests.command import answer, run
from tests.facts import life, message, placed

NOW = datetime.now(UTC)
WHY = Settling(NOW, "Ada", "a wrong cost")
SHIPPED = {"parcel": "p1", "carrier": "dhl", "tracking": "T1"}
OURS = Senders({("shopify", "ours"): Shop("shopify", "ours", "netzilla")})


def shipped(cost: float, id: str = "s") -> Message:
    return message("Shipped", "allectra", "A-1", id, 24, **SHIPPED, cost=cost)


@pytest.fixture
async def parked(app: App) -> App:
    """A writer that parked what is unreadable, refused and in conflict."""
    changed = message("OrderConfirmed", "allectra", "A-1", "placed")
    bad = [shipped(-1), Message(b"{", "f:3"), changed]
    assert (await app.handle([placed("allectra", "A-1"), *bad])).parked == len(bad)
    return app


def retrying(app: App, why: Settling = WHY) -> Retry:
    return Retry(Intake(app.store, OURS, app.clock), by_own(app, NOW), why)


async def states(store: Store) -> dict[str, str]:
    """Reason -> state."""
    return {one["reason"]: one["state"] for one in await listed(store.pool, None, STATES, 100)}


async def id_of(store: Store, reason: str) -> int:
    [one] = await listed(store.pool, reason, OPEN, 10)
    return int(one["id"])


async def test_what_is_parked_is_grouped_by_why(parked: App, store: Store) -> None:
    groups = await reasons(store.pool)
    assert {one["reason"]: one["parked"] for one in groups} == {
        "refused": 1, "unreadable": 1, "conflict": 1,
    }  # fmt: skip
    assert all(one["oldest"] <= one["newest"] for one in groups)


async def test_what_was_told_again_in_other_words_is_resolved(parked: App, store: Store) -> None:
    """A conflict is not: under its name the other message has been there from the start."""
    await parked.handle([shipped(79)])
    assert await states(store) == {
        "refused": "resolved", "unreadable": "parked", "conflict": "parked",
    }  # fmt: skip
    [group] = [one for one in await reasons(store.pool) if one["reason"] == "refused"]
    assert (group["parked"], group["resolved"]) == (0, 1)


async def test_a_letter_is_told_in_other_words(parked: App, store: Store) -> None:
    """What came is kept, so is what was told instead, and who wanted it why."""
    id = await id_of(store, "refused")
    report = await retrying(parked).edited(id, shipped(79).value)
    assert (report.taken, report.parked) == (1, 0)
    letter = await shown(store.pool, id)
    assert letter is not None
    assert (letter["state"], letter["settled_by"], letter["note"]) == (
        "retried", "Ada", "a wrong cost",
    )  # fmt: skip
    assert letter["value"] == shipped(-1).value
    [edit] = letter["edits"]
    assert (edit["value"], edit["edited_by"], edit["note"]) == (
        shipped(79).value, "Ada", "a wrong cost",
    )  # fmt: skip
    assert edit["parked_as"] is None
    again = Message(shipped(79).value, "f:9")
    assert (await parked.handle([again])).duplicates == 1


async def test_other_words_that_are_no_fact_change_nothing(parked: App, store: Store) -> None:
    id = await id_of(store, "refused")
    with pytest.raises(Refused, match="negative"):
        await retrying(parked).edited(id, shipped(-2).value)
    assert (await states(store))["refused"] == "parked"
    letter = await shown(store.pool, id)
    assert letter is not None
    assert letter["edits"] == []


async def test_other_words_that_the_order_refuses_are_a_letter_of_their_own(
    parked: App, store: Store
) -> None:
    """Each says which is the other."""
    id = await id_of(store, "conflict")
    other = message("OrderConfirmed", "allectra", "A-1", "placed", 5)
    report = await retrying(parked).edited(id, other.value)
    assert (report.taken, report.parked) == (0, 1)
    letter = await shown(store.pool, id)
    assert letter is not None
    [edit] = letter["edits"]
    second = await shown(store.pool, edit["parked_as"])
    assert second is not None
    assert (second["edit_of"], second["state"], second["value"]) == (id, "parked", other.value)


async def test_all_are_told_again_and_what_is_wrong_stays(parked: App, store: Store) -> None:
    report = await retrying(parked).all_of()
    assert (report.taken, report.duplicates, report.parked) == (0, 0, 3)
    assert set((await states(store)).values()) == {"parked"}
    with pytest.raises(VillkorError, match="nothing of the kind is parked"):
        await retrying(parked).all_of(reason="policy_error")


async def test_letters_are_told_again_while_another_program_is_the_writer(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are with it, or parked: whoever retries only waits and looks."""
    facts = life("allectra", "A-1")
    with monkeypatch.context() as patch:
        patch.setattr("adapters.lane.tell", lambda *_: 1 / 0)
        assert (await app.handle(facts)).parked == len(facts)

    async def writing() -> None:
        while True:
            await drain(app)
            await asyncio.sleep(0.02)

    writer = asyncio.create_task(writing())
    retry = Retry(Intake(store, Senders(), Clock()), by_others(store), WHY)
    report = await retry.all_of(reason="policy_error")
    writer.cancel()
    assert report == Report(taken=len(facts))
    assert await listed(store.pool, None, OPEN, 100) == []


async def test_a_shops_body_is_told_again_once_it_is_known_whose_it_is(
    app: App, store: Store
) -> None:
    body = Body(json.dumps(order()).encode(), "webhook:shopify", NOW, "ours", "orders/create")
    tell = left_in_inbox(store)
    assert (await Intake(store, Senders(), Clock()).take("shopify", [body], tell)).parked == 1
    nobodys = Retry(Intake(store, Senders(), Clock()), by_own(app, NOW), WHY)
    assert (await nobodys.all_of()).parked == 1
    assert (await retrying(app).all_of()).taken == 1
    assert await listed(store.pool, None, OPEN, 100) == []
    assert await store.pool.fetchval("select count(*) from orders where seller = 'netzilla'") == 1


async def test_of_a_body_that_was_no_body_no_second_letter_is_made(app: App, store: Store) -> None:
    intake = Intake(store, OURS, Clock())
    for source in ("shopify", "gls"):
        body = Body(b"<" + source.encode(), "f:1", NOW, "ours" if source == "shopify" else None)
        assert (await intake.take(source, [body], left_in_inbox(store))).parked == 1
    assert (await retrying(app).all_of()).parked == 2
    assert len(await listed(store.pool, None, STATES, 100)) == 2


# -- the commands -------------------------------------------------------------------------------


@pytest.fixture
def told(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation in which three messages are parked for two reasons."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    file = tmp_path / "facts.jsonl"
    bad = [placed("allectra", "A-1"), shipped(-1), shipped(-2, "t"), Message(b"{", "")]
    file.write_bytes(b"".join(one.value + b"\n" for one in bad))
    assert main(["ingest", str(file)]) == 0
    return file


def ids(capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    rows: list[dict[str, Any]] = answer(capsys, "dead-letters", "list", *more)["dead_letters"]
    return [str(one["id"]) for one in rows]


def test_the_commands(told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    _, out, _ = run(capsys, "dead-letters", "list")
    assert out.index("refused") < out.index("facts.jsonl:2") < out.index("facts.jsonl:4")
    assert max(map(len, out.splitlines())) <= 80
    first, second = ids(capsys, "--reason", "refused")
    assert len(ids(capsys)) == 3

    corrected = tmp_path / "corrected.json"
    corrected.write_bytes(shipped(79).value + b"\n")
    edit = ("dead-letters", "retry", first, "--edit", str(corrected))
    assert run(capsys, *edit)[0] == 2, "--by and --note are missing"
    counted = answer(capsys, *edit, "--by", "Ada", "--note", "the cost was wrong")
    assert counted == {"taken": 1, "duplicates": 0, "waiting": 0, "parked": 0}
    _, out, _ = run(capsys, "dead-letters", "show", first)
    assert "by Ada: the cost was wrong" in out
    assert out.count('"cost": -') == out.count('"cost": 79') == 1
    assert ids(capsys, "--state", "retried") == [first]

    assert run(capsys, "dead-letters", "retry", "--all")[1] == (
        "0 taken, 0 duplicates, 0 waiting, 2 parked\n"
    )
    put_away = ("dead-letters", "discard", "--reason", "a test", "--by", "Ada")
    assert run(capsys, *put_away)[0] == 2, "which?"
    assert run(capsys, *put_away, "--all-of", "unreadable")[1] == "1 discarded\n"
    assert run(capsys, *put_away, second)[1] == "1 discarded\n"
    assert run(capsys, *put_away, second)[0] == 1
    assert ids(capsys) == []
    assert len(ids(capsys, "--state", "all")) == 3
    assert run(capsys, "dead-letters", "list", "--state", "lost")[0] == 2


async def test_a_deadline_that_no_rule_could_decide_about_falls_due_again(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await app.handle([placed("allectra", "A-1"), life("allectra", "A-1")[1]])
    until = NOW + timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr("adapters.lane.lapse", lambda *_: 1 / 0)
        assert (await app.lapse(until)).parked == 1
    assert (await app.lapse(until)).lapsed == 0, "it is left alone meanwhile"
    assert (await retrying(app).all_of()).taken == 1
    lapsed = "select count(*) from events where type = 'DeadlineLapsed'"
    assert await store.pool.fetchval(lapsed) > 0
