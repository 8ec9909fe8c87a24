"""Acts of people are events of the log, and differences of changed rules are held until adopted."""

from collections.abc import AsyncIterator
from copy import copy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

import domain.decide
from adapters import acts
from adapters.app import App
from adapters.bodies import Intake
from adapters.clock import Clock
from adapters.dead_letters import Retry, by_own
from adapters.held import held_orders
from adapters.inbox import drain
from adapters.partitions import PARTITIONS, partition_of, register_of
from adapters.postgres.letters import Settling
from adapters.rules import rules_digest
from adapters.senders import Senders
from adapters.terms import book
from adapters.verify import verify
from adapters.verify.order import Again, again
from adapters.postgres.store import Store
from domain.acts import PersonalDataErased, RulesAdopted
from domain.errors import Refused
from domain.fields import Value
from domain.held import held as held_of
from domain.outcomes import Because, Deadline, Fee, Owed
from domain.policies import POLICIES
from domain.policies.policy import Policy
from domain.register import is_register
from domain.state import OrderState
from tests.command import answer, run
from tests.facts import START, life, message, placed


def test_every_partition_has_a_register_that_lies_in_it() -> None:
    keys = [register_of(partition) for partition in range(PARTITIONS)]
    assert [partition_of(key) for key in keys] == list(range(PARTITIONS))
    assert all(map(is_register, keys))


@pytest.mark.parametrize(
    ("type", "subject", "seller", "data"),
    [
        ("RulesAdopted", "A", "allectra", {"rules": "x"}),
        ("LettersDiscarded", "acts:1", "villkor", {"letters": ["ab"]}),
        ("CancellationConfirmed", "acts:1", "villkor", {}),
    ],
)
async def test_nobody_outside_tells_an_act(
    app: App, type: str, subject: str, seller: str, data: dict[str, object]
) -> None:
    report = await app.handle([message(type, seller, subject, "m", **data)])
    assert report.parked == 1
    assert not await app.store.pool.fetchval("select count(*) from events")


async def told(app: App, key: str, fact: Value, id: str = "act") -> None:
    async with app.store.writing() as connection:
        await acts.tell(connection, [acts.act(key, fact, id, app.clock.now())])
    await drain(app)


async def test_a_discard_is_an_event_of_the_register_and_its_author_lies_beside(app: App) -> None:
    why = Settling(START, "Ada", "a slip of theirs")
    async with app.store.writing() as connection:
        await acts.tell(connection, acts.discarding([("ab" * 32, 7), ("cd" * 32, 7)], why))
    await drain(app)
    row = await app.store.pool.fetchrow("select * from events")
    assert (row["seller"], row["partition"], row["type"]) == ("villkor", 7, "LettersDiscarded")
    assert msgspec.json.decode(row["body"], type=dict) == {"letters": ["ab" * 32, "cd" * 32]}
    beside = await app.store.pool.fetch("select field, value from personal order by field")
    assert [tuple(one) for one in beside] == [("by", '"Ada"'), ("reason", '"a slip of theirs"')]
    assert not (await verify(app.store, app.book)).differences


async def test_an_act_that_no_stream_could_take_is_refused_with_what_it_is_about(
    app: App, store: Store
) -> None:
    """Nothing is handed over: what was to be done with it is not done either."""
    for by, reason in (("", "a slip"), ("Ada", " "), ("Ada", None), ("A\0a", "a slip")):
        said = acts.discarding([("ab" * 32, 7)], Settling(START, by, reason))
        with pytest.raises(Refused):
            async with store.writing() as connection:
                await acts.tell(connection, said)
    assert await store.pool.fetchval("select count(*) from inbox") == 0


async def test_what_is_personal_goes_with_its_erasure_and_the_chain_stays(app: App) -> None:
    """The event that erases holds who did it and why; what came after it stays, too."""
    order = placed("allectra", "A", customer={"kind": "consumer", "ref": "c1", "age": 41})
    await app.handle([order])
    await told(app, "allectra/A", PersonalDataErased(by="Ada", reason="asked"))
    fields = await app.store.pool.fetch("select field from personal order by field")
    assert [row["field"] for row in fields] == ["by", "reason"]
    assert not (await verify(app.store, app.book)).differences


