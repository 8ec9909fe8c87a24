"""Telling bodies and facts to a writer in tests, and what its orders then hold."""

from collections import Counter


from adapters.app import App
from adapters.bodies import Intake, by_app
from adapters.edge import read_json
from adapters.inbox import drain
from adapters.messages import Message
from adapters.report import Report
from domain.facts import Retracted
from domain.state import Told, taken_back
from tests.bodies import (
    body,
)  # fmt: skip
from tests.facts import START

TOLD = """
    select order_id, type, source, id, at, recorded_at, body from events
    where source like 'carrier:%' order by order_id, version
"""


async def take(app: App, intake: Intake, *values: bytes, source: str = "postnord") -> Report:
    return await intake.take(source, [body(one) for one in values], by_app(app))


async def tell(app: App, *messages: Message) -> Report:
    """Tell facts, and what is handed over because of them."""
    return await app.handle(messages) + await drain(app)


async def told(app: App) -> list[tuple[str, str]]:
    """(order, type) of all that carriers told, in the order of the log."""
    return [(row["order_id"], row["type"]) for row in await app.store.pool.fetch(TOLD)]


async def stands(app: App, order: str = "A") -> Counter[str]:
    """The facts of carriers that an order holds: not those that were taken back."""
    rows = await app.store.pool.fetch(
        "select source, id, type, body from events where order_id = $1 and source is not null"
        " order by version", order,
    )  # fmt: skip
    facts = {(row["source"], row["id"]): row["type"] for row in rows}
    retractions = [
        Told(read_json(Retracted, row["body"]), START, START, row["source"], row["id"])
        for row in rows
        if row["type"] == "Retracted"
    ]
    void = taken_back(retractions)
    return Counter(
        type for message, type in facts.items()
        if message[0].startswith("carrier:") and message not in void and type != "Retracted"
    )  # fmt: skip
