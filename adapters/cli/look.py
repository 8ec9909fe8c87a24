"""Commands that look: orders, show, sla, ledger, check, verify, doctor."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters import queries
from adapters.check import check as check_scenarios
from adapters.check import there
from adapters.cli import render
from adapters.cli.across import show_customer
from adapters.cli.render import instant, money
from adapters.cli.session import Session, running
from adapters.doctor import findings
from adapters.story import Story, explained, named
from adapters.terms import book
from adapters.verify import verify as verify_log
from domain.calendar import moment
from domain.errors import VillkorError
from domain.fields import CUSTOMER
from domain.explain import MONEY
from domain.outcomes import AnyOutcome
from projections.posting_rules import CHART

DIFFERENCES = 3
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Seller = Annotated[str | None, typer.Option(help="Only this seller's.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]


def add_to(app: typer.Typer) -> None:
    for command in (orders, show, sla, ledger, check, verify, doctor):
        app.command()(command)


def _time(told: str | None, name: str) -> datetime | None:
    if told is None:
        return None
    try:
        return moment(told)
    except ValueError as error:
        raise typer.BadParameter(f"--{name}: {told!r} is not a time in ISO 8601") from error


async def _heard_of(session: Session, seller: str | None) -> None:
    """Say where a filter names a seller that has neither orders nor terms: a slip, most likely."""
    if seller is None:
        return
    having = {row["seller"] for row in await session.queries.sellers()} | {*session.book.sellers}
    if seller not in having:
        render.hint(f"nobody is called {seller!r}; there are {', '.join(sorted(having))}")


def orders(
    seller: Seller = None,
    status: Annotated[str | None, typer.Option(help="Only those in this status.")] = None,
    limit: Limit = 40,
    json: AsJson = False,
) -> int:
    """The orders, newest first."""

    async def work(session: Session) -> int:
        rows = await session.queries.orders(seller, status, limit)
        await _heard_of(session, seller)
        if status is not None and not rows:
            having = ", ".join(await session.queries.statuses())
            render.hint(f"no order is {status!r}; there are {having or 'no orders at all'}")
        if json:
            render.as_json({"orders": rows})
            return 0
        render.table(
            ("order", "seller", "status", "placed", "paid", "fees", "refunds"),
            (
                (row["order_id"], row["seller"], row["status"], instant(row["placed_at"])[:10],
                 money(row["paid"]), money(row["fees"]), money(row["refunds"]))
                for row in rows
            ),
            right=("paid", "fees", "refunds"),
        )  # fmt: skip
        return 0

    return running(work)


def show(
    order: str,
    seller: Seller = None,
    as_of: Annotated[str | None, typer.Option(help="When it was true in the world.")] = None,
    known_at: Annotated[str | None, typer.Option(help="What was known then.")] = None,
    json: AsJson = False,
) -> int:
    """One order: what happened, what is owed, what is due. `customer:REF` shows a customer."""
    at, known = _time(as_of, "as-of"), _time(known_at, "known-at")
    if order.startswith(CUSTOMER):
        return show_customer(order, seller, at, known, json=json)

    async def work(session: Session) -> int:
        row = await session.queries.order(order, seller)
        story = await Story.read(session.store, row["seller"], order)
        items, past = story.outcomes(session.book, at, known), bool(at or known)
        if json and past:
            render.as_json(
                {
                    "seller": row["seller"],
                    "order": order,
                    "as_of": at,
                    "known_at": known,
                    "outcomes": [outcome_of(item) for item in items],
                }
            )
            return 0
        if json:
            timeline = await session.queries.timeline(row["seller"], order)
            parcels = await session.queries.parcels(row["seller"], order)
            row.pop("dossier", None)
            render.as_json({"order": row, "parcels": parcels, "timeline": timeline,
                            "outcomes": [outcome_of(item) for item in items]})  # fmt: skip
            return 0
        if past:
            when = " ".join(
                f"{word} {instant(one)}"
                for word, one in (("as of", at), ("known at", known))
                if one
            )
            render.say(f"{row['seller']} {order} {when}")
        _show(row, story, items, past=past)
        return 0

    return running(work)


def outcome_of(item: AnyOutcome) -> dict[str, Any]:
    """An outcome for programs, its amounts in kronor wherever they stand."""
    shown = asdict(item)
    because = shown["because"]
    because["inputs"] = {
        name: value / 100 if name.endswith(MONEY) and isinstance(value, int) else value
        for name, value in because["inputs"].items()
    }
    because["steps"] = [(label, amount / 100) for label, amount in because["steps"]]
    if "breakdown" in shown:
        shown["breakdown"] = {entry: amount / 100 for entry, amount in shown["breakdown"]}
    return {"outcome": type(item).__name__, "key": item.key.split(" ", 1)[1], **shown}


def _show(row: queries.Row, story: Story, items: list[AnyOutcome], *, past: bool) -> None:
    if not past:
        render.say(f"{row['seller']} {row['order_id']}: {row['status']}")
        render.say(
            f"goods {money(row['goods'])}, delivery {money(row['freight'])}, "
            f"paid {money(row['paid'])}, placed {instant(row['placed_at'])}"
        )
        render.heading("What happened")
        render.table(("when", "what", ""), story.lines())
    render.heading("What was owed then" if past else "What stands")
    for item in items:
        render.say(f"{type(item).__name__.lower()} {named(item)}")
        for line in explained(item, "en", story.order.state):
            render.say(f"    {line}")


def sla(seller: Seller = None, limit: Limit = 20, json: AsJson = False) -> int:
    """Deadlines: the most urgent first, whose move it is, and how they ended."""

    async def work(session: Session) -> int:
        now = session.clock.now()
        urgent = await session.queries.open_deadlines(seller, limit)
        summary = await session.queries.sla(seller, now)
        await _heard_of(session, seller)
        if json:
            render.as_json({"now": now, "open": urgent, "summary": summary})
            return 0
        render.urgent_table(urgent, now)
        render.heading("How they end")
        render.table(
            ("seller", "whose", "deadline", "open", "past due", "met", "lapsed", "at risk"),
            (
                (row["seller"], row["party"], row["kind"], row["open"], row["past_due"],
                 row["met"], row["lapsed"], money(row["at_risk"]))
                for row in summary
            ),
            right=("open", "past due", "met", "lapsed", "at risk"),
        )  # fmt: skip
        return 0

    return running(work)


def ledger(
    account: Annotated[int | None, typer.Argument(help="One account's entries.")] = None,
    seller: Seller = None,
    limit: Limit = 200,
    json: AsJson = False,
) -> int:
    """The trial balance, which sums to 0.00, or one account's entries."""

    async def work(session: Session) -> int:
        await _heard_of(session, seller)
        if account is not None:
            if account not in CHART:
                accounts = ", ".join(map(str, CHART))
                render.hint(f"{account} is no account of the chart; there are {accounts}")
            rows = await session.queries.account(account, seller, limit)
            balances = await session.queries.trial_balance(seller)
            entries = sum(row["entries"] for row in balances if row["account"] == account)
            if json:
                render.as_json({"account": account, "entries": rows})
                return 0
            render.table(
                ("booked", "order", "seller", "what", "amount"),
                ((row["booked"], row["order_id"], row["seller"], row["kind"],
                  money(row["amount"])) for row in rows),
                right=("amount",),
            )  # fmt: skip
            for row in balances:
                if row["account"] == account:
                    render.say(f"balance {money(row['balance'])} {row['currency']}")
            if entries > len(rows):
                render.say(f"the newest {len(rows)} of {entries} entries; --limit shows more")
            return 0
        balances = await session.queries.trial_balance(seller)
        if json:
            render.as_json({"accounts": balances, "total": queries.total(balances) / 100})
            return 0
        trial_balance(balances)
        return 0

    return running(work)


