"""`villkor decide`: what a person gives or asks beside the terms, told as a fact like any other."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import typer

from adapters.asking.plain import outcome_of
from adapters.cli import render
from adapters.cli.session import Session, running
from adapters.deciding import Decided, Decision
from adapters.deciding import decide as tell
from adapters.story import explained, named
from domain.money import ore

REFUSED = 4
Kind = Literal["goodwill", "freight", "agreed_fee"]


def decide(
    order: str,
    kind: Annotated[Kind, typer.Argument(help="What is given, or the fee that was agreed on.")],
    amount: Annotated[str, typer.Option(help="Kronor, like 150.00.")],
    by: Annotated[str, typer.Option(help="Who decides it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    seller: Annotated[str | None, typer.Option(help="Whose order.")] = None,
    sure: Annotated[
        bool, typer.Option("--sure", help="Also where the same was decided today already.")
    ] = False,
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
        decision = Decision(
            seller=whose, order=order, about=kind, amount=Decimal(decided).scaleb(-2), by=by,
            reason=reason, sure=sure,
        )  # fmt: skip
        found = await tell(session, decision)
        _show(whose, order, found, json=json)
        return REFUSED if found.refusal is not None else 0

    return running(work)


def _show(seller: str, order: str, found: Decided, *, json: bool) -> None:
    """What came of the decision: it stands, or was refused with its bound."""
    items: list[Any] = [item for item in found.outcomes if item.cause == found.id]
    if json:
        render.as_json({"seller": seller, "order": order, "outcomes": list(map(outcome_of, items))})
        return
    for item in items:
        render.say(f"{seller} {order}: {type(item).__name__.lower()} {named(item)}")
        for line in explained(item, "en", found.story.order.state):
            render.indented(line)
