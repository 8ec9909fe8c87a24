"""A log of two sellers to tamper with, and what verify finds in it then."""

from collections.abc import Iterator

from adapters.clock import Clock
from adapters.messages import Message
from adapters.postgres.store import Store
from adapters.terms import book
from adapters.verify import verify
from adapters.verify.differences import Difference
from tests.facts import life, message, placed

CLOCK = Clock()
NOBODY = {"kind": "consumer"}
TOKENS = (("shop", "agent", "allectra", "netzilla"), ("books", "accountant"), ("gone", "operator"))


def told() -> Iterator[Message]:
    """Two sellers' orders, values about persons, and an order that no other stream knows of."""
    for number, (seller, order) in enumerate(
        (("allectra", "A-1"), ("allectra", "A-2"), ("netzilla", "N-1"))
    ):
        yield from life(seller, order)
        yield message("Shipped", seller, order, "more", 30 + number, parcel="p2", carrier="dhl",
                      tracking=f"T2{number}", lines=["1"])  # fmt: skip
        said = {"statement": f"from {order}, Storgatan 1", "channel": "web"}
        yield message("WithdrawalNotified", seller, order, "w", 360, **said)
    yield placed("allectra", "A-3", customer=NOBODY)
    yield from life("allectra", "A-3")[1:]
    for order in ("A-4", "A-5"):  # which the warehouse has yet to send
        yield from life("allectra", order)[: 3 if order == "A-4" else 1]


async def found(store: Store) -> list[Difference]:
    return (await verify(store, book())).differences


async def tamper(store: Store, *statements: str) -> None:
    """As superuser, whom no trigger stops."""
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for one in statements:
            assert (await connection.execute(one)).rsplit(" ", 1)[-1] != "0", one