def trial_balance(balances: list[queries.Row]) -> None:
    """Accounts with their names and balances, and the sum under them."""
    rows = [
        (row["account"], CHART.get(row["account"], ""), money(row["balance"]), row["currency"])
        for row in balances
    ]
    render.table(
        ("account", "", "balance", ""),
        [*rows, ("", "sum", money(queries.total(balances)), "")],
        right=("balance",),
    )


def check(
    paths: Annotated[list[Path], typer.Argument(help="Scenario files or folders of them.")],
    json: AsJson = False,
) -> int:
    """Scenario files against the real rules: each difference, expected and got."""
    results = check_scenarios(there(paths), book())
    if not results:
        raise VillkorError(f"{', '.join(map(str, paths))}: no scenario is there")
    passed = sum(result.passed for result in results)
    if json:
        render.as_json({"passed": passed, "failed": len(results) - passed, "results": [
            {"id": result.id, "passed": result.passed, "differences": result.differences}
            for result in results
        ]})  # fmt: skip
    else:
        for result in results:
            for difference in result.differences:
                render.line(f"{result.id}: {difference}")
            if result.differences and result.explanation:
                render.line("    stands: " + "; ".join(result.explanation))
        render.say(f"{passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else DIFFERENCES


def verify(json: AsJson = False) -> int:
    """Decide every order again from its recorded facts, and walk the hash chains."""

    async def work(session: Session) -> int:
        found = await verify_log(session.store, session.book)
        if json:
            render.as_json(asdict(found) | {"ledger_total": found.ledger_total / 100})
        else:
            for difference in found.differences:
                render.line(difference)
            render.say(
                f"{found.orders} orders, {found.customers} customers, {found.events} events, "
                f"{len(found.differences)} differences, ledger {money(found.ledger_total)}"
            )
        return DIFFERENCES if found.differences else 0

    return running(work)


def doctor(json: AsJson = False) -> int:
    """What is wrong with this installation, in words."""
    found = asyncio.run(findings())
    if json:
        render.as_json({"findings": [asdict(one) for one in found]})
    else:
        for one in found:
            render.say(f"{'ok  ' if one.fine else 'BAD '} {one.what}")
    return 0 if all(one.fine for one in found) else 1
