"""What a change of the contract means to the programs on its other side.

Producers of facts write and we read: a schema of theirs may only take more. Consumers of outcomes
read tolerantly (unknown fields and types are passed over): what they are sent may gain fields and
types, and may say less only within what it said before. What is not understood here counts as
breaking, never as harmless.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple

Schema = dict[str, Any]
Side = Literal["producers", "consumers"]


class Kind(StrEnum):
    """Every kind of change, by name."""

    MESSAGE_ADDED = "message added"
    MESSAGE_REMOVED = "message removed"
    OPTIONAL_FIELD_ADDED = "optional field added"
    REQUIRED_FIELD_ADDED = "required field added"
    FIELD_REMOVED = "field removed"
    FIELD_MADE_REQUIRED = "field made required"
    FIELD_MADE_OPTIONAL = "field made optional"
    TYPE_WIDENED = "type widened"
    TYPE_NARROWED = "type narrowed"
    TYPE_CHANGED = "type changed"
    VALUE_ADDED = "value added"
    VALUE_REMOVED = "value removed"
    CONSTANT_CHANGED = "constant changed"
    BOUNDS_TIGHTENED = "bounds tightened"
    BOUNDS_LOOSENED = "bounds loosened"
    PATTERN_ADDED = "pattern added"
    PATTERN_REMOVED = "pattern removed"
    PATTERN_CHANGED = "pattern changed"
    DEFAULT_CHANGED = "default changed"
    CLOSED = "unknown fields refused"
    OPENED = "unknown fields taken"
    DESCRIPTION_CHANGED = "description changed"
    RULE_CHANGED = "another rule changed"


BREAKS: dict[Kind, tuple[Side, ...]] = {
    Kind.MESSAGE_ADDED: (),
    Kind.MESSAGE_REMOVED: ("producers", "consumers"),
    Kind.OPTIONAL_FIELD_ADDED: (),
    Kind.REQUIRED_FIELD_ADDED: ("producers",),
    Kind.FIELD_REMOVED: ("producers", "consumers"),
    Kind.FIELD_MADE_REQUIRED: ("producers",),
    Kind.FIELD_MADE_OPTIONAL: ("consumers",),
    Kind.TYPE_WIDENED: ("consumers",),
    Kind.TYPE_NARROWED: ("producers",),
    Kind.TYPE_CHANGED: ("producers", "consumers"),
    Kind.VALUE_ADDED: ("consumers",),
    Kind.VALUE_REMOVED: ("producers",),
    Kind.CONSTANT_CHANGED: ("producers", "consumers"),
    Kind.BOUNDS_TIGHTENED: ("producers",),
    Kind.BOUNDS_LOOSENED: ("consumers",),
    Kind.PATTERN_ADDED: ("producers",),
    Kind.PATTERN_REMOVED: ("consumers",),
    Kind.PATTERN_CHANGED: ("producers", "consumers"),
    Kind.DEFAULT_CHANGED: ("producers", "consumers"),
    Kind.CLOSED: ("producers",),
    Kind.OPENED: (),
    Kind.DESCRIPTION_CHANGED: (),
    Kind.RULE_CHANGED: ("producers", "consumers"),
}
"""Whom each kind of change breaks."""
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
PATTERNS = ("pattern", "format")
WORDS = ("title", "description", "examples", "$comment")
STRUCTURE = (
    "type", "anyOf", "$ref", "enum", "const", "properties", "required", "items", "default",
    "additionalProperties",
)  # fmt: skip
"""What is compared by rules of its own, beside bounds, patterns and words."""
KNOWN = {*LOWER, *UPPER, *PATTERNS, *WORDS, *STRUCTURE}
NUMERIC = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
ONLY_OF = {
    **dict.fromkeys(NUMERIC, ("number", "integer")),
    **dict.fromkeys(("minLength", "maxLength", *PATTERNS), ("string",)),
    **dict.fromkeys(("minItems", "maxItems", "items"), ("array",)),
    **dict.fromkeys(("properties", "required", "additionalProperties"), ("object",)),
}
"""The types of values that a word speaks of; it says nothing of others."""
JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclass(slots=True, frozen=True)
class Change:
    """One change, where it is (`Shipped.data.parcel`), and how it was and is."""

    kind: Kind
    where: str
    was: str = ""
    now: str = ""

    def breaks(self, side: Side) -> bool:
        return side in BREAKS[self.kind]

    def __str__(self) -> str:
        shown = f": {self.was or 'nothing'}, now {self.now or 'nothing'}"
        return f"{self.where}: {self.kind}{shown if self.was or self.now else ''}"


class Place(NamedTuple):
    """A schema in its document, which has what it refers to."""

    schema: Schema
    document: Schema

    def at(self, schema: Schema) -> "Place":
        return Place(schema, self.document)


def changes(before: Schema, after: Schema) -> list[Change]:
    """Every change from one document of messages to another."""
    was, now = before["properties"]["type"]["enum"], after["properties"]["type"]["enum"]
    found = [Change(Kind.MESSAGE_REMOVED, name) for name in was if name not in now]
    found += [Change(Kind.MESSAGE_ADDED, name) for name in now if name not in was]
    for name in was:
        if name in now:
            old, new = before["$defs"][name], after["$defs"][name]
            found += _compared(name, Place(old, before), Place(new, after))
    return found


def _compared(where: str, old: Place, new: Place) -> Iterator[Change]:
    """The changes of one schema. What it may be is compared type by type."""
    old, new = _resolved(old), _resolved(new)
    if _words(old.schema) != _words(new.schema):
        yield Change(Kind.DESCRIPTION_CHANGED, where)
    if old.schema.get("default") != new.schema.get("default"):
        yield Change(Kind.DEFAULT_CHANGED, where, *_shown("default", old.schema, new.schema))
    before, after = _alternatives(old), _alternatives(new)
    if before is None or after is None:
        if old.schema != new.schema:
            yield Change(Kind.RULE_CHANGED, where)
        return
    yield from _types(where, set(before), set(after))
    for type in before:
        other = type if type in after else {"integer": "number", "number": "integer"}.get(type)
        if other in after:
            yield from _of_a_type(where, before[type], after[other])


def _types(where: str, was: set[str], now: set[str]) -> Iterator[Change]:
    """An integer is a number too."""
    lost = {type for type in was - now if not (type == "integer" and "number" in now)}
    won = {type for type in now - was if not (type == "integer" and "number" in was)}
    shown = (" or ".join(sorted(was)), " or ".join(sorted(now)))
    if lost == was and not (lost == {"number"} and "integer" in now):
        yield Change(Kind.TYPE_CHANGED, where, *shown)
        return
    if lost:
        yield Change(Kind.TYPE_NARROWED, where, *shown)
    if won:
        yield Change(Kind.TYPE_WIDENED, where, *shown)


def _of_a_type(where: str, old: Place, new: Place) -> Iterator[Change]:
    """What both say of the values of one type."""
    was, now = old.schema, new.schema
    yield from _values(where, was, now)
    for word in (*LOWER, *UPPER):
        if was.get(word) != now.get(word):
            tighter = _tighter(word, was.get(word), now.get(word))
            kind = Kind.BOUNDS_TIGHTENED if tighter else Kind.BOUNDS_LOOSENED
            yield Change(kind, where, *_shown(word, was, now))
    for word in PATTERNS:
        if was.get(word) != now.get(word):
            kind = (
                Kind.PATTERN_ADDED if word not in was
                else Kind.PATTERN_REMOVED if word not in now
                else Kind.PATTERN_CHANGED
            )  # fmt: skip
            yield Change(kind, where, *_shown(word, was, now))
    for word in sorted((was.keys() | now.keys()) - KNOWN):
        if was.get(word) != now.get(word):
            yield Change(Kind.RULE_CHANGED, where, *_shown(word, was, now))
    if "properties" in was or "properties" in now:
        yield from _fields(where, old, new)
    if "items" in was or "items" in now:
        items = old.at(was.get("items", {})), new.at(now.get("items", {}))
        yield from _compared(f"{where}[]", *items)
    yield from _unknown(where, old, new)


def _values(where: str, was: Schema, now: Schema) -> Iterator[Change]:
    if "const" in was and "const" in now:
        if was["const"] != now["const"]:
            yield Change(Kind.CONSTANT_CHANGED, where, *_shown("const", was, now))
        return
    old, new = _listed(was), _listed(now)
    if old is None and new is None:
        return
    if old is None or any(one not in (new or old) for one in old):
        yield Change(Kind.VALUE_REMOVED, where, _list(old), _list(new))
    if new is None or any(one not in (old or new) for one in new):
        yield Change(Kind.VALUE_ADDED, where, _list(old), _list(new))


def _fields(where: str, old: Place, new: Place) -> Iterator[Change]:
    was, now = old.schema.get("properties", {}), new.schema.get("properties", {})
    before, after = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name in was:
        if name not in now:
            yield Change(Kind.FIELD_REMOVED, f"{where}.{name}")
            continue
        yield from _compared(f"{where}.{name}", old.at(was[name]), new.at(now[name]))
        if name in after - before:
            yield Change(Kind.FIELD_MADE_REQUIRED, f"{where}.{name}")
        elif name in before - after:
            yield Change(Kind.FIELD_MADE_OPTIONAL, f"{where}.{name}")
    for name in now:
        if name not in was:
            needed = name in after
            kind = Kind.REQUIRED_FIELD_ADDED if needed else Kind.OPTIONAL_FIELD_ADDED
            yield Change(kind, f"{where}.{name}")


def _unknown(where: str, old: Place, new: Place) -> Iterator[Change]:
    """Fields beside those that are named: refused, taken, or of a form."""
    was = old.schema.get("additionalProperties", True)
    now = new.schema.get("additionalProperties", True)
    if isinstance(was, dict) and isinstance(now, dict):
        yield from _compared(f"{where}.*", old.at(was), new.at(now))
    elif was != now:
        tighter = now is False or was is True
        yield Change(Kind.CLOSED if tighter else Kind.OPENED, where)


def _resolved(place: Place) -> Place:
    """The schema that a reference stands for, with what is said beside it."""
    schema, document = place
    while "$ref" in schema:
        beside = {word: one for word, one in schema.items() if word != "$ref"}
        schema = {**document["$defs"][schema["$ref"].rsplit("/", 1)[1]], **beside}
    return Place(schema, document)


def _alternatives(place: Place) -> dict[str, Place] | None:
    """What a schema says of each type of value; None where that cannot be told apart."""
    schema = place.schema
    if "anyOf" in schema:
        found: dict[str, Place] = {}
        for one in schema["anyOf"]:
            inner = _alternatives(_resolved(place.at(one)))
            if inner is None or found.keys() & inner.keys():
                return None
            found |= inner
        return found
    types = schema.get("type")
    if types is None and (values := _listed(schema)) is not None:
        types = sorted({JSON_TYPES.get(type(one), "object") for one in values})
    if types is None:
        return {"anything": place}
    return {
        type: place.at(
            {word: one for word, one in schema.items() if type in ONLY_OF.get(word, (type,))}
        )
        for type in ([types] if isinstance(types, str) else types)
    }


def _listed(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _list(values: list[Any] | None) -> str:
    return "any" if values is None else ", ".join(map(str, values))


def _words(schema: Schema) -> list[Any]:
    return [schema.get(word) for word in WORDS]


def _shown(word: str, was: Schema, now: Schema) -> tuple[str, str]:
    old, new = (f"{word} {one[word]}" if word in one else "" for one in (was, now))
    return old, new


def _tighter(word: str, was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is None
    return now > was if word in LOWER else now < was
