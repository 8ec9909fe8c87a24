"""What a scenario expects, beside what came out: exact, item by item (FACTS.md section 7)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.calendar import moment
from domain.money import kronor, ore
from domain.outcomes import (
    Acknowledgement,
    AnyOutcome,
    Because,
    ClosedCase,
    Deadline,
    DecisionNeeded,
    Fee,
    Information,
    Refund,
    Replacement,
    Ruling,
    WriteOff,
)  # fmt: skip

LISTS: dict[str, tuple[type[AnyOutcome], bool]] = {
    "fees": (Fee, True),
    "refunds": (Refund, True),
    "written_off": (WriteOff, True),
    "deadlines": (Deadline, False),
    "rulings": (Ruling, False),
    "decisions_needed": (DecisionNeeded, False),
    "replacements": (Replacement, False),
    "information": (Information, False),
    "acknowledgements": (Acknowledgement, False),
    "cases": (ClosedCase, False),
}
"""Key of `expect` -> the outcomes that it lists, and whether the list is complete."""

MAY_BE_EMPTY = {"rulings", "deadlines"}
"""Lists that are not complete even when they are empty: every order has a ruling about itself."""

AMOUNTS = {"amount", "unit_price", "price", "total", "goods", "shipping"}


GROUNDS = "grounds"
"""Where an outcome to be compared keeps its (clause or statute, policy)."""
INNER = (GROUNDS, "because", "names")
"""What an outcome has that no scenario writes."""
Grounds = set[tuple[str, str]]


def shown(item: AnyOutcome, policy: str) -> dict[str, Any]:
    """An outcome as a scenario writes it: amounts with two decimals, everything else as text."""
    shown: dict[str, Any] = {"clauses": item.because.clauses}
    shown[GROUNDS] = {(name, policy) for name in grounds_of(item.because)}
    for name in item.__dataclass_fields__:
        value = getattr(item, name)
        if name == "amount" and value is not None:
            value = kronor(value)
        elif name == "breakdown":
            value = {entry: kronor(amount) for entry, amount in value}
        elif isinstance(value, bool):
            value = str(value).lower()
        shown[name] = value
    if isinstance(item, ClosedCase):
        shown["state"] = "closed"
    return shown


def grounds_of(because: Because) -> set[str]:
    """The clauses and statutes that an outcome names: those that decided and those that fell."""
    return {
        *because.clauses,
        *(reference for reference, _ in because.statutes),
        *(name for name, _, _ in because.beaten),
    }


def compare(
    expected: list[Mapping[str, Any]], got: list[dict[str, Any]], key: str, complete: bool
) -> tuple[list[str], Grounds]:
    """The differences of a list, and the grounds of those outcomes that were expected."""
    rest, differences, proven = list(got), [], Grounds()
    for item in expected:
        match = next((one for one in rest if _fits(item, one)), None)
        if not item:
            differences.append(f"{key}: an item that says nothing expects nothing")
        elif match is None:
            differences.append(f"{key}: expected {_flow(item)}, got {_brief(got, item)}")
        else:
            rest.remove(match)
            proven |= match.get(GROUNDS, set())
    none = not expected and key not in MAY_BE_EMPTY
    if (complete or none) and rest and not differences:
        differences += [f"{key}: not expected {_whole(one)}" for one in rest]
    return differences, proven


def _fits(item: Mapping[str, Any], one: dict[str, Any]) -> bool:
    return all(name in one and _equal(name, value, one[name]) for name, value in item.items())


def _equal(name: str, expected: Any, got: Any) -> bool:
    if name == "clauses":
        return set(expected) <= set(got or ())
    if got is None:
        return expected in ("null", "~", "")
    if name in AMOUNTS:
        return bool(kronor(ore(expected)) == got)
    if name == "breakdown":
        return {key: Decimal(value) for key, value in expected.items()} == {
            key: Decimal(value) for key, value in got.items()
        }
    if name == "bounds":  # per cent, or kronor with their decimals
        return tuple(ore(one) if "." in one else int(one) for one in expected) == tuple(got)
    if isinstance(expected, list):
        return sorted(expected) == sorted(str(one) for one in got)
    if isinstance(got, datetime):
        return bool(moment(expected) == got)
    if isinstance(got, date):
        return bool(expected == got.isoformat())
    return str(expected) == str(got)


def _brief(got: list[dict[str, Any]], item: Mapping[str, Any]) -> str:
    """What came, by the names that are asked about."""
    names = [name for name in ("kind", "about", *item) if name not in INNER]
    return _flow([{name: one[name] for name in names if name in one} for one in got])


def _whole(one: Mapping[str, Any]) -> str:
    """All that an outcome says, as a scenario would write it."""
    return _flow({
        name: value for name, value in one.items()
        if name not in INNER and value not in (None, "", (), {})
    })  # fmt: skip


def _flow(value: Any) -> str:
    """As a scenario writes it, in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return "null" if value is None else str(value)
