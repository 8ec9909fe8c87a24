"""Answers for programs: plain values by their names, amounts in kronor where they say so."""

from dataclasses import asdict
from typing import Any

from adapters.asking import Answer
from domain.explain import MONEY
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
