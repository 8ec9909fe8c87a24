"""What a what-if answers, for programs: plain values by their names, amounts in kronor."""

from dataclasses import asdict
from typing import Any

from adapters.what_if import WhatIf
from adapters.what_if.supposed import Question

AMOUNTS = ("amount_before", "amount_after", "difference")
BALANCES = ("before", "after", "difference")


def plain(found: WhatIf) -> dict[str, Any]:
    """For programs: all orders, amounts in kronor."""
    return {
        "question": _asked(found.question),
        "at": found.at,
        "orders": found.found.orders,
        "concerned": found.found.concerned,
        "differing": [
            {
                "seller": one.seller, "order": one.order, "currency": one.currency,
                "changes": [
                    _kronor(asdict(change) | {"difference": change.difference}, AMOUNTS)
                    for change in one.changes
                ],
                "accounts": [
                    _kronor(asdict(moved) | {"difference": moved.difference}, BALANCES)
                    for moved in one.accounts
                ],
            }
            for one in found.found.differing
        ],
        "undecided": [asdict(one) for one in found.found.undecided],
        "kinds": [
            _kronor(one._asdict() | {"difference": one.difference}, BALANCES)
            for one in found.kinds()
        ],
        "totals": [
            _kronor(one._asdict() | {"difference": one.difference}, BALANCES)
            for one in found.totals()
        ],
        "accounts": [_kronor(one._asdict(), BALANCES) for one in found.accounts()],
    }  # fmt: skip


def _kronor(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value / 100 if name in names else value for name, value in row.items()}


def _asked(question: Question) -> dict[str, Any]:
    """The question, without the text of its file."""
    told = asdict(question) | {"readings": dict(question.readings)}
    return {name: value for name, value in told.items() if name not in ("text", "at")}
