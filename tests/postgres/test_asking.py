"""What was true then, and what was known then: the past answers as it answered when it was present.

History is told in three sittings; the answers after each are kept, and asked for again at the end.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.app import App
from adapters.asking import Answer, answer, from_events
from adapters.asking.customer import answer_customer
from adapters.cli.demo import FACTS, NOW
from adapters.clock import Clock
from adapters.ingest import ingest, messages
from adapters.messages import Message, understand
from adapters.asking.plain import order_of, past_of
from adapters.moves import moves
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.settling import balance, unpaid
from adapters.story import Story
from adapters.terms import TERMS, book
from domain.calendar import moment
from domain.decide import as_of, true_then
from domain.errors import Refused, Unanswerable, VillkorError
from domain.outcomes import AnyOutcome, Fee
from domain.terms.book import Book
from projections.posting_rules import ADVANCE
from projections.projection import Recorded
from tests.domain.histories import Life, lived, lives, retracted
from tests.facts import START, life, message, placed

Row = dict[str, Any]
SITTINGS = (moment("2026-08-20T12:00"), moment("2026-10-01T12:00"), NOW)
ONLY_PAST = ("as_of", "known_at", "ahead", "raised", "seller")


def plain(row: Row) -> Any:
    return json.loads(json.dumps(row, default=str))


def hours(count: float) -> datetime:
    return START + timedelta(hours=count)


async def live(store: Store, known: Book, seller: str, order: str, now: datetime) -> Row:
    """All that `villkor show --json` says of an order today: the tables, and what stands."""
    tables = Queries(store.pool)
    row = await tables.order(order, seller)
    row.pop("dossier")
    return order_of(await answer(store, known, seller, order, now=now)) | {
        "order": row,
        "parcels": await tables.parcels(seller, order),
        "deadlines": await tables.deadlines(seller, order),
        "timeline": await tables.timeline(seller, order),
    }


def odd(day: str) -> list[Message]:
    """Orders of which more became known late, was taken back, or was told ahead of its time."""
    began = moment(day)

    def at(days: float) -> str:
        return (began + timedelta(days=days)).isoformat()

    def tell(order: str, type: str, id: str, days: float, known: float, **data: Any) -> Message:
        event = {
            "specversion": "1.0", "id": id, "source": "/test", "type": type, "seller": "allectra",
            "subject": order, "time": at(days), "recordedtime": at(known), "data": data,
        }  # fmt: skip
        return Message(json.dumps(event).encode(), f"odd:{id}")

    goods = json.loads(placed("allectra", "A-1").value)["data"]
    told = [
        one for name in ("LATE", "BACK", "AHEAD")
        for one in (tell(name, "OrderPlaced", "placed", 0, 0, **goods),
                    tell(name, "PaymentReceived", "paid", 0.1, 0.1, amount=1049.0),
                    tell(name, "Shipped", "shipped", 1, 1, parcel="p1", carrier="dhl", cost=79.0),
                    tell(name, "AvailableForCollection", "there", 2, 2, parcel="p1"))
    ]  # fmt: skip
    return [
        *told,
        tell("LATE", "Collected", "got", 3, 50, parcel="p1"),
        tell("LATE", "WithdrawalNotified", "regret", 10, 70, lines=["1"]),
        tell("BACK", "Unclaimed", "nobody", 12, 12, parcel="p1"),
        tell("BACK", "Retracted", "oops", 12.5, 55, fact="nobody"),
        tell("BACK", "Retracted", "oops-2", 13, 90, fact="oops"),
        tell("AHEAD", "Collected", "got", 40, 3, parcel="p1"),
        tell("AHEAD", "ReturnReceived", "back", 60, 5, lines=["1"]),
        tell("EARLY", "Shipped", "shipped", 1, 1, parcel="p1", carrier="dhl", cost=79.0),
        tell("EARLY", "OrderPlaced", "placed", 0, 60, **goods),
    ]


def told_by(told: Iterable[Message], after: datetime | None, until: datetime) -> list[Message]:
    """The messages that become known in a sitting; what nobody can read comes with the first."""

    def known(one: Message) -> datetime:
        try:
            return understand(one).told.recorded_at
        except Refused:
            return SITTINGS[0]

    return [one for one in told if (after is None or after < known(one)) and known(one) <= until]


async def test_history_in_three_sittings_answers_as_it_did_after_each(store: Store) -> None:
    """Row for row what the read models said, for every order that was known then."""
    app = await App.start(store, book(), "test", Clock(SITTINGS[0]))
    await app.claim()
    told = [*messages([str(FACTS)]), *odd("2026-07-20T09:00")]
    kept: dict[tuple[datetime, str, str], Any] = {}
    before = None
    for sitting in SITTINGS:
        app.clock = Clock(sitting)
        await ingest(app, told_by(told, before, sitting), sitting)
        for row in await Queries(store.pool).orders(None, None, 1000):
            seller, order = row["seller"], row["order_id"]
            said = await live(store, app.book, seller, order, sitting)
            kept[sitting, seller, order] = plain(said)
        before = sitting
    assert len({key[1:] for key in kept}) == 244
    assert len(kept) > 400
    for (sitting, seller, order), said in kept.items():
        asked = past_of(await answer(store, app.book, seller, order, None, sitting, now=NOW))
        assert {name: asked.pop(name) for name in ONLY_PAST}["known_at"] == sitting
        assert plain(asked) == said, (sitting, order)
    unknown = {key[1:] for key in kept if (SITTINGS[0], *key[1:]) not in kept}
    assert unknown
    for seller, order in unknown:
        with pytest.raises(
            Unanswerable, match=r"was not known at .*: the first of it became known"
        ):
            await answer(store, app.book, seller, order, None, SITTINGS[0], now=NOW)


async def test_as_of_now_is_what_stands_for_every_order_of_the_demo(store: Store) -> None:
    """Outcomes, status, parcels and books: decided again they are what the events raised."""
    app = await App.start(store, book(), "test", Clock(NOW))
    await app.claim()
    await ingest(app, [*messages([str(FACTS)]), *odd("2026-07-20T09:00")], NOW)
    for row in await Queries(store.pool).orders(None, None, 1000):
        seller, order = row["seller"], row["order_id"]
        stands = await answer(store, app.book, seller, order, now=NOW)
        for known in (NOW, None):
            same_as_stands(
                await answer(store, app.book, seller, order, NOW, known, now=NOW), stands
            )


def same_as_stands(now: Answer, stands: Answer) -> None:
    assert shown(now.outcomes) == shown(stands.outcomes) == shown(now.raised)
    assert now.balances == stands.balances
    assert (now.row, now.lines, now.parcels) == (stands.row, stands.lines, stands.parcels)
    assert now.terms == stands.terms
    kept = [row for row in stands.deadlines if row["state"] != "cancelled"]
    names = ("kind", "subject", "due", "state", "amount")
    assert [[one[name] for name in names] for one in now.deadlines] == [
        [one[name] for name in names] for one in kept
    ]


def shown(items: Sequence[AnyOutcome]) -> list[str]:
    return sorted(map(repr, items))


def recorded(life: Life) -> list[Recorded]:
    order = lived(life)
    events = enumerate(order.collect(), 1)
    return [Recorded(event, *order.id.split("/", 1), 0, n) for n, event in events]


@st.composite
def taken_back(draw: st.DrawFn) -> Life:
    """A life in which some of what was told is taken back later."""
    one = draw(lives(repaid=True))
    some = draw(st.lists(st.sampled_from(one.told[1:]), max_size=2, unique=True))
    told = [*one.told, *(retracted(each, draw(st.integers(0, 30))) for each in some)]
    return one.arriving(*sorted(told, key=lambda each: each.recorded_at))


@given(taken_back())
def test_as_of_now_is_what_stands_in_any_life(one: Life) -> None:
    events = recorded(one)
    stands = from_events(events, one.book, None, None, one.until)
    now = from_events(events, one.book, one.until, one.until, one.until)
    assert shown(now.outcomes) == shown(stands.outcomes) == shown(now.raised)
    assert now.balances == stands.balances
    assert (now.row, now.parcels) == (stands.row, stands.parcels)
    back = [move.amount for move in moves(now) if move.kind == "refund"]
    assert 0 <= sum(back) == unpaid(now) <= -balance(now, ADVANCE)


@given(taken_back(), st.integers(1, 60), st.integers(0, 60))
def test_what_became_known_later_changes_no_earlier_answer(one: Life, days: int, more: int) -> None:
    """The events up to a moment alone say the same as all of them, asked about that moment."""
    events = recorded(one)
    known_at = events[0].event.timestamp + timedelta(days=days)
    early = [each for each in events if each.event.timestamp <= known_at]
    alone = from_events(early, one.book, None, None, known_at)
    asked = from_events(events, one.book, None, known_at, one.until)
    assert plain(order_of(asked)) == plain(order_of(alone))
    at = events[0].event.timestamp + timedelta(days=more)
    both = from_events(events, one.book, at, known_at, one.until)
    assert shown(both.outcomes) == shown(as_of(lived(one), one.book, at, known_at))


# -- both at once, by hand ----------------------------------------------------------------------


@pytest.fixture
async def told(app: App) -> App:
    """An unclaimed parcel, and its payment that was taken back 500 hours later."""
    back = message("Retracted", "allectra", "A-1", "oops", 200, 800, fact="paid")
    await app.handle([*life("allectra", "A-1"), back])
    return app


async def ask(app: App, as_of: float | None, known_at: float | None = None) -> Answer:
    times = (None if one is None else hours(one) for one in (as_of, known_at))
    return await answer(app.store, app.book, "allectra", "A-1", *times, now=app.clock.now())


def fees(items: Iterable[AnyOutcome]) -> list[int]:
    return [item.amount for item in items if isinstance(item, Fee)]


async def test_what_is_true_and_what_is_known_are_told_apart(told: App) -> None:
    """The return cost of hour 350 makes the fee 445; at hour 320 it was 350."""
    true = await ask(told, 320)
    assert (fees(true.outcomes), fees(true.raised)) == ([35000], [44500])
    known = await ask(told, None, 320)
    assert (fees(known.outcomes), fees(known.raised)) == ([35000], [35000])
    ahead = await ask(told, 400, 320)
    assert (fees(ahead.outcomes), ahead.ahead, ahead.row["status"]) == ([35000], True, "unclaimed")
    assert (await ask(told, 400)).row["status"] == "returned"
    assert not (await ask(told, 320, 400)).ahead


async def test_what_was_taken_back_was_never_true_once_that_is_known(told: App) -> None:
    assert (await ask(told, 250, 300)).row["paid"] == 104900
    assert (await ask(told, 250)).row["paid"] == 0
    assert (await ask(told, None, 300)).row["paid"] == 104900
    paid = [row["type"] for row in (await ask(told, 250)).timeline]
    assert "PaymentReceived" not in paid
    assert "Retracted" not in paid
    assert {row["type"] for row in (await ask(told, 250, 300)).timeline} == {
        "OrderPlaced", "OrderConfirmed", "PaymentReceived", "Shipped", "AvailableForCollection",
    }  # fmt: skip


async def test_an_order_of_today_knows_when_it_heard_of_what_was_taken_back(told: App) -> None:
    order = (await Story.read(told.store, "allectra", "A-1")).order
    assert [true_then(order, hours(250), hours(known)).paid for known in (300, 900)] == [104900, 0]


async def test_a_moment_is_part_of_what_it_asks_for(told: App) -> None:
    """What happened, or was recorded, at that very instant counts; a microsecond before it not."""
    just_before = 300 - 1e-6 / 3600
    for earlier, there in (((just_before,), (300,)), ((None, just_before), (None, 300))):
        states = [(await ask(told, *times)).row["status"] for times in (earlier, there)]
        assert states == ["ready for collection", "unclaimed"]


async def test_the_books_are_those_of_then(told: App) -> None:
    """1930 has what was paid, 1510 and 2420 the customer; each balances."""
    before, after = await ask(told, 20, 30), await ask(told, 250)
    assert before.balances == {"SEK": {1930: 104900, 2420: -104900}}
    assert after.balances["SEK"][1510] == 104900
    assert 1930 not in after.balances["SEK"]
    for asked in (before, after, await ask(told, None, 320), await ask(told, None)):
        assert sum(asked.balances["SEK"].values()) == 0


async def test_lines_and_parcels_are_those_of_then(told: App) -> None:
    before, after = await ask(told, 20), await ask(told, 60)
    assert ([one["parcels"] for one in before.lines], before.parcels) == ([[]], [])
    assert [one["parcels"] for one in after.lines] == [["p1"]]
    assert [one["status"] for one in after.parcels] == ["ready for collection"]
    states = {one["kind"]: one["state"] for one in (await ask(told, 60)).deadlines}
    assert states["collection"] == "open"
    assert {one["kind"]: one["state"] for one in (await ask(told, 310)).deadlines}[
        "collection"
    ] == "lapsed"


@pytest.mark.parametrize(
    ("as_of", "known_at", "sentence"),
    [
        (-1, None, "had not been placed at .*: as known now, that was at 2024-03-04T10:00"),
        (-1, 300, "had not been placed at .*: as known at .*, that was at 2024-03-04T10:00"),
        (None, -1, "was not known at .*: the first of it became known at 2024-03-04T10:00"),
        (300, -1, "was not known at"),
        (10**6, None, "as of .*: that is yet to come, now is"),
        (None, 10**6, "known at .*: that is yet to come, now is"),
        (0, 10**6, "known at .*: that is yet to come"),
    ],
)
async def test_what_cannot_be_answered_is_an_error(
    told: App, as_of: float | None, known_at: float | None, sentence: str
) -> None:
    with pytest.raises(Unanswerable, match=sentence):
        await ask(told, as_of, known_at)


async def test_an_order_that_is_only_heard_of_has_not_been_placed(app: App) -> None:
    """What was known of it then is an answer; what was owed is none."""
    await app.handle(
        [message("Shipped", "allectra", "A-1", "s", 24, 24, parcel="p1"),
         message("OrderPlaced", "allectra", "A-1", "late", 0, 100,
                 **json.loads(placed("allectra", "A-1").value)["data"])]
    )  # fmt: skip
    known = await ask(app, None, 50)
    assert (known.row["status"], known.terms) == ("waiting for the order", None)
    with pytest.raises(Unanswerable, match="the order system had told nothing of it"):
        await ask(app, 50, 50)
    assert (await ask(app, 12)).row["status"] == "placed"
    with pytest.raises(VillkorError, match="allectra has no order 'A-2'"):
        await answer(app.store, app.book, "allectra", "A-2", now=app.clock.now())


async def test_the_present_is_never_before_what_was_recorded(told: App) -> None:
    """Under a clock that is set back the order's own clock is the present."""
    early = await answer(told.store, told.book, "allectra", "A-1", hours(600), now=START)
    assert fees(early.outcomes) == [44500]


