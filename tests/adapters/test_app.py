"""The one road: batches, lanes, parking, lapsing, and a past that comes in one go."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.app import App
from adapters.clock import Clock
from adapters.messages import Message
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.rebuild import check, rebuild
from adapters.terms import book
from adapters.verify import verify
from domain import decide
from domain.errors import Fenced
from domain.facts import InTransit
from domain.outcomes import Because, Fee, Owed
from domain.policies import POLICIES
from domain.policies.policy import Policy
from tests.facts import START, life, message, placed

LATER = START + timedelta(days=500)
SELLERS = ("allectra", "netzilla", "compumail", "sweeto", "gandalf")


async def dump(store: Store, *tables: str) -> dict[str, list[Any]]:
    """The rows of tables, without where in the log they stand."""
    found = {}
    for table in tables:
        rows = await store.pool.fetch(f"select to_jsonb(t) - 'position' as row from {table} t")
        found[table] = sorted(row["row"] for row in rows)
    return found


READ_MODELS = ("timeline", "postings", "deadlines", "orders", "parcels")


async def test_a_file_told_twice_changes_nothing(app: App, store: Store) -> None:
    told = [one for seller in SELLERS for one in life(seller, "A-1")]
    first = await app.handle(told)
    before = await dump(store, *READ_MODELS)
    second = await app.handle(told)
    assert (first.taken, first.duplicates) == (len(told), 0)
    assert (second.taken, second.duplicates, second.outcomes) == (0, len(told), 0)
    assert await dump(store, *READ_MODELS) == before


async def test_batches_of_any_size_give_the_same_rows(app: App, store: Store) -> None:
    await app.handle(life("allectra", "A-1"))
    for one in life("allectra", "A-2"):
        await app.handle([one])
        app.lanes[0].forget()
        app.lanes[1].forget()
    rows = await store.pool.fetch("select order_id, version, type, amount from timeline")
    by_order = {
        order: [(r["version"], r["type"], r["amount"]) for r in rows if r["order_id"] == order]
        for order in ("A-1", "A-2")
    }
    assert sorted(by_order["A-1"]) == sorted(by_order["A-2"])


async def test_a_bad_message_is_parked_alone(app: App, store: Store) -> None:
    good = life("allectra", "A-1")
    bad = [
        Message(b"\xff not json", "f:1"),
        message("Teleported", "allectra", "A-1", "x1"),
        message("Shipped", "allectra", "A-1", "x2", parcel="p1", cost=-1),
    ]
    report = await app.handle([bad[0], *good[:3], bad[1], *good[3:], bad[2]])
    assert (report.taken, report.parked) == (len(good), 3)
    letters = await store.dead_letters(10)
    assert {letter["reason"] for letter in letters} == {"unreadable", "unknown_type", "refused"}
    assert {letter["order_id"] for letter in letters} == {None, "A-1"}


async def test_the_same_message_with_another_body_is_parked(app: App, store: Store) -> None:
    await app.handle(life("allectra", "A-1"))
    other = message("Unclaimed", "allectra", "A-1", "unclaimed", 300, parcel="p2")
    assert (await app.handle([other])).parked == 1
    assert (await store.dead_letters(1))[0]["reason"] == "conflict"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy broken on purpose: it raises for orders that are in transit."""

    def raises(order: Any, terms: Any, now: datetime) -> Owed:
        if order.all(InTransit):
            raise ZeroDivisionError("broken on purpose")
        return Owed()

    broken = Policy("broken", raises, (InTransit,), {})
    monkeypatch.setattr(decide, "POLICIES", (*POLICIES, broken))


@pytest.mark.usefixtures("broken")
async def test_an_order_is_told_all_but_what_fails(app: App, store: Store) -> None:
    """It is as it was before the batch, then told one by one: what comes before counts once."""
    bad = message("InTransit", "allectra", "A-1", "transit", 30, parcel="p1")
    for order, failing in (("A-1", [bad]), ("A-2", [])):
        told = life("allectra", order)
        await app.handle(told[:3])
        report = await app.handle([*told[3:5], *failing, *told[5:]])
        assert (report.taken, report.parked) == (len(told) - 3, len(failing))
    timers = await store.pool.fetch("select due, wakes from timers order by order_id")
    assert timers[0] == timers[1]
    timeline = await store.pool.fetch("select order_id, version, type, amount from timeline")
    assert {row[1:] for row in timeline if row[0] == "A-1"} == {
        row[1:] for row in timeline if row[0] == "A-2"
    }
    assert (await verify(store, book())).differences == []


@pytest.mark.usefixtures("broken")
async def test_a_policy_that_raises_parks_its_one_message(app: App, store: Store) -> None:
    told = life("allectra", "A-1")
    bad = message("InTransit", "allectra", "A-1", "transit", 30, parcel="p1")
    report = await app.handle([*told[:4], bad, *told[4:], *life("allectra", "A-2")])
    assert (report.taken, report.parked) == (2 * len(told), 1)
    [letter] = await store.dead_letters(10)
    assert letter["reason"] == "policy_error"
    assert letter["sentence"] == "a rule failed: ZeroDivisionError: broken on purpose"
    rows = await dump(store, "orders", "timeline")
    assert len(set(rows["orders"])) == 2
    assert (await verify(store, book())).differences == []


