"""Commands by which people act on what was decided or is kept: adopt, erase."""

from dataclasses import asdict
from typing import Annotated

import typer

from adapters import acts
from adapters.cli import render
from adapters.cli.render import money
from adapters.cli.session import Session, running
from adapters.held import HeldOrder, held_orders
from adapters.messages import ACT_SOURCE
from adapters.rules import rules_digest
from domain.acts import PersonalDataErased, RulesAdopted
from domain.errors import VillkorError
from domain.fields import CUSTOMER, Value
from domain.held import Held

Seller = Annotated[str | None, typer.Option(help="Whose.")]
By = Annotated[str, typer.Option(help="Who does it.")]
Reason = Annotated[str, typer.Option(help="Why.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def held(seller: Seller = None, json: AsJson = False) -> int:
    """Running orders that today's rules would decide otherwise; nothing is raised in passing."""

    async def work(session: Session) -> int:
        found = [one async for one in held_orders(session.store, session.book, seller)]
        if json:
            render.as_json({"rules": rules_digest(), "held": list(map(_shown, found))})
        else:
            _table(found)
        return 0

    return running(work)


def _shown(one: HeldOrder) -> dict[str, object]:
    outcomes = [
        {"policy": each.policy, "key": each.key, "amount": each.amount / 100,
         "stands": None if each.stands is None else asdict(each.stands),
         "would_be": None if each.would_be is None else asdict(each.would_be)}
        for each in one.held
    ]  # fmt: skip
    return {"seller": one.seller, "order": one.order, "amount": one.amount / 100,
            "failure": one.failure, "outcomes": outcomes}  # fmt: skip


def _table(found: list[HeldOrder]) -> None:
    render.table(
        ("order", "seller", "what", "", "kronor"),
        ((one.order, one.seller, each.key, _how(each), money(each.amount))
         for one in found for each in one.held),
        right=("kronor",),
    )  # fmt: skip
    for one in found:
        if one.failure:
            render.say(f"{one.order}: today's rules cannot decide it: {one.failure}")
    total = sum(one.amount for one in found)
    render.say(f"{len(found)} orders, {money(total)} held under rules {rules_digest()}")


def _how(one: Held) -> str:
    if one.stands is None:
        return "would be raised"
    return "would fall away" if one.would_be is None else "would be otherwise"


def adopt(
    by: By,
    reason: Reason,
    orders: Annotated[list[str] | None, typer.Argument(help="Which; or --all.")] = None,
    seller: Seller = None,
    all: Annotated[bool, typer.Option("--all", help="All of which something is held.")] = False,
    json: AsJson = False,
) -> int:
    """Let orders live under today's rules: what `villkor held` lists of them is raised."""
    if bool(orders) == all:
        raise typer.BadParameter("say either orders or --all")

    async def work(session: Session) -> int:
        found = [one for one in await _chosen(session, seller, orders) if one.failure is None]
        at, rules = session.clock.now(), rules_digest()
        fact = RulesAdopted(rules=rules, by=by, reason=reason)
        id = f"adopted {rules} {at.isoformat()}"
        await _told(session, [(f"{one.seller}/{one.order}", fact) for one in found], id)
        if json:
            render.as_json({"rules": rules, "adopted": list(map(_shown, found))})
        else:
            _table(found)
        return 0

    return running(work)


async def _chosen(
    session: Session, seller: str | None, orders: list[str] | None
) -> list[HeldOrder]:  # fmt: skip
    """What is held of these orders (of all).

    Raises VillkorError where nothing is of one, or where today's rules fail about it.
    """
    if orders is None:
        return [one async for one in held_orders(session.store, session.book, seller)]
    found = []
    for order in orders:
        whose: str = (await session.queries.order(order, seller))["seller"]
        those = [one async for one in held_orders(session.store, session.book, whose, order)]
        if not those:
            raise VillkorError(f"nothing is held of {order!r}; `villkor held` lists what is")
        if those[0].failure:
            raise VillkorError(f"{order!r} cannot be adopted: {those[0].failure}")
        found += those
    return found


def erase(
    subject: Annotated[str, typer.Argument(help="An order, or customer:REF.")],
    by: By,
    reason: Reason,
    seller: Seller = None,
    json: AsJson = False,
) -> int:
    """Erase what lies beside the log about the persons of an order, or of a customer.

    Chain, replay and ledger stay whole; that it was done is an event.
    """

    async def work(session: Session) -> int:
        if subject.startswith(CUSTOMER) and seller is None:
            raise VillkorError("a customer is a seller's; say --seller")
        whose = seller
        if not subject.startswith(CUSTOMER):
            whose = (await session.queries.order(subject, seller))["seller"]
        key = f"{whose}/{subject}"
        if key not in await session.store.streams([(str(whose), subject)]):
            raise VillkorError(f"{whose} was told nothing of {subject!r}")
        fact = PersonalDataErased(by=by, reason=reason)
        await _told(session, [(key, fact)], f"erased {session.clock.now().isoformat()}")
        if json:
            render.as_json({"seller": whose, "subject": subject, "erased": True})
        else:
            render.say(f"{key}: erased")
        return 0

    return running(work)


async def _told(session: Session, told: list[tuple[str, Value]], id: str) -> None:
    """Tell acts and wait until they are in the log. Raises VillkorError where one is not."""
    at = session.clock.now()
    async with session.store.writing() as connection:
        said = [acts.act(key, fact, id, at) for key, fact in told]
        rows = await acts.tell(connection, said)
    await session.taken(rows)
    streams = [key.split("/", 1) for key, _ in told]
    names = [(seller, subject, ACT_SOURCE, id) for seller, subject in streams]
    if len(await session.store.known(names)) < len(names):
        raise VillkorError("it was parked; `villkor dead-letters list` says why")
