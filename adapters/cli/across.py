"""Commands about several orders: those of a cart, and those of a customer."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.cli import render
from adapters.cli.render import instant, money
from adapters.cli.session import Session, running
from adapters.codec import decode
from adapters.queries import Row
from adapters.story import told_lines
from domain.errors import VillkorError
from domain.fields import CUSTOMER
from domain.events import FactTold

SUMS = ("goods", "freight", "fees", "refunds")


def add_to(app: typer.Typer) -> None:
    app.command()(cart)


def cart(
    cart: str,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """One cart, which is an order of each seller: what they owe and are owed, whose move it is."""

    async def work(session: Session) -> int:
        orders, deadlines = await session.queries.cart(cart)
        totals = _totals(orders)
        if json:
            of: dict[tuple[str, str], list[Row]] = {}
            for one in deadlines:
                of.setdefault((one.pop("seller"), one.pop("order_id")), []).append(one)
            for order in orders:
                order["deadlines"] = of.get((order["seller"], order["order_id"]), [])
            render.as_json({"cart": cart, "orders": orders, "totals": totals})
            return 0
        render.table(
            ("order", "seller", "state", "fees", "refunds due", "to decide"),
            ((row["order_id"], row["seller"], row["status"], money(row["fees"]),
              money(row["refunds"]), row["open_decisions"] or "") for row in orders),
            right=("fees", "refunds due", "to decide"),
        )  # fmt: skip
        for total in totals:
            sums = ", ".join(f"{name} {money(total[name])}" for name in SUMS)
            render.say(f"{total['orders']} orders in {total['currency']}: {sums}")
        render.heading("Whose move it is")
        render.urgent_table(deadlines, session.clock.now())
        return 0

    return running(work)


def _totals(orders: list[Row]) -> list[Row]:
    """What the orders come to, a currency each."""
    found: dict[str, Row] = {}
    for order in orders:
        nothing = {"currency": order["currency"], "orders": 0} | dict.fromkeys(SUMS, 0)
        total = found.setdefault(order["currency"], nothing)
        total["orders"] += 1
        for name in SUMS:
            total[name] += order[name]
    return [total for _, total in sorted(found.items())]


def show_customer(
    subject: str, seller: str | None, as_of: datetime | None, known_at: datetime | None,
    *, json: bool,
) -> int:  # fmt: skip
    """A customer's stream: what was told of it, and the orders that it has."""

    async def work(session: Session) -> int:
        whose, told = await _stream(session, subject, seller)
        facts = [
            one for one in told
            if (as_of is None or one.told.at <= as_of)
            and (known_at is None or one.timestamp <= known_at)
        ]  # fmt: skip
        orders = await session.queries.of_customer(subject.removeprefix(CUSTOMER), whose)
        if json:
            events = [
                {"type": one.type, "at": one.told.at, "recorded_at": one.timestamp,
                 "source": one.told.source, "id": one.told.id, "void": one.void}
                for one in facts
            ]  # fmt: skip
            render.as_json({"seller": whose, "customer": subject, "orders": orders,
                            "facts": events})  # fmt: skip
            return 0
        render.say(f"{whose} {subject}: {len(orders)} orders")
        render.heading("What happened")
        render.table(("when", "what", ""), told_lines(facts))
        render.heading("Its orders")
        render.table(
            ("order", "state", "placed", "paid", "fees", "refunds"),
            ((row["order_id"], row["status"], instant(row["placed_at"])[:10], money(row["paid"]),
              money(row["fees"]), money(row["refunds"])) for row in orders),
            right=("paid", "fees", "refunds"),
        )  # fmt: skip
        return 0

    return running(work)


async def _stream(session: Session, subject: str, seller: str | None) -> tuple[str, list[FactTold]]:
    """Whose customer it is, and its facts. Raises VillkorError for none, or one of several."""
    having = await session.queries.of_customer(subject.removeprefix(CUSTOMER), None)
    sellers = {*session.book.sellers, *(row["seller"] for row in having)}
    wanted = sorted(sellers) if seller is None else [seller]
    found = await session.store.load([(one, subject) for one in wanted])
    if not found:
        raise VillkorError(f"nothing was told of {subject!r}; `villkor orders` lists orders")
    if len(found) > 1:
        names = ", ".join(sorted(key.split("/", 1)[0] for key in found))
        raise VillkorError(f"{names} each have a {subject!r}; say --seller")
    [(key, loaded)] = found.items()
    events = [decode(key, version, at, stored) for version, at, stored in loaded.events]
    return key.split("/", 1)[0], [one for one in events if isinstance(one, FactTold)]
