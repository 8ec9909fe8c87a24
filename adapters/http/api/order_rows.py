"""An order's rows as the API answers them: amounts of öre become kronor."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from adapters.asking import Answer, Pin
from adapters.asking.plain import record_of
from adapters.ledger import plain
from adapters.ledger.order import MONEY as MONEY_ACCOUNTS
from adapters.ledger.order import Leg, money_of
from adapters.moves import Move
from adapters.narrated import narrated
from adapters.record import Record
from adapters.story import called
from domain.explain import arithmetic, sentence
from domain.outcomes import AnyOutcome, Refund
from domain.state import OrderState
from domain.terms.register import Register
from domain.words import Language
from projections.posting_rules import ADVANCE, BANK, CHART, RECEIVABLE

Row = dict[str, Any]
MONEY = ("goods", "freight", "paid", "repaid", "fees", "refunds")
LANGUAGES: tuple[Language, ...] = ("en", "sv")
HAPPENED = (
    "version", "at", "recorded_at", "type", "source", "message", "kind", "subject", "state",
    "due", "whose", "clauses", "cause",
)  # fmt: skip


def order_row(row: Row) -> Row:
    """An order's row."""
    shown = {name: value for name, value in row.items() if name not in ("order_id", "dossier")}
    return {"order": row["order_id"], **shown, **{name: row[name] / 100 for name in MONEY}}


def asked(found: Answer) -> Row:
    """Which order, as of when."""
    return {
        "seller": found.seller, "order": found.order, "as_of": found.as_of,
        "known_at": found.known_at, "ahead": found.ahead,
    }  # fmt: skip


def parcel(row: Row) -> Row:
    return _of_the_order(row)


def owed(row: Row) -> Row:
    """A deadline."""
    return _of_the_order(row) | {"amount": row["amount"] / 100}


def move(one: Move) -> Row:
    """Something that waits."""
    return {
        "nature": one.nature, "party": one.party, "kind": one.kind, "subject": one.subject,
        "sentence": one.words, "due": None if one.due is None else one.due.isoformat(),
        "lapses_at": one.lapses_at, "late": one.is_late, "amount": one.amount / 100,
        "currency": one.currency,
    }  # fmt: skip


def _of_the_order(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("seller", "order_id")}


def pin(terms: Pin | None) -> Row | None:
    return None if terms is None else asdict(terms)


def balances(found: Answer) -> list[Row]:
    """What is on the accounts for this order."""
    return [
        {"currency": currency, "account": account, "name": CHART.get(account, ""),
         "balance": amount / 100}
        for currency, accounts in sorted(found.balances.items())
        for account, amount in sorted(accounts.items())
    ]  # fmt: skip


def happened(found: Answer) -> list[Row]:
    """The rows of the timeline, each with its sentence."""
    events = {event.originator_version: event for event in found.events}
    return [
        {name: row[name] for name in HAPPENED} | {
            "amount": None if row["amount"] is None else row["amount"] / 100,
            "sentence": narrated(events[row["version"]]),
        } for row in found.timeline
    ]  # fmt: skip


# -- outcomes -------------------------------------------------------------------------------------


def outcome(item: AnyOutcome, state: OrderState) -> Row:
    """What of an outcome people ask first."""
    shown: Any = item
    amount, due = getattr(shown, "amount", None), getattr(shown, "due", None)
    return {
        "outcome": type(item).__name__.lower(), "name": called(item),
        "kind": getattr(shown, "kind", None) or getattr(shown, "about", None),
        "subject": item.subject,
        "amount": None if amount is None else amount / 100,
        "due": None if due is None else due.isoformat(),
        "party": getattr(shown, "party", None), "state": getattr(shown, "state", None),
        "decision": getattr(shown, "decision", None), "clauses": item.because.clauses,
        "sentence": _worded(lambda language: _sentence(item, state, language)),
    }  # fmt: skip


def explained(
    item: AnyOutcome, state: OrderState, register: Register, behind: Record | None
) -> Row:
    """An outcome with everything from which it follows."""
    because = item.because
    steps = because.steps or (item.breakdown if isinstance(item, Refund) else ())
    added = _worded(lambda language: arithmetic(item, language, state.currency))
    return outcome(item, state) | {
        "arithmetic": added if added["en"] else None,
        "steps": [{"label": label, "amount": amount / 100} for label, amount in steps],
        "rests_on": [
            {"id": id, "says": _says(register, id)}
            for id in dict.fromkeys([*because.clauses, *dict(because.statutes)])
        ],
        "readings": [{"reading": name, "option": option} for name, option in because.readings],
        "statutes": [{"statute": name, "effect": effect} for name, effect in because.statutes],
        "beaten": [{"clause": clause, "value": value, "why": why}
                   for clause, value, why in because.beaten],
        "record": None if behind is None else _recorded(behind),
    }  # fmt: skip


def _sentence(item: AnyOutcome, state: OrderState, language: Language) -> str:
    names = {line.line: line.name for line in state.lines.values()}
    return sentence(item.because, language, names, state.currency)


def _worded(say: Any) -> dict[str, str]:
    return {language: say(language) for language in LANGUAGES}


def _says(register: Register, id: str) -> str | None:
    known = register.clauses.get(id) or register.statutes.get(id)
    return None if known is None else known.rule


def _recorded(behind: Record) -> Row:
    shown = record_of(behind)
    for step in shown["steps"]:
        step["amount"] /= 100
    return shown


# -- money ----------------------------------------------------------------------------------------


def money(found: Answer, legs: Sequence[Leg]) -> list[Row]:
    """In = out + earned + owed, by currency, with what was booked.

    As of a moment by balance: what happened by then counts, also where it was booked later. The
    entries are those that were booked by then, and known.
    """
    if found.as_of is not None:
        return _at_a_moment(found, legs, min(found.as_of, found.known_at or found.as_of))
    known = {(row["partition"], row["position"]) for row in found.timeline}
    booked = [leg for leg in legs if (leg["partition"], leg["position"]) in known]
    moneys = money_of(found.seller, found.order, booked)
    rows = plain.order(found.seller, found.order, moneys)["currencies"]
    return [
        row | {"banked": (one.paid_in - one.repaid) / 100}
        for row, one in zip(rows, moneys, strict=True)
    ]


def _at_a_moment(found: Answer, legs: Sequence[Leg], at: datetime) -> list[Row]:
    moneys = money_of(found.seller, found.order, [leg for leg in legs if leg["recorded_at"] <= at])
    rows = plain.order(found.seller, found.order, moneys)["currencies"]
    lines = {row["currency"]: row["lines"] for row in rows}
    return [
        _balanced(currency, found.balances.get(currency, {}), lines.get(currency, []))
        for currency in sorted({*found.balances, *lines})
    ]


def _balanced(currency: str, accounts: dict[int, int], lines: list[Row]) -> Row:
    earned = {number: -amount for number, amount in accounts.items()
              if number not in MONEY_ACCOUNTS}  # fmt: skip
    owes, owed, bank = (accounts.get(one, 0) for one in (RECEIVABLE, ADVANCE, BANK))
    return {
        "currency": currency, "banked": bank / 100, "paid_in": None, "repaid": None,
        "earned": {str(number): amount / 100 for number, amount in earned.items()},
        "owed_by_customer": owes / 100, "owed_to_customer": -owed / 100,
        "comes_to": (bank - sum(earned.values()) + owes + owed) / 100, "lines": lines,
    }  # fmt: skip