async def test_a_timer_that_raises_is_parked_alone(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other orders' deadlines lapse; the order itself goes on when the rule is mended."""

    def raises(order: Any, terms: Any, now: datetime) -> Owed:
        owed = Owed()
        if order.order.customer.ref == "c-bad" and now > START + timedelta(hours=5):
            raise ZeroDivisionError("broken on purpose")
        owed.again_at(max(now, START + timedelta(hours=6)) + timedelta(hours=1))
        return owed

    until = START + timedelta(hours=8)
    policy = Policy("broken", raises, (), {})
    with monkeypatch.context() as patch:
        patch.setattr(decide, "POLICIES", (*POLICIES, policy))
        bad = {"customer": {"kind": "consumer", "ref": "c-bad"}}
        await app.handle([placed("allectra", "A-3", **bad), placed("allectra", "A-4")])
        report = await app.lapse(until)
    assert report.parked == 1
    [letter] = await store.dead_letters(10)
    assert (letter["order_id"], letter["reason"], letter["place"]) == (
        "A-3",
        "policy_error",
        "timer",
    )
    told = message("OrderConfirmed", "allectra", "A-3", "confirmed", 9)
    assert (await app.handle([told])).taken == 1


async def test_a_row_that_cannot_be_written_parks_its_one_message(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only the database finds wrong is narrowed down: all others of the batch are taken."""

    def too_much(order: Any, terms: Any, now: datetime) -> Owed:
        owed = Owed()
        if order.all(InTransit):
            because = Because(rule="test", clauses=("T-1",))
            owed.add(Fee(kind="statement", amount=10**20, vat="none", because=because))
        return owed

    policy = Policy("too_much", too_much, (InTransit,), {})
    monkeypatch.setattr(decide, "POLICIES", (*POLICIES, policy))
    told = [one for seller in SELLERS for one in life(seller, "A-1")]
    bad = message("InTransit", "sweeto", "A-1", "transit", 30, parcel="p1")
    report = await app.handle([*told, bad])
    assert (report.taken + report.duplicates, report.parked) == (len(told), 1)
    [letter] = await store.dead_letters(10)
    assert (letter["order_id"], letter["reason"]) == ("A-1", "policy_error")
    assert (await app.handle(told)).duplicates == len(told)
    assert (await verify(store, book())).differences == []


async def test_an_order_whose_first_message_was_parked_goes_on(app: App, store: Store) -> None:
    """A writer that begins anew knows nothing of it, and takes what comes next."""
    nobody = placed("nobody", "X-1")
    assert (await app.handle([nobody, *life("allectra", "A-1")])).parked == 1
    for lane in app.lanes:
        lane.forget()
    more = message("InTransit", "nobody", "X-1", "transit", 30, parcel="p1")
    again = message("InTransit", "allectra", "A-1", "transit", 30, parcel="p1")
    report = await app.handle([more, again, nobody])
    assert (report.taken, report.parked) == (2, 1)


async def test_two_years_in_one_go_are_what_a_live_run_would_have_given(
    app: App, store: Store, database: str
) -> None:
    """Deadlines lapse at their own instants, whether the clock ran or the history came at once."""
    told = [one for seller in SELLERS for one in life(seller, "A-1")]
    told.sort(key=lambda one: one.value.split(b'"time": "')[1][:25])
    await app.handle(told)
    await app.lapse(LATER)
    at_once = await dump(store, *READ_MODELS, "timers")
    await store.pool.execute(
        "truncate events, timers, timeline, deadlines, orders, parcels, personal, editions"
    )
    await store.pool.execute("alter table postings disable trigger user; delete from postings")
    await store.pool.execute("update partitions set position = 0, head = $1", bytes(32))
    await app.release()
    live = await App.start(store, book(), "live", Clock())
    await live.claim()
    for one in told:
        at = datetime.fromisoformat(one.value.split(b'"time": "')[1][:25].decode())
        for hour in (3, 2, 1):
            await live.lapse(at - timedelta(hours=hour))
        await live.handle([one])
    for days in range(0, 510, 5):
        await live.lapse(min(START + timedelta(days=days), LATER))
    await live.lapse(LATER)
    assert await dump(store, *READ_MODELS, "timers") == at_once
    await live.release()


async def test_facts_wait_for_their_order_and_count_when_it_comes(app: App, store: Store) -> None:
    first, *rest = life("allectra", "A-1")
    report = await app.handle(rest)
    assert (report.taken, report.waiting) == (len(rest), len(rest))
    report += await app.handle([first])
    assert report.waiting == 0
    order = await Queries(store.pool).order("A-1", None)
    assert order["fees"] > 0


async def test_after_the_fence_fell_nothing_of_the_batch_is_remembered(
    app: App, store: Store
) -> None:
    """A fenced writer forgets what it decided and can claim and tell again."""
    told = life("allectra", "A-1")
    await app.handle(told[:3])
    thief = await App.start(store, book(), "thief", Clock())
    await thief.claim(takeover=True)
    with pytest.raises(Fenced):
        await app.handle(told[3:])
    assert (await thief.handle(told[3:5])).taken == 2
    await thief.release()
    await app.claim()
    report = await app.handle(told)
    assert (report.taken, report.duplicates) == (len(told) - 5, 5)
    assert (await verify(store, book())).differences == []


async def test_what_was_ingested_verifies_and_rebuilds(app: App, store: Store) -> None:
    for seller in SELLERS:
        await app.handle(life(seller, "A-1"))
        await app.handle([message("Retracted", seller, "A-1", "back", 400, fact="unclaimed")])
    await app.lapse(LATER)
    found = await verify(store, book())
    assert (found.differences, found.ledger_total, found.orders) == ([], 0, len(SELLERS))
    assert (await check(store)).differences == []
    before = await dump(store, *READ_MODELS)
    await rebuild(store)
    assert await dump(store, *READ_MODELS) == before


@pytest.mark.parametrize(
    "tampering",
    [
        "update events set body = replace(encode(body, 'escape'), '95', '96')::bytea"
        " where type = 'ParcelReturned'",
        "delete from events where type = 'Unclaimed'",
        "update events set recorded_at = recorded_at + interval '1 second' where version = 2",
        "update events set source = '/elsewhere' where type = 'Shipped'",
        "update events set meta = replace(encode(meta, 'escape'), 'unclaimed', 'returns')::bytea"
        " where type = 'FeeRaised'",
    ],
)
async def test_verify_finds_what_was_tampered_with(app: App, store: Store, tampering: str) -> None:
    await app.handle(life("allectra", "A-1"))
    await store.pool.execute(tampering)
    found = (await verify(store, book())).differences
    assert any("does not fit the chain" in one.sentence for one in found)


@pytest.mark.parametrize(
    ("tampering", "sentence"),
    [
        ("update partitions set position = 0", "its head is at 0"),
        ("delete from partitions", "its head is at 0"),
        ("delete from events where type = 'ParcelReturned' or version > 20", "the log ends at"),
        ("update personal set value = '\"other\"'", "was changed"),
        ("update editions set body = jsonb_set(body, '{entries,unclaimed.floor,value}', '\"1\"')",
         "is not what its name says"),
    ],
)  # fmt: skip
async def test_verify_finds_what_was_changed_beside_the_log(
    app: App, store: Store, tampering: str, sentence: str
) -> None:
    stated = {"statement": "Karin Ek, Storgatan 1", "channel": "web"}
    await app.handle(life("allectra", "A-1"))
    await app.handle([message("WithdrawalNotified", "allectra", "A-1", "w1", 360, **stated)])
    await store.pool.execute(tampering)
    differences = (await verify(store, book())).differences
    assert any(sentence in one.sentence for one in differences), differences


async def test_rebuild_finds_a_row_that_the_log_does_not_give(app: App, store: Store) -> None:
    await app.handle(life("allectra", "A-1"))
    await store.pool.execute("update orders set fees = fees + 1")
    differences = (await check(store, ["orders"])).differences
    assert any(": fees is " in one for one in differences), differences


async def test_personal_data_lie_beside_the_log(app: App, store: Store) -> None:
    """Without the rows beside chain, replay and ledger are whole; that no act erased them shows."""
    customer = {"kind": "consumer", "age": 44, "organisation_number": "556000-0000"}
    await app.handle([placed("allectra", "A-1", customer=customer), *life("allectra", "A-1")[1:]])
    stated = {"statement": "Karin Ek, Storgatan 1", "channel": "web"}
    await app.handle([message("WithdrawalNotified", "allectra", "A-1", "w1", 360, **stated)])
    assert await store.pool.fetchval("select count(*) from personal") == 3
    for table in ("events", "timeline", "orders", "postings"):
        rows = await store.pool.fetch(f"select t::text as row from {table} t")
        hexadecimal = b"Storgatan".hex()
        assert not [r for r in rows if "Storgatan" in r["row"] or hexadecimal in r["row"]]
    await store.pool.execute("delete from personal")
    found = (await verify(store, book())).differences
    assert len(found) == 3
    assert all("no act erased it" in one.sentence for one in found)
    assert (await check(store)).differences == []


async def test_an_order_keeps_the_edition_that_it_pinned(app: App, store: Store) -> None:
    await app.handle(life("allectra", "A-1"))
    [edition] = await store.editions()
    known = book().edition("allectra", None, edition.day)
    assert (edition.hash, edition.encode()) == (known.hash, known.encode())
    assert book().terms(edition).unclaimed == book().terms(known).unclaimed
