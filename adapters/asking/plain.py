"""Answers for programs: plain values by their names, amounts in kronor where they say so."""

from dataclasses import asdict
from typing import Any

from adapters.asking import Answer
from adapters.queries import Queries
from adapters.record import Input, Record
from domain.explain import MONEY
from domain.money import kronor
from domain.outcomes import AnyOutcome

Row = dict[str, Any]


def outcome_of(item: AnyOutcome) -> Row:
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


def order_of(answer: Answer) -> Row:
    """An order as it stands or stood; amounts of rows are öre still, as those of queries."""
    return {
        "order": answer.row,
        "lines": answer.lines,
        "parcels": answer.parcels,
        "deadlines": answer.deadlines,
        "timeline": answer.timeline,
        "terms": None if answer.terms is None else asdict(answer.terms),
        "ledger": [
            {"currency": currency, "account": account, "balance": balance}
            for currency, balances in sorted(answer.balances.items())
            for account, balance in sorted(balances.items())
        ],
        "outcomes": [outcome_of(item) for item in answer.outcomes],
    }


async def live_of(answer: Answer, queries: Queries) -> Row:
    """An order as it stands, with the rows of its tables, which `verify` compares with the log."""
    name = (answer.seller, answer.order)
    row = await queries.order(answer.order, answer.seller)
    row.pop("dossier", None)
    return order_of(answer) | {
        "order": row,
        "parcels": await queries.parcels(*name),
        "deadlines": await queries.deadlines(*name),
        "timeline": await queries.timeline(*name),
    }


def past_of(answer: Answer) -> Row:
    """The same of a past moment, with what stood raised beside what is owed as of it."""
    return {
        "seller": answer.seller,
        "as_of": answer.as_of,
        "known_at": answer.known_at,
        "ahead": answer.ahead,
        **order_of(answer),
        "raised": [outcome_of(item) for item in answer.raised],
    }


def record_of(behind: Record) -> Row:
    """The auditor's record: amounts as decimal numbers, by the names of what they are.

    Sources that are not certain are those that a figure may be from, by its value.
    """
    shown = asdict(behind)
    shown["readings"] = [
        {"reading": name, "chosen": chosen, "options": options}
        for name, chosen, options in behind.readings
    ]
    shown["raised"] = [{"at": at, "event": event} for at, event in behind.raised]
    shown["inputs"] = [
        {"name": one.name, "value": exact(one), **asdict(one.origin)} for one in behind.inputs
    ]
    shown["steps"] = [
        {"label": one.label, "amount": one.amount, **asdict(one.origin)} for one in behind.steps
    ]
    return shown


def exact(one: Input) -> str:
    """The value of an input as it is, amounts in kronor."""
    money = isinstance(one.value, int) and not isinstance(one.value, bool)
    return kronor(int(one.value)) if money and one.name.endswith(MONEY) else str(one.value)