def dearer(by: int) -> tuple[Policy, ...]:
    """Policies of which one, `unclaimed`, asks more for a parcel that was not collected."""

    def changed(policy: Policy) -> Policy:
        def decide(*asked: object) -> Owed:
            owed = Owed()
            was = policy.decide(*asked)  # type: ignore[arg-type]
            for item in was:
                owed.add(replace(item, amount=item.amount + by) if isinstance(item, Fee) else item)
            owed.wakes_at = was.wakes_at
            return owed

        one = copy(policy)
        object.__setattr__(one, "decide", decide)
        return one

    return tuple(changed(one) if one.name == "unclaimed" else one for one in POLICIES)


@pytest.fixture
async def changed(app: App, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """A writer with other rules than those that decided the order A: its fee is ten kronor more."""
    await app.handle(life("allectra", "A"))
    await app.release()
    monkeypatch.setattr(domain.decide, "POLICIES", dearer(1000))
    monkeypatch.setattr("adapters.app.rules_digest", lambda: "new")
    other = await App.start(app.store, book(), "other", Clock())
    await other.claim()
    yield other
    await other.release()


async def fees(app: App) -> int:
    found: int = await app.store.pool.fetchval("select fees from orders where order_id = 'A'")
    return found


async def held(app: App) -> list[tuple[str, int]]:
    found = held_orders(app.store, app.book, rules="new")
    return [(one.order, one.amount) async for one in found]


async def test_changed_rules_raise_nothing_in_passing(changed: App) -> None:
    """A fact that has nothing to do with it leaves the fee as it stands, and it is listed."""
    before = await fees(changed)
    later = message("PaymentReceived", "allectra", "A", "late", known=900, amount=1.0)
    assert (await changed.handle([later])).taken == 1
    assert await fees(changed) == before
    assert await held(changed) == [("A", 1000)]


def test_only_what_is_owed_in_money_is_held_in_krona() -> None:
    """A deadline names the money at risk, a ruling what it is about: neither is owed."""
    why = Because(rule="r", clauses=())
    due = Deadline(kind="k", due=START.date(), party="seller", amount=500_00, because=why)
    fee = Fee(kind="f", amount=10_00, vat="included", because=why)
    today = Owed()
    today.add(fee)
    found = held_of({"p": {due.key: due}}, {"p": today})
    assert {one.key: one.amount for one in found} == {due.key: 0, fee.key: 10_00}


async def test_what_a_fact_changes_is_decided_by_the_rules_of_today(changed: App) -> None:
    """The parcel was collected after all: the fee falls away, however much it would have been."""
    await changed.handle([message("Collected", "allectra", "A", "found", known=900, parcel="p1")])
    assert await fees(changed) == 0
    assert await held(changed) == []


async def test_what_is_held_is_raised_when_somebody_adopts_the_rules(changed: App) -> None:
    before = await fees(changed)
    await told(changed, "allectra/A", RulesAdopted(rules="new", by="Ada", reason="the new terms"))
    assert await fees(changed) == before + 1000
    assert await held(changed) == []
    last = "select type, recorded_at from events where order_id = 'A' order by version desc limit 1"
    assert (await changed.store.pool.fetchrow(last))["type"] == "FeeAdjusted"


async def again_of(app: App) -> Again:
    events = (await app.store.streams([("allectra", "A")]))["allectra/A"]
    return again("allectra/A", events, app.book)


async def test_verify_tells_what_changed_rules_would_decide_from_what_nobody_decided(
    changed: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other rules raised is held; an outcome that today's should not have raised is found."""
    monkeypatch.setattr("adapters.verify.order.rules_digest", lambda: "new")
    paid = message("PaymentReceived", "allectra", "A", "late", known=900, amount=1.0)
    lost = message("DamageReported", "allectra", "A", "d", known=901, lines=["1"], to="seller")
    await changed.handle([paid, lost])
    found = await again_of(changed)
    assert [one.amount for one in found.held] == [1000]
    assert found.differences == []
    later = """
        update events set at = at + interval '1 second'
        where order_id = 'A' and position('"new"'::bytea in meta) > 0
    """
    assert await changed.store.pool.execute(later) != "UPDATE 0"
    assert (await again_of(changed)).differences


async def test_new_orders_live_under_the_rules_of_today(changed: App) -> None:
    await changed.handle(life("allectra", "B"))
    of = "select fees from orders where order_id = $1"
    dear = await changed.store.pool.fetchval(of, "B")
    assert dear == await fees(changed) + 1000
    assert await held(changed) == [("A", 1000)]


def test_adopting_and_erasing_are_commands_that_name_who_and_why(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    facts = tmp_path / "facts.jsonl"
    facts.write_bytes(b"\n".join(one.value for one in life("allectra", "A")) + b"\n")
    assert run(capsys, "ingest", str(facts))[0] == 0
    monkeypatch.setattr(domain.decide, "POLICIES", dearer(1000))
    for place in ("adapters.app", "adapters.held", "adapters.cli.acts"):
        monkeypatch.setattr(f"{place}.rules_digest", lambda: "new")
    [one] = answer(capsys, "held")["held"]
    assert (one["order"], one["amount"]) == ("A", 10.0)
    assert run(capsys, "adopt", "A")[0] == 2
    why = ("--by", "Ada", "--reason", "the new terms")
    assert "10.00 held" in run(capsys, "adopt", "A", *why)[1]
    assert answer(capsys, "held")["held"] == []
    assert run(capsys, "adopt", "A", *why)[0] == 1
    assert run(capsys, "erase", "A", *why)[1] == "allectra/A: erased\n"
    erased = answer(capsys, "erase", "A", *why)
    assert erased == {"seller": "allectra", "subject": "A", "erased": True}
    nobody = run(capsys, "erase", "customer:c-9", "--seller", "allectra", *why)
    assert (nobody[0], "was told nothing of 'customer:c-9'" in nobody[2]) == (1, True)
    assert run(capsys, "erase", "A", "--by", " ", "--reason", "asked")[0] == 1


async def test_what_lies_beside_a_customer_is_erased_and_no_order_is_told(app: App) -> None:
    staff = {"about": "credit", "decision": "stop", "by": "Ada", "reason": "owes for others"}
    said = message("DiscretionExercised", "allectra", "customer:c-1", "said", 2, **staff)
    await app.handle([placed("allectra", "A"), said])
    await drain(app)
    events = await app.store.pool.fetchval("select count(*) from events where order_id = 'A'")
    await told(app, "allectra/customer:c-1", PersonalDataErased(by="Ada", reason="asked"))
    count = "select count(*) from personal where order_id = 'customer:c-1'"
    assert await app.store.pool.fetchval(count) == 2
    again = await app.store.pool.fetchval("select count(*) from events where order_id = 'A'")
    assert again == events
    assert not (await verify(app.store, app.book)).differences


# -- rules of other writers, and rules that fail ---------------------------------------------------


async def test_a_writer_of_other_rules_than_were_adopted_settles_nothing(changed: App) -> None:
    """The act is parked, and taken once the writer is of the version that was meant."""
    before = await fees(changed)
    act = RulesAdopted(rules="newer", by="Ada", reason="the new terms")
    said = acts.act("allectra/A", act, "act", changed.clock.now())

    async def adopt() -> None:
        async with changed.store.writing() as connection:
            await acts.tell(connection, [said])
        await drain(changed)

    await adopt()
    assert await fees(changed) == before
    assert await held(changed) == [("A", 1000)]
    [letter] = await changed.store.dead_letters(10)
    assert (letter["reason"], letter["order_id"]) == ("refused", "A")
    assert "'newer' are adopted, the order's writer decides by 'new'" in letter["sentence"]
    for lane in changed.lanes:
        lane.rules = "newer"
    intake = Intake(changed.store, Senders(), changed.clock)
    why = Settling(START, "Ada", "all are upgraded")
    retry = Retry(intake, by_own(changed, START), why)
    assert (await retry.all_of([letter["id"]])).taken == 1
    assert await fees(changed) == before + 1000
    for lane in changed.lanes:
        lane.rules = "newest"
    await adopt()  # told twice is harmless
    assert not await changed.store.dead_letters(10)


def failing(order: str) -> tuple[Policy, ...]:
    """Policies of which one, `unclaimed`, fails about an order."""

    def changed(policy: Policy) -> Policy:
        def decide(state: OrderState, *asked: object) -> Owed:
            if state.id == order:
                raise KeyError("what was not there then")
            return policy.decide(state, *asked)  # type: ignore[arg-type]

        one = copy(policy)
        object.__setattr__(one, "decide", decide)
        return one

    return tuple(changed(one) if one.name == "unclaimed" else one for one in POLICIES)


FAILURE = "a rule failed: KeyError: 'what was not there then'"


async def test_what_todays_rules_fail_about_is_held_with_the_reason_and_no_difference(
    changed: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what rules of before decided; where today's did and fail now, somebody changed it."""
    monkeypatch.setattr("adapters.verify.order.rules_digest", lambda: "new")
    monkeypatch.setattr(domain.decide, "POLICIES", failing("A"))
    found = await again_of(changed)
    assert (found.differences, found.held, found.failure) == ([], [], FAILURE)
    [one] = [one async for one in held_orders(changed.store, changed.book, rules="new")]
    assert (one.order, one.amount, one.failure) == ("A", 0, FAILURE)
    [listed] = (await verify(changed.store, changed.book, processes=1)).held
    assert (listed.order, listed.failure) == ("A", FAILURE)
    await changed.store.pool.execute(
        """update events set meta = replace(encode(meta, 'escape'), $1, '"new"')::bytea""",
        f'"{rules_digest()}"',
    )
    [difference] = (await again_of(changed)).differences
    assert "KeyError" in difference.sentence


async def test_a_deadline_that_todays_rules_fail_about_stops_no_other(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of an order that has to be loaded: its timer is parked, the others lapse."""
    await app.handle([*life("allectra", "A")[:5], *life("allectra", "B")[:5]])
    await app.release()
    monkeypatch.setattr(domain.decide, "POLICIES", failing("A"))
    monkeypatch.setattr("adapters.app.rules_digest", lambda: "new")
    other = await App.start(app.store, book(), "other", Clock())
    await other.claim()
    report = await other.lapse(START + timedelta(days=30))
    assert (report.parked, report.lapsed > 0) == (1, True)
    [letter] = await app.store.dead_letters(10)
    assert (letter["place"], letter["order_id"], letter["sentence"]) == ("timer", "A", FAILURE)
    await other.release()


def test_an_order_that_todays_rules_fail_about_is_not_adopted(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    facts = tmp_path / "facts.jsonl"
    facts.write_bytes(b"\n".join(one.value for one in life("allectra", "A")) + b"\n")
    assert run(capsys, "ingest", str(facts))[0] == 0
    monkeypatch.setattr(domain.decide, "POLICIES", failing("A"))
    for place in ("adapters.app", "adapters.held", "adapters.cli.acts"):
        monkeypatch.setattr(f"{place}.rules_digest", lambda: "new")
    [one] = answer(capsys, "held")["held"]
    assert (one["order"], one["failure"]) == ("A", FAILURE)
    said = " ".join(run(capsys, "held")[1].split())
    assert f"A: today's rules cannot decide it: {FAILURE}" in said
    why = ("--by", "Ada", "--reason", "the new terms")
    code, _, err = run(capsys, "adopt", "A", *why)
    assert (code, "'A' cannot be adopted: a rule failed" in err) == (1, True)
    assert answer(capsys, "adopt", "--all", *why)["adopted"] == []
