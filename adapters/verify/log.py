"""One partition verified as far as its events alone go, wherever they were read from.

Its chain is walked, every stream is decided again, and what they fold into is given out. The events
may come from the database or from the files of an exported log: nothing here asks either.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.verify.differences import Difference, place_of
from adapters.chain import unchained
from adapters.folding import TOGETHER, Closings, fold_stream
from adapters.held import HeldOrder
from adapters.partitions import partition_of, register_of
from adapters.verify.passed import Name, Passed, Sums, messages_in
from adapters.postgres.batch import EventRow
from adapters.processes import Part
from adapters.seal import START, chained
from adapters.streams import AnyStream
from adapters.verify import tokens as of_tokens
from adapters.verify.order import again, recorded
from domain.customer_stream import is_customer
from domain.events import FactTold, TermsPinned
from domain.register import is_register
from domain.terms.book import Book
from projections import PROJECTIONS
from projections.fold import Changes, Rows

Stream = Sequence[EventRow]
Streams = Mapping[str, Stream]


@dataclass(slots=True, frozen=True)
class Given:
    """What a partition is verified with: the terms, and what the snapshot has beside the log.

    Messages between streams that wait or are parked, and orders of which a timer was parked.
    """

    book: Book
    on_the_way: frozenset[Name]
    failed: frozenset[str] = frozenset()


@dataclass(slots=True)
class Found:
    """What was seen of a partition: rows by table, editions that were pinned, and differences.

    What other rules decided otherwise than today's would is held, and no difference.
    """

    orders: int = 0
    customers: int = 0
    events: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    pinned: set[str] = field(default_factory=set)
    tokens: of_tokens.Rows = field(default_factory=dict)
    """What acts say of tokens, by name."""
    sums: Sums = field(default_factory=Sums)
    held: list[HeldOrder] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        """Take in all of another partition but its differences, which are kept in order."""
        self.orders += other.orders
        self.customers += other.customers
        self.events += other.events
        self.rows.update(other.rows)
        self.pinned |= other.pinned
        self.tokens |= other.tokens
        self.sums.add(other.sums)
        self.held += other.held


def walk(part: Part, rows: Iterable[EventRow], found: Found) -> Streams:
    """The events of a partition by stream; each must fit the one before, the last the head."""
    streams: dict[str, list[EventRow]] = {}
    chain, count = START, 0
    for row in rows:
        found.events += 1
        count += 1
        key = row.key
        chain = chained(chain, key, row.version, row.recorded_at, row.stored)
        if chain != row.hash or (part.partition, count) != row[:2]:
            found.differences.append(_unchained(row))
            chain, count = row.hash, row.position
        streams.setdefault(key, []).append(row)
    if (count, chain) != (part.position, part.head):
        found.differences.append(
            Difference(
                sentence=f"partition {part.partition}: the log ends at {count}, "
                f"its head is at {part.position}",
                table="partitions",
                expected={"position": count, "head": chain.hex()},
                found={"position": part.position, "head": part.head.hex()},
                breaks=True,
            )
        )
    return streams


def decided_again(
    part: Part, streams: Streams, given: Given, found: Found
) -> Iterator[tuple[list[tuple[AnyStream, Stream]], Changes]]:
    """Some streams at a time, decided again, and all that they fold into from nothing."""
    closings = Closings()
    try:
        closings = Closings.told(streams.get(register_of(part.partition), ()))
    except Exception as error:  # noqa: BLE001 - of a register that was changed
        found.differences.append(_broken(f"the register of partition {part.partition}", error))
    for together in _pages(streams):
        seen: list[tuple[AnyStream, Stream]] = []
        changes = Changes()
        for key, rows in together:
            if (stream := _again(key, rows, closings, changes, given, found)) is not None:
                seen.append((stream, rows))
        if seen:
            yield seen, changes


def messages_of(streams: Streams, told: frozenset[int]) -> Passed:
    """Both ends, at these streams, of what was told to those of the partitions `told`."""
    passed = Passed()
    for key, rows in streams.items():
        if (stream := recorded(key, rows).stream) is not None:
            passed.add(messages_in(stream, told))
    return passed


def _unchained(row: EventRow) -> Difference:
    return Difference(
        sentence=unchained(row), table="events", order=row.key, event=place_of(row),
        found={"hash": row.hash.hex()}, breaks=True,
    )  # fmt: skip


def _pages(streams: Streams) -> Iterator[list[tuple[str, Stream]]]:
    """Streams with so many events together that their rows are worth a statement."""
    together: list[tuple[str, Stream]] = []
    count = 0
    for key, rows in streams.items():
        together.append((key, rows))
        count += len(rows)
        if count >= TOGETHER:
            yield together
            together, count = [], 0
    if together:
        yield together


def _again(
    key: str, rows: Stream, closings: Closings, changes: Changes, given: Given, found: Found
) -> AnyStream | None:
    """Decide a stream again and fold it; None where its events cannot be read."""
    customer = is_customer(key)
    found.customers += customer
    found.orders += not (customer or is_register(key))
    if partition_of(key) != rows[0].partition:
        found.differences.append(
            Difference(
                sentence=f"{key} does not belong to partition {rows[0].partition}", table="events",
                order=key, event=place_of(rows[0]),
            )
        )  # fmt: skip
    result = again(key, rows, given.book)
    found.differences += result.differences
    if result.held or result.failure:
        seller, order = key.split("/", 1)
        found.held.append(HeldOrder(seller, order, result.held, result.failure))
    if result.stream is None:
        return None
    try:
        fold_stream(rows, Rows(), closings, changes, PROJECTIONS, result.events)
    except Exception as error:  # noqa: BLE001 - of events that no rules ever raised
        found.differences.append(_broken(key, error, key))
        return None
    found.pinned |= {one.edition for one in result.events if isinstance(one, TermsPinned)}
    found.sums.take(result.stream)
    for one in result.events if is_register(key) else ():
        if isinstance(one, FactTold):
            of_tokens.take(found.tokens, one.told)
    return result.stream


def _broken(what: str, error: Exception, order: str | None = None) -> Difference:
    sentence = f"{what} cannot be folded: {type(error).__name__}: {error}"
    return Difference(sentence=sentence, table="events", order=order)
