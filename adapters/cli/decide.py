"""`villkor decide`: what a person gives or asks beside the terms, told as a fact like any other."""

from typing import Annotated, Any, Literal

import msgspec
import typer

from adapters.cli import render
from adapters.cli.session import Session, running
from adapters.inbox import hand_over
from adapters.ingest import ingest
from adapters.messages import Message
from adapters.asking.plain import outcome_of
from adapters.story import Story, explained, named
from domain.errors import Guarded, VillkorError
from domain.money import ore
from domain.outcomes import Ruling
from domain.policies.goodwill import DECISIONS

SOURCE = "/villkor/decide"
REFUSED = 4
Kind = Literal["goodwill", "freight", "agreed_fee"]


def decide(
    order: str,
    kind: Annotated[Kind, typer.Argument(help="What is given, or the fee that was agreed on.")],
    amount: Annotated[str, typer.Option(help="Kronor, like 150.00.")],
    by: Annotated[str, typer.Option(help="Who decides it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    seller: Annotated[str | None, typer.Option(help="Whose order.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """Goodwill or freight back to the customer, or a fee that the customer agreed to.

    Over what the customer paid, was charged for freight or ordered it is refused, with the bound.
    """
    try:
        decided = ore(amount)
    except (ValueError, ArithmeticError) as error:
        raise typer.BadParameter(f"--amount: {amount!r} is not kronor, like 150.00") from error
    if decided <= 0:
        raise typer.BadParameter(f"--amount: {amount} is nothing")

    async def work(session: Session) -> int:
        whose: str = (await session.queries.order(order, seller))["seller"]
        now = session.clock.now()
        id = f"{kind}-{now:%Y%m%dT%H%M%S%f}"
        data = {"about": kind, "decision": DECISIONS[kind], "amount": amount, "by": by,
                "reason": reason}  # fmt: skip
        event = {"specversion": "1.0", "id": id, "source": SOURCE, "subject": order,
                 "type": "DiscretionExercised", "seller": whose, "time": now.isoformat(),
                 "data": data}  # fmt: skip
        await _told(session, Message(msgspec.json.encode(event), "decide"))
        return await _shown(session, whose, order, id, json=json)

    return running(work)


async def _told(session: Session, message: Message) -> None:
    try:
        async with session.writer() as app:
            report = await ingest(app, [message], session.clock.now())
    except Guarded:
        report = await hand_over(session.store, session.clock, [message])
    if report.parked:
        raise VillkorError("it was parked; `villkor dead-letters list` says why")


async def _shown(session: Session, seller: str, order: str, id: str, *, json: bool) -> int:
    """What came of the decision: it stands, or was refused with its bound."""
    story = await Story.read(session.store, seller, order)
    items: list[Any] = [item for item in story.outcomes if item.cause == id]
    if json:
        render.as_json({"seller": seller, "order": order, "outcomes": list(map(outcome_of, items))})
    else:
        for item in items:
            render.say(f"{seller} {order}: {type(item).__name__.lower()} {named(item)}")
            for line in explained(item, "en", story.order.state):
                render.indented(line)
    return REFUSED if any(isinstance(item, Ruling) for item in items) else 0
