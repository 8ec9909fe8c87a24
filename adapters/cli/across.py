"""Commands about several orders: those of a cart, and those of a customer."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.asking.customer import answer_customer
from adapters.cli import render
from adapters.cli.render import instant, money
from adapters.cli.session import Session, running
from adapters.queries import Row
from adapters.story import told_lines
from domain.errors import VillkorError
from domain.fields import CUSTOMER

SUMS = ("goods", "freight", "fees", "refunds")


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
        whose = await _whose(session, subject, seller)
        found = await answer_customer(
            session.store, session.book, whose, subject, as_of, known_at, now=session.clock.now()
        )
        facts, orders = found.facts, found.orders
        if json:
            events = [
                {"type": one.type, "at": one.told.at, "recorded_at": one.timestamp,
                 "source": one.told.source, "id": one.told.id, "void": one.void}
                for one in facts
            ]  # fmt: skip
            past = {"as_of": as_of, "known_at": known_at} if as_of or known_at else {}
            render.as_json({"seller": whose, "customer": subject, **past, "orders": orders,
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


async def _whose(session: Session, subject: str, seller: str | None) -> str:
    """Whose customer it is. Raises VillkorError for nobody's, or one of several."""
    if seller is not None:
        return seller
    having = await session.queries.of_customer(subject.removeprefix(CUSTOMER), None)
    sellers = {*session.book.sellers, *(row["seller"] for row in having)}
    found = await session.store.streams([(one, subject) for one in sorted(sellers)])
    names = sorted(key.split("/", 1)[0] for key in found)
    if not names:
        raise VillkorError(f"nothing was told of {subject!r}; `villkor orders` lists orders")
    if len(names) > 1:
        raise VillkorError(f"{', '.join(names)} each have a {subject!r}; say --seller")
    return names[0]
