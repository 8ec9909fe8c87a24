"""What must hold of read models whatever happens to an order, and in whatever order it is told."""

from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from domain.calendar import moment
from domain.facts import (
    CancellationRequested, Collected, InvoiceIssued, LineStruck, OrderChanged, OrderConfirmed,
    ParcelReturned, PaymentReceived, RefundPaid, Retracted, RmaRequested, Shipped, Unclaimed,
    WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import AnyOutcome
from projections.books import balances, spread, taxed
from projections.fold import Changes, Rows, fold
from projections.projection import Recorded
from tests.projections.story import Story, Tables, fee, goods, refund, written_off

START = moment("2024-03-01")
amounts = some.integers(0, 5_000_000) | some.integers(0, 9)
names = some.sampled_from(["1", "2", "3"])
lines = some.none() | some.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
parcels = some.sampled_from(["p1", "p2"])
vats = some.sampled_from([None, "included", "excluded"])
ids = some.integers(1, 8).map("m{}".format)


@some.composite
def an_order(draw: Any) -> Any:
    rates = some.sampled_from([25, 25, 12, 6, 0, 20])
    wanted = [(str(one), draw(amounts), draw(rates)) for one in range(1, draw(some.integers(2, 4)))]
    return goods(
        *wanted,
        freight=draw(some.integers(0, 20_000)),
        prices=draw(some.sampled_from(["including_vat", "including_vat", "excluding_vat"])),
        currency=draw(some.sampled_from(["SEK", "SEK", "EUR"])),
    )


moving = some.one_of(
    some.builds(PaymentReceived, amount=amounts, vat=vats, invoice=some.just("F1")),
    some.builds(InvoiceIssued, invoice=some.just("F1"), amount=amounts, vat=vats),
    some.builds(Shipped, parcel=parcels, lines=lines),
    some.builds(Collected, parcel=parcels, lines=lines),
)
other = some.one_of(
    an_order(),
    an_order().map(lambda order: OrderChanged(lines=order.lines)),
    some.just(OrderConfirmed()),
    some.builds(Unclaimed, parcel=parcels),
    some.builds(ParcelReturned, parcel=parcels),
    some.builds(LineStruck, line=names),
    some.builds(CancellationRequested, lines=lines),
    some.builds(WithdrawalNotified, lines=lines),
    some.builds(RmaRequested, rma=some.just("R1"), lines=lines),
    some.builds(RefundPaid, amount=amounts, refund=some.sampled_from([None, "withdrawal", "x:1"])),
    some.builds(Retracted, fact=ids),
    some.builds(Retracted, fact=ids, fact_source=some.just("/test")),
)
facts = some.booleans().flatmap(lambda often: moving if often else other)
"""Half of them move goods or money: stories in which nothing is booked prove little."""
breakdowns = some.dictionaries(
    some.sampled_from(["goods", "delivery", "value_loss", "return_label", "fee", "customs"]),
    some.integers(-300_000, 2_000_000),
    max_size=4,
)
kinds = some.sampled_from(
    ["withdrawal", "cancellation", "undeliverable", "complaint", "freight_reimbursement"]
)
about = some.sampled_from([{}, {"line": "1"}, {"parcel": "p1"}, {"rma": "R1"}, {"cause": "m3"}])
outcomes: some.SearchStrategy[AnyOutcome] = some.one_of(
    some.builds(
        lambda kind, amount, vat: fee(kind, amount, vat),
        some.sampled_from(["unclaimed", "late_interest", "reminder"]),
        amounts,
        some.sampled_from(["included", "excluded", "none", "unspecified"]),
    ),
    some.builds(lambda kind, parts, what: refund(kind, parts, **what), kinds, breakdowns, about),
    some.builds(lambda amount: written_off("F1", amount), amounts),
)
days = some.integers(0, 30)
told_facts = some.tuples(facts, days)
raised = some.tuples(outcomes, some.integers(0, 2))


@some.composite
def with_an_order(draw: Any, others: some.SearchStrategy[Any]) -> list[tuple[Any, int]]:
    """Things that happen, an order somewhere among them: without one nothing is ever booked."""
    happened = draw(some.lists(others, min_size=3, max_size=14))
    place = draw(some.integers(0, len(happened)))
    happened.insert(place, (draw(an_order()), draw(some.integers(0, 5))))
    return happened


happenings = with_an_order(told_facts | raised)
arrivals = with_an_order(told_facts)


def told(happened: list[tuple[Any, int]]) -> Story:
    """Facts with their day, outcomes with 0, 1 or 2 for arising, changing, falling away."""
    story = Story()
    for number, (what, which) in enumerate(happened, 1):
        if hasattr(what, "because"):
            story.owe(what, which)
        else:
            at = (START + timedelta(days=which)).isoformat()
            story.tell(what, at, id=f"m{number}", recorded_at="2024-05-01")
    return story


def comparable(tables: dict[str, dict[Any, Any]]) -> Any:
    """Rows with the dossier as JSON that has no order."""
    return {
        table: {
            key: [msgspec.json.decode(one) if name == "dossier" else one
                  for name, one in zip(row._fields, row, strict=True)]
            for key, row in rows.items()
        }
        for table, rows in tables.items()
        if rows
    }  # fmt: skip


@given(happenings)
def test_every_entry_balances_in_its_currency(happened: list[tuple[Any, int]]):
    """Legs are 1 to n, none is nought, and they come to nought."""
    sums: Counter[tuple[int, str]] = Counter()
    legs: dict[int, list[int]] = {}
    for row in told(happened).then().postings:
        sums[row.position, row.currency] += row.amount
        legs.setdefault(row.position, []).append(row.leg)
        assert row.amount != 0
    assert not any(sums.values())
    assert all(found == list(range(1, len(found) + 1)) for found in legs.values())


@given(happenings)
def test_the_ledger_holds_what_the_books_say(happened: list[tuple[Any, int]]):
    """After each event: one that was overlooked would be made good, unseen, by the next."""
    rows, booked = Rows(), Counter[tuple[str, int]]()
    for event in told(happened).events:
        changes = Changes()
        fold([event], {event.key: rows}, changes)
        for row in changes.appended.get("postings", []):
            booked[row.currency, taxed(row.account, row.rate)] += row.amount
        assert rows.dossier is not None
        said = balances(rows.dossier.state, rows.dossier.stands)
        flat = {(name, account): one for name, by in said.items() for account, one in by.items()}
        assert {account: one for account, one in booked.items() if one} == flat


@given(happenings, some.sets(some.integers(0, 15)), some.booleans())
def test_batches_make_no_difference(happened: list[tuple[Any, int]], ends: set[int], reload: bool):
    """Cut anywhere, and loaded again from what was written or not, the rows are the same."""
    story = told(happened)
    whole = story.then()
    cut = Tables(story.events, [min(end, len(story.events)) for end in ends], reload=reload)
    assert cut.appended == whole.appended
    assert comparable(cut.tables) == comparable(whole.tables)


@given(arrivals, some.randoms())
def test_arrival_makes_no_difference_to_what_stands(happened: list[tuple[Any, int]], random: Any):
    """The same facts in another order of arrival: equal balances, orders and parcels."""
    first = told(happened)
    events = [one.event for one in first.events]
    random.shuffle(events)
    other = Story()
    for event in events:
        at = event.told.at.isoformat()
        other.tell(event.told.fact, at, id=event.told.id, recorded_at="2024-05-01")
    here, there = first.then(), other.then()
    assert here.balances() == there.balances()
    assert here.tables.get("parcels") == there.tables.get("parcels")
    ours, theirs = comparable(here.tables).get("orders"), comparable(there.tables).get("orders")
    assert ours == theirs


@given(some.integers(-(10**9), 10**9), some.dictionaries(some.integers(0, 9_999), amounts))
def test_what_is_spread_over_rates_adds_up(amount: int, weights: dict[int, int]):
    assert sum(spread(amount, weights).values()) == amount


def test_a_batch_of_many_orders_writes_each_key_once():
    """Events of two orders, mixed: one row each, and a table's rows in the order of the log."""
    one, two = Story(order="A-1"), Story(order="A-2")
    for story in (one, two):
        story.tell(goods(("1", 10000, 25))).tell(PaymentReceived(amount=10000))
    mixed = [event for pair in zip(one.events, two.events, strict=True) for event in pair]
    changes, rows = Changes(), {"acme/A-1": Rows(), "acme/A-2": Rows()}
    fold(mixed, rows, changes)
    assert set(changes.upserted["orders"]) == {("acme", "A-1"), ("acme", "A-2")}
    assert len(changes.appended["timeline"]) == 4
    assert not changes.deleted


def test_only_what_changed_is_written():
    story = Story().tell(goods(("1", 10000, 25))).tell(Shipped(parcel="p1"), "2024-03-05")
    tables = story.then()
    story.tell(PaymentReceived(amount=1), "2024-03-06")
    changes = Changes()
    last: list[Recorded] = story.events[-1:]
    fold(last, {"acme/A-1": tables.rows}, changes)
    assert set(changes.upserted) == {"orders"}