async def test_terms_are_those_pinned_then_though_the_files_say_otherwise_now(
    store: Store,
) -> None:
    """An edition that another writer pinned is fetched; its fee stands, whatever today's says."""
    text = (TERMS / "sweeto.toml").read_text("utf-8")
    old, new = (f'value = {fee}, clause = "SWE-outlost-1"' for fee in ("250.00", "299.00"))
    assert old in text
    other = await App.start(store, book().beside("sweeto", text.replace(old, new)), "x", Clock())
    await other.claim()
    await other.handle(life("sweeto", "S-1"))
    today = Book({**files(), "sweeto": text})
    asked = await answer(store, today, "sweeto", "S-1", hours(340), hours(345), now=NOW)
    assert fees(asked.outcomes) == [29900]
    assert asked.terms is not None
    assert asked.terms.edition in today.stored
    assert asked.terms.pinned_at == START


def files() -> dict[str, str]:
    return {
        one.name.removesuffix(".toml"): one.read_text("utf-8")
        for one in TERMS.iterdir() if one.name.endswith(".toml")
    }  # fmt: skip


# -- customers ----------------------------------------------------------------------------------


async def test_a_customer_is_shown_with_the_orders_that_it_then_had(app: App) -> None:
    word = message("CreditLimitExceeded", "gandalf", "customer:c-1", "over", 30, 60)
    later = message("OrderPlaced", "gandalf", "G-2", "placed", 100,
                    **json.loads(placed("gandalf", "G-2").value)["data"])  # fmt: skip
    await ingest(app, [placed("gandalf", "G-1"), word, later], hours(500))

    async def customer(as_of: float | None = None, known_at: float | None = None) -> Any:
        times = (None if one is None else hours(one) for one in (as_of, known_at))
        return await answer_customer(
            app.store, app.book, "gandalf", "customer:c-1", *times, now=app.clock.now()
        )

    def orders(asked: Any) -> list[tuple[str, str]]:
        return [(row["order_id"], row["status"]) for row in asked.orders]

    strange = json.loads(placed("gandalf", "G-3").value)["data"]
    await ingest(app, [
        message("OrderPlaced", "gandalf", "G-3", "placed", 0, 0, **strange),
        message("Retracted", "gandalf", "G-3", "oops", 200, 200, fact="placed"),
        message("OrderPlaced", "gandalf", "G-3", "again", 0, 210,
                **strange | {"customer": {"ref": "c-2"}}),
    ], hours(500))  # fmt: skip
    assert orders(await customer(40, 150)) == [("G-1", "blocked"), ("G-3", "placed")]
    assert orders(await customer(40, 300)) == [("G-1", "blocked")]

    assert orders(await customer()) == [("G-2", "blocked"), ("G-1", "blocked")]
    assert orders(await customer(None, 50)) == [("G-1", "placed"), ("G-3", "placed")]
    assert [one.type for one in (await customer(None, 50)).facts] == ["OrderJoined"] * 2
    assert orders(await customer(40)) == [("G-1", "blocked")]
    assert orders(await customer(40, 50)) == [("G-1", "placed"), ("G-3", "placed")]
    for times, sentence in (
        ((None, -1), "gandalf customer:c-1 was not known at .*: the first of it became known"),
        ((-1, None), "nothing of gandalf customer:c-1 had happened at"),
        ((None, 10**6), "yet to come"),
    ):
        with pytest.raises(Unanswerable, match=sentence):
            await customer(*times)
    with pytest.raises(VillkorError, match="was told nothing of 'customer:c-9'"):
        await answer_customer(app.store, app.book, "gandalf", "customer:c-9", now=NOW)
