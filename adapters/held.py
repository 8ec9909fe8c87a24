"""Running orders that today's rules would decide otherwise: what is held of each."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from adapters.codec import KINDS
from adapters.postgres.store import Store
from adapters.rules import rules_digest
from adapters.streams import replayed
from adapters.work import sentence
from domain.decide import answers
from domain.held import Held, held
from domain.order import Order
from domain.terms.book import Book

PAGE = 500
"""Orders that are decided again at a time."""
# An outcome names the version of the rules that decided it in what is stored beside it.
DECIDED_BY_OTHERS = """
    select distinct seller, order_id from events
    where type = any($1::text[]) and position(convert_to($2, 'UTF8') in meta) = 0
      and ($3::text is null or seller = $3)
    order by seller, order_id
"""


@dataclass(slots=True, frozen=True)
class HeldOrder:
    """An order that holds to other rules than today's, and each outcome where they differ.

    Where today's rules fail about it, `failure` says how; nothing of them can be adopted then.
    """

    seller: str
    order: str
    held: list[Held]
    failure: str | None = None

    @property
    def amount(self) -> int:
        """What adopting today's rules would raise more than stands, in öre."""
        return sum(one.amount for one in self.held)


def compared(order: Order, book: Book) -> tuple[list[Held], str | None]:
    """Where what stands of an order differs from what today's rules say, or how they fail."""
    try:
        return held(order.standing, answers(order, book)), None
    except Exception as error:  # noqa: BLE001 - whatever a rule makes of an order of before
        return [], sentence(error)


async def held_orders(
    store: Store, book: Book, seller: str | None = None, order: str | None = None,
    rules: str | None = None,
) -> AsyncIterator[HeldOrder]:  # fmt: skip
    """The orders of which something is held, of all or of one seller, or one of its own."""
    today = rules or rules_digest()
    if seller is not None and order is not None:
        keys = [(seller, order)]
    else:
        mark = f'"rules":"{today}"'
        rows = await store.pool.fetch(DECIDED_BY_OTHERS, sorted(KINDS), mark, seller)
        keys = [(row["seller"], row["order_id"]) for row in rows]
    for at in range(0, len(keys), PAGE):
        for one in await _page(store, book, keys[at : at + PAGE], today):
            yield one


async def _page(
    store: Store, book: Book, keys: Sequence[tuple[str, str]], today: str
) -> list[HeldOrder]:
    found = []
    for key, events in (await store.streams(keys)).items():
        told = [(one.version, one.recorded_at, one.stored) for one in events]
        stream = replayed(key, told, today)
        if isinstance(stream, Order) and stream.holds:
            differences, failure = compared(stream, book)
            if differences or failure:
                seller, order = key.split("/", 1)
                found.append(HeldOrder(seller, order, differences, failure))
    return found
