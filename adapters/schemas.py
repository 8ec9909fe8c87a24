"""JSON Schemas for editors: of a seller's terms file, and of a scenario file."""

from typing import Any

from pydantic import TypeAdapter

from adapters.scenarios.check import KEYS
from adapters.edge import reader
from adapters.scenarios.expected import LISTS
from domain.facts import OrderPlaced
from domain.vocabulary import FACTS
from domain.terms import SECTIONS
from domain.terms.book import Book
from domain.terms.register import Clause
from domain.terms.values import Money, reader_of, required_of

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
SHARED: Schema = {
    "since": {"description": "the first contract's day for which it holds"},
    "said_by": {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "the clauses that say so",
    },
}
TEXT: Schema = {"type": "string"}
AT: Schema = {"type": "string", "description": "ISO 8601; a date alone means 12:00 in Stockholm"}


def terms_schema(book: Book) -> Schema:
    """Of a seller's terms file (TOML): its sections, their dated values, readings, clauses."""
    definitions: Schema = {**SHARED, "reading": {"enum": sorted(book.readings)}}
    properties: Schema = {name: _section(model, definitions) for name, model in SECTIONS.items()}
    amounts = _entries(_schema(TypeAdapter(Money), definitions))
    properties["tariff"] = {
        "type": "object", "additionalProperties": amounts,
        "description": "amounts that the terms leave open, by fee kind or delivery method",
    }  # fmt: skip
    properties["readings"] = _closed({
        name: {"enum": list(one.options), "default": one.default}
        for name, one in book.readings.items()
    })  # fmt: skip
    clause = _schema(TypeAdapter(Clause), definitions)
    named = definitions[clause["$ref"].rsplit("/", 1)[1]] if "$ref" in clause else clause
    for given in ("id", "document"):
        named["properties"].pop(given)
        named["required"].remove(given)
    properties["clauses"] = {"type": "object", "additionalProperties": clause}
    return {
        "$schema": DRAFT, "title": "A seller's terms of sale", **_closed(properties),
        "$defs": definitions,
    }  # fmt: skip


def _section(model: type[Any], definitions: Schema) -> Schema:
    fields = list(model.__dataclass_fields__)
    properties: Schema = {}
    for field in fields:
        values = reader_of(model, field)
        assert values is not None
        properties[field] = _entries(_schema(values, definitions))
    silent = [field for field in fields if field not in required_of(model)]
    properties["silent"] = {
        "type": "array", "items": {"enum": silent} if silent else False,
        "description": "what these terms say nothing about",
    }  # fmt: skip
    return {"description": _words(model.__doc__), **_closed(properties)}


def _entries(value: Schema) -> Schema:
    """A list of dated values."""
    entry = _closed({
        "from": {"$ref": "#/$defs/since"},
        "value": value,
        "clause": {"$ref": "#/$defs/said_by"},
        "reading": {"$ref": "#/$defs/reading"},
        "options": {"type": "object", "additionalProperties": value},
    })  # fmt: skip
    one_of = [{"required": ["value"]}, {"required": ["reading"]}]
    return {
        "type": "array", "items": {**entry, "required": ["from", "clause"], "oneOf": one_of},
    }  # fmt: skip


def scenario_schema() -> Schema:
    """Of a scenario (YAML): an order, its facts, and what is expected of them."""
    definitions: Schema = {}
    order = _inlined(_schema(reader(OrderPlaced), definitions), definitions)
    order["properties"] |= {"placed_at": AT, "confirmed_at": AT}
    facts = {"type": "array", "items": _fact(definitions)}
    expect = _closed({
        **{name: {"type": "array", "items": {"type": "object"}} for name in LISTS},
        "blocked": {"type": "boolean"}, "quote": {"type": "object"},
    })  # fmt: skip
    told: Schema = {"order": order, "facts": facts, "expect": expect}
    named: Schema = {
        "id": TEXT, "title": TEXT, "note": TEXT, "clauses": {"type": "array", "items": TEXT},
    }  # fmt: skip
    words = {"type": "object", "additionalProperties": TEXT}
    amounts = {"type": "object", "additionalProperties": {"type": ["number", "string"]}}
    properties: Schema = {
        **told, **named, "as_of": AT, "readings": words, "tariff": amounts, "rates": amounts,
        "cart": {"type": "array", "items": _closed({**told, **named})}, "reading": TEXT,
        "options": {"type": "object", "additionalProperties": expect},
    }  # fmt: skip
    assert set(properties) == KEYS
    return {
        "$schema": DRAFT, "title": "A scenario: an order under its terms, and what is owed",
        **_closed(properties), "required": ["id"], "$defs": definitions,
    }  # fmt: skip


def _fact(definitions: Schema) -> Schema:
    """A fact: its type says which fields it may have."""
    told = {"type": TEXT, "at": AT, "id": TEXT, "recorded_at": AT, "source": TEXT}
    branches = []
    for kind in FACTS:
        body = _inlined(_schema(reader(kind), definitions), definitions)
        then = {**body, "properties": {**body.get("properties", {}), **told}}
        branches.append({
            "if": {"properties": {"type": {"const": kind.__name__}}},
            "then": {**then, "additionalProperties": False},
        })  # fmt: skip
    types = [kind.__name__ for kind in FACTS]
    return {
        "type": "object", "required": ["type", "at"],
        "properties": {"type": {"enum": types}}, "allOf": branches,
    }  # fmt: skip


def _schema(of: TypeAdapter[Any], definitions: Schema) -> Schema:
    """The schema of one type, what it refers to put among the definitions."""
    schema = of.json_schema(ref_template="#/$defs/{model}")
    definitions |= schema.pop("$defs", {})
    return schema


def _inlined(schema: Schema, definitions: Schema) -> Schema:
    """A copy of an object's schema that may be added to."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    return {**schema, "properties": dict(schema.get("properties", {}))}


def _closed(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _words(docstring: str | None) -> str:
    return " ".join((docstring or "").split())
