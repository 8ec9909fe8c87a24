"""The commands by name. All their modules together take seconds to import: one's are when asked."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

COMMANDS = {
    "demo": ("demo", "Six shops' demo data: one order's life, the trial balance, the deadlines, "
             "what is parked."),
    "ingest": ("act", "Take facts: CloudEvents, one JSON object a line; or raw bodies, a file or a "
               "line each."),
    "worker": ("act", "Consume Kafka and lapse deadlines, until SIGTERM, which finishes the "
               "batch."),
    "serve": ("act", "Take webhooks of carriers and shops over HTTP, until SIGTERM."),
    "rebuild": ("act", "The read models from the log, beside the live ones, then swapped or "
                "compared."),
    "topics": ("act", "Kafka's topics."),
    "orders": ("look", "The orders, newest first."),
    "sla": ("look", "Deadlines: the most urgent first, whose move it is, and how they ended."),
    "check": ("check", "Scenario files against the real rules: each difference, expected and "
              "got."),
    "doctor": ("doctor", "What is wrong with this installation, in words."),
    "held": ("acts", "Running orders that today's rules would decide otherwise; nothing is raised "
             "in passing."),
    "adopt": ("acts", "Let orders live under today's rules: what `villkor held` lists of them is "
              "raised."),
    "erase": ("acts", "Erase what lies beside the log about the persons of an order, or of a "
              "customer."),
    "show": ("show", "One order: what happened, what is owed, what is due. `customer:REF` shows a "
             "customer."),
    "explain": ("why", "Why: the sentence for the customer in two languages, and the record for "
                "the auditor."),
    "decide": ("decide", "Goodwill or freight back to the customer, or a fee that the customer "
               "agreed to."),
    "what-if": ("what_if", "Decide the whole log again otherwise: which orders, krona and accounts "
                "would differ."),
    "cart": ("across", "One cart, which is an order of each seller: what they owe and are owed, "
             "whose move it is."),
    "verify": ("verify", "Work everything out again from the recorded facts, and walk the hash "
               "chains."),
    "parcel": ("parcel", "What carriers said of a parcel, of every grade; whose it is, what was "
               "told, what waits."),
    "quote": ("quote", "What a cart, a credit or a dispute comes to, the clauses that say so, and "
              "the arithmetic."),
    "relay": ("relay", "What goes out to Kafka, once more."),
    "schemas": ("schemas", "The contract of messages, and what changed in it."),
    "dead-letters": ("dead_letters", "Parked messages, with their reasons."),
    "export": ("export", "A seller's books of a month, for other programs."),
    "ledger": ("ledger", "Balances, statements, subledgers, months and close."),
    "terms": ("terms", "Terms in force, and where each clause is at work."),
    "acts": ("acted", "Decisions, rules adopted, data erased, months closed, letters told again or "
             "put away, tokens: who, when and why, newest first."),
    "tokens": ("tokens", "Who may ask over HTTP, in which role, and for which sellers."),
}  # fmt: skip
"""By name: the module here that has it under that name, and what it does, as its own help says."""


class Commands(TyperGroup):
    """Lists all commands by their sentences; the one that is asked for is loaded."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, None if listed is None or name is None else loaded(name), rest


def list_in(app: typer.Typer) -> None:
    """Put every command into the list of this program's."""
    for name, (_, sentence) in COMMANDS.items():
        app.command(name, help=sentence)(_listed)


def _listed() -> None:
    """Stands for a command that is not loaded yet."""


def loaded(name: str) -> Any:
    """A command, or the group of this name, from its module."""
    module, sentence = COMMANDS[name]
    found = getattr(import_module(f"{__package__}.{module}"), name.replace("-", "_"))
    alone = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name, help=sentence)
    else:
        alone.command(name)(found)
    return get_group(alone).commands[name]
