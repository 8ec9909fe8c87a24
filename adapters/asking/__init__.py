"""What was true of an order at one moment, as it was known at another: one answer for all who ask.

*Known at K* is what was recorded by K, and says what the read models said then. *As of T* decides:
the policies at T over the facts that had happened by T and were recorded by K, under the terms
that were pinned by K. A question that has no answer is an error, never an empty answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from adapters.codec import decode
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from domain.acts import ACTS
from domain.calendar import STOCKHOLM, day_of, last_of
from domain.decide import edition_of, owed, true_then
from domain.errors import Missing, Unanswerable
from domain.events import AnyEvent, FactTold, OutcomeRaised, TermsPinned
from domain.facts import Retracted
from domain.order import Order
from domain.outcomes import AnyOutcome, Deadline
from domain.state import OrderState
from domain.terms.book import Book
from projections.books import Balances, account_and_rate, balances
from projections.dossier import Dossier
from projections.fold import Changes, Rows, fold_events
from projections.orders import ORDERS
from projections.parcels import PARCELS
from projections.projection import AnyProjection, Recorded
from projections.sla import SLA, TOLD, DeadlineRow
from projections.timeline import TIMELINE

Row = dict[str, Any]
NOT_TRUE: tuple[type[Any], ...] = (Retracted, *ACTS)
"""What is told of an order, but happens to no order."""
THEN = (TIMELINE, SLA, ORDERS, PARCELS)
"""The read models of one order; its ledger is the balances of its books."""


@dataclass(slots=True, frozen=True)
class Pin:
    """The edition of the terms, what it was chosen by, and since when the order has it.

    `pinned_at` is None where the order had not pinned one for a contract such as it then was.
    """

    edition: str
    seller: str
    marketplace: str | None
    day: date
    pinned_at: datetime | None


@dataclass(slots=True, frozen=True)
class Answer:
    """An order as of one moment, as known at another; amounts are öre, debits positive.

    `outcomes` are what is owed as of the moment, `raised` those that stood raised by what was
    recorded; without a moment they are the same. `row`, `lines`, `parcels`, `deadlines` and
    `timeline` are those of the read models; as of a moment the timeline has the facts that count
    and the deadlines are those owed. `balances` are currency -> account -> balance.
    """

    seller: str
    order: str
    as_of: datetime | None
    known_at: datetime | None
    row: Row
    lines: list[Row]
    parcels: list[Row]
    deadlines: list[Row]
    timeline: list[Row]
    terms: Pin | None
    outcomes: list[AnyOutcome]
    raised: list[AnyOutcome]
    balances: dict[str, dict[int, int]]
    state: OrderState
    events: list[AnyEvent]
    """Those behind the timeline."""

    @property
    def ahead(self) -> bool:
        """Whether it looks ahead of what was known: nothing more became known until then."""
        return self.known_at is not None and self.as_of is not None and self.as_of > self.known_at


async def answer(
    store: Store, book: Book, seller: str, order: str, as_of: datetime | None = None,
    known_at: datetime | None = None, *, now: datetime,
) -> Answer:  # fmt: skip
    """What was true of an order `as_of` a moment (None: when it last changed), as `known_at`.

    Raises Unanswerable where it was not known by then, not placed by then, or it is yet to come,
    Missing where there is no such order.
    """
    rows = (await store.streams([(seller, order)])).get(f"{seller}/{order}")
    if rows is None:
        raise Missing(f"{seller} has no order {order!r}; `villkor orders` lists them")
    await with_editions(store, book, rows)
    return answered(rows, book, as_of, known_at, now)


async def with_editions(store: Store, book: Book, rows: Iterable[EventRow]) -> None:
    """Have the editions that these events pin in the book, also those of other writers."""
    pins = (decode(row.key, row.version, row.recorded_at, row.stored)
            for row in rows if row.type == TermsPinned.__name__)  # fmt: skip
    if any(isinstance(pin, TermsPinned) and pin.edition not in book.stored for pin in pins):
        book.stored |= {edition.hash: edition for edition in await store.editions()}


def answered(
    rows: Iterable[EventRow], book: Book, as_of: datetime | None, known_at: datetime | None,
    now: datetime,
) -> Answer:  # fmt: skip
    """The answer from all events of an order, as they are stored."""
    return from_events(recorded_of(rows), book, as_of, known_at, now)


def recorded_of(rows: Iterable[EventRow]) -> list[Recorded]:
    """Stored events as read models fold them."""
    return [
        Recorded(decode(row.key, row.version, row.recorded_at, row.stored), row.seller,
                 row.order_id, row.partition, row.position) for row in rows
    ]  # fmt: skip


def from_events(
    recorded: Sequence[Recorded], book: Book, as_of: datetime | None, known_at: datetime | None,
    now: datetime,
) -> Answer:  # fmt: skip
    """The answer from all events of an order."""
    key = recorded[0].key
    first, last = recorded[0].event.timestamp, recorded[-1].event.timestamp
    present = max(now, last)
    as_of, known_at = passed(key, as_of, known_at, present)
    known = [one for one in recorded if known_at is None or one.event.timestamp <= known_at]
    if known_at is not None and not known:
        raise Unanswerable(
            f"{said(key)} was not known at {when(known_at)}: the first of it became known at "
            f"{when(first)}"
        )
    then = _Then(key, known)
    if as_of is None:
        return then.recorded(known_at)
    return then.decided(book, as_of, known_at or present, known_at)


def passed(
    key: str, as_of: datetime | None, known_at: datetime | None, present: datetime
) -> tuple[datetime | None, datetime | None]:
    """The moments that are asked about; today, which is yet to end, is up to the present.

    Raises Unanswerable where one is yet to come: nobody can say what will be true then.
    """
    today = last_of(day_of(present))
    as_of, known_at = (present if at == today else at for at in (as_of, known_at))
    for name, at in (("as of", as_of), ("known at", known_at)):
        if at is not None and at > present:
            raise Unanswerable(
                f"{said(key)} {name} {when(at)}: that is yet to come, now is {when(present)}; "
                "`villkor sla` has what falls due"
            )
    return as_of, known_at


class _Then:
    """An order as its events up to one of them make it."""

    def __init__(self, key: str, known: Sequence[Recorded]) -> None:
        self.key, self.order = key, Order.blank(key)
        self.seller, self.subject = key.split("/", 1)
        self.events = known
        for one in known:
            self.order.apply(one.event)

    @property
    def pins(self) -> list[TermsPinned]:
        return [one.event for one in self.events if isinstance(one.event, TermsPinned)]

    @property
    def raised(self) -> list[AnyOutcome]:
        return [item for items in self.order.standing.values() for item in items.values()]

    def recorded(self, known_at: datetime | None) -> Answer:
        """What the read models said once these events were recorded."""
        rows, changes = Rows(), Changes()
        fold_events(self.events, rows, changes, THEN)
        assert rows.dossier is not None, "an order that is known has events"
        return Answer(
            self.seller, self.subject, None, known_at,
            row=_order_row(rows.of(ORDERS.table).values()),
            lines=_lines(self.order.state),
            parcels=_named(PARCELS, rows.of(PARCELS.table).values()),
            deadlines=_deadline_rows(rows.of(SLA.table).values()),
            timeline=_named(TIMELINE, changes.appended[TIMELINE.table]),
            terms=None if self.order.pinned is None else _pin(self.order.pinned),
            outcomes=self.raised, raised=self.raised,
            balances=by_account(rows.dossier.stands.booked),
            state=self.order.state, events=[one.event for one in self.events],
        )  # fmt: skip

    def decided(
        self, book: Book, at: datetime, known_by: datetime, known_at: datetime | None
    ) -> Answer:
        """What was true at a moment, and is owed by it."""
        state = true_then(self.order, at, known_by)
        if state.data is None:
            raise Unanswerable(self._why_not_placed(at, known_at))
        items = owed(self.order, state, book, at)
        dossier, last = supposing(self.key, state, items), self.events[-1].event
        dossier.version, dossier.last_event_at = last.originator_version, last.timestamp
        facts = list(self._counting(at))
        timeline = [row for fact in facts for row in TIMELINE.rows(fact, dossier)]
        outcomes = [item for _, item in items]
        return Answer(
            self.seller, self.subject, at, known_at,
            row=_order_row(ORDERS.rows(dossier)), lines=_lines(state),
            parcels=_named(PARCELS, PARCELS.rows(dossier)),
            deadlines=_deadline_rows(self._deadlines(outcomes)),
            timeline=_named(TIMELINE, timeline),
            terms=self._terms(book, state), outcomes=outcomes, raised=self.raised,
            balances=by_account(balances(state, dossier.stands)),
            state=state, events=[one.event for one in facts],
        )  # fmt: skip

    def _counting(self, at: datetime) -> Iterator[Recorded]:
        """The facts that count at a moment, in order of recording."""
        for one in self.events:
            if isinstance(one.event, FactTold):
                told = one.event.told
                void = isinstance(told.fact, NOT_TRUE) or (told.source, told.id) in self.order.void
                if told.at <= at and not void:
                    yield one

    def _deadlines(self, items: Iterable[AnyOutcome]) -> Iterator[DeadlineRow]:
        for item in items:
            if isinstance(item, Deadline):
                yield DeadlineRow(
                    self.seller, self.subject, item.kind, item.subject, item.due.isoformat(),
                    item.lapses_at, item.party, item.state, item.amount, item.because.clauses,
                    item.lapses_at if item.state == "lapsed" else None,
                )  # fmt: skip

    def _terms(self, book: Book, state: OrderState) -> Pin:
        chosen, edition = edition_of(self.order, state, book)
        for pin in self.pins:
            if (pin.seller, pin.marketplace, pin.day) == chosen:
                return _pin(pin)
        return Pin(edition.hash, *chosen, None)

    def _why_not_placed(self, at: datetime, known_at: datetime | None) -> str:
        known = "now" if known_at is None else f"at {when(known_at)}"
        words = f"{said(self.key)} had not been placed at {when(at)}: as known {known}"
        placed = OrderState(id=self.subject)
        for told in self.order.facts:
            if (told.source, told.id) not in self.order.void:
                placed.fold(told)
            if placed.data is not None:
                return f"{words}, that was at {when(told.at)}"
        return f"{words}, the order system had told nothing of it"


def supposing(
    key: str, state: OrderState, items: Iterable[tuple[str, AnyOutcome]]
) -> Dossier:  # fmt: skip
    """What read models would know of an order in this state, had these been raised by policies."""
    dossier = Dossier(*key.split("/", 1))
    for policy, item in items:
        raised = OutcomeRaised(key, 1, state.placed_at, item.names[0], policy, item, None, 0)
        dossier.take(raised)
    dossier.state = state
    return dossier


def _pin(pin: TermsPinned) -> Pin:
    return Pin(pin.edition, pin.seller, pin.marketplace, pin.day, pin.timestamp)


def _lines(state: OrderState) -> list[Row]:
    """The lines of the order, which parcels they are in, and whether they were struck."""
    return [
        {
            "line": line.line, "name": line.name, "quantity": line.quantity,
            "amount": state.value(line.line), "struck": line.line in state.struck,
            "parcels": [parcel.id for parcel in state.parcels_of(line.line)],
        }
        for line in state.lines.values()
    ]  # fmt: skip


def _order_row(rows: Iterable[Sequence[Any]]) -> Row:
    (row,) = _named(ORDERS, rows)
    del row["dossier"]
    return row


def _deadline_rows(rows: Iterable[Sequence[Any]]) -> list[Row]:
    """Deadlines without what the board says of them."""
    return [{name: row[name] for name in TOLD} for row in _named(SLA, rows)]


def _named(projection: AnyProjection, rows: Iterable[Sequence[Any]]) -> list[Row]:
    """Rows by their columns' names and in order of their key, instants in UTC."""
    names, places = [column.name for column in projection.columns], projection.places
    return [
        {name: _utc(value) for name, value in zip(names, row, strict=True)}
        for row in sorted(rows, key=lambda row: [row[place] for place in places])
    ]


def by_account(books: Mapping[str, Balances]) -> dict[str, dict[int, int]]:
    """Currency -> account -> balance of an order's books, whatever the VAT rates on it."""
    found: dict[str, dict[int, int]] = {}
    for currency, by_rate in books.items():
        accounts = found.setdefault(currency, {})
        for key, amount in by_rate.items():
            account, _ = account_and_rate(key)
            accounts[account] = accounts.get(account, 0) + amount
    return {
        currency: {account: amount for account, amount in sorted(accounts.items()) if amount}
        for currency, accounts in found.items()
    }


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def said(key: str) -> str:
    """A stream as people name it."""
    return key.replace("/", " ", 1)


def when(at: datetime) -> str:
    """An instant on the clocks of Stockholm, as it can be asked for again."""
    return at.astimezone(STOCKHOLM).isoformat()
