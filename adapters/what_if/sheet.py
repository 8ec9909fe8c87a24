"""What a what-if answers as CSV: what was supposed, then a row for each change."""

from typing import TextIO

from adapters.ledger.sheets import For, Sheet, money
from adapters.what_if import WhatIf
from adapters.what_if.supposed import Question

COLUMNS = (
    "seller", "order", "currency", "policy", "outcome", "how", "is", "would_be", "amount_is",
    "amount_would_be", "difference",
)  # fmt: skip


def sheet(out: TextIO, found: WhatIf, whom: For = For.PROGRAMS) -> None:
    """Every order that would differ, and those that could not be decided."""
    whole = found.found
    rows = Sheet(out, whom, "supposed", supposed(found.question))
    rows.row("seller", found.question.seller or "all")
    rows.row("decided at", found.at.isoformat())
    for name, count in (("orders", whole.orders), ("under other terms", whole.concerned),
                        ("would come out otherwise", len(whole.differing))):  # fmt: skip
        rows.row(name, count)
    rows.row()
    rows.row(*COLUMNS)
    for one in whole.differing:
        for change in one.changes:
            amounts = (change.amount_before, change.amount_after, change.difference)
            rows.row(one.seller, one.order, one.currency, change.policy, change.outcome,
                     change.what, change.before, change.after, *map(money, amounts))  # fmt: skip
    for undecided in whole.undecided:
        rows.row(undecided.seller, undecided.order, "", "", "", "cannot be decided",
                 undecided.why)  # fmt: skip


def supposed(question: Question) -> str:
    """What is supposed, in words."""
    said = []
    if question.terms is not None:
        what = "a draft" if question.text is not None else "those installed now"
        said.append(f"terms of {question.terms}: {what}")
    if question.day is not None:
        said.append(f"contracts concluded on {question.day}")
    said += [f"{name} read as {option}" for name, option in question.readings]
    return "; ".join(said)
