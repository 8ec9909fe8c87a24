"""JSON Schemas of the messages: facts as they are taken, outcomes as they are sent.

Each document is a schema of whole CloudEvents in structured mode, whatever their type; under
`$defs` stand the messages by type, and their data (`ShippedData`, `FeeData`), which is all of the
value in binary mode. Generated from the models: `villkor schemas write`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.codec import KINDS
from adapters.contract import shapes, summaries
from adapters.edge import reader
from adapters.kafka.outcomes import SHAPES
from adapters.messages import CUSTOMER_FACTS
from adapters.schemas import DRAFT
from domain.between import OrderJoined
from domain.vocabulary import FACTS
from domain.fields import CUSTOMER, INSTANT, LONGEST
from domain.stream import SOURCE

Schema = dict[str, Any]
TAKEN = tuple(kind for kind in FACTS if kind is not OrderJoined)
"""The facts that are taken from outside."""
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST}
SELLER: Schema = {**NAME, "pattern": "^[^/]+$", "description": "the shop; extension attribute"}
ATTRIBUTE: Schema = {"pattern": "^[a-z0-9]+$"}
"""What CloudEvents lets attributes be called."""


def facts_schema() -> Schema:
    """What is taken from outside; unknown attributes are kept, unknown fields of data refused."""
    definitions: Schema = {}
    messages = {kind.__name__: _fact(kind, definitions) for kind in TAKEN}
    return _document(
        "Facts",
        "What order, warehouse, carrier and payment systems tell, as CloudEvents 1.0.",
        messages, definitions,
    )  # fmt: skip


def outcomes_schema() -> Schema:
    """What is sent. Read it tolerantly: fields and types may be added, none changes its meaning."""
    kinds = tuple(dict.fromkeys(SHAPES.values()))
    _, found = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}Data")
    definitions = {f"{name}Data": _sent(schema) for name, schema in found.items()}
    messages = {name: _outcome(name, SHAPES[kind].__name__) for name, kind in KINDS.items()}
    return _document(
        "Outcomes",
        "What is owed under the terms, as CloudEvents 1.0: each event whole, with its reasons. "
        "Read them tolerantly: fields and types may be added.",
        messages, definitions,
    )  # fmt: skip


def _document(title: str, description: str, messages: Schema, definitions: Schema) -> Schema:
    assert not set(messages) & set(definitions)
    return {
        "$schema": DRAFT, "title": title, "description": description,
        "type": "object", "required": ["type"],
        "properties": {"type": {"enum": list(messages)}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in messages
        ],
        "$defs": {**messages, **definitions},
    }  # fmt: skip


def _fact(kind: type[Any], definitions: Schema) -> Schema:
    """The message of a fact. Its data go among the definitions, with what they refer to."""
    name = kind.__name__
    schema = reader(kind).json_schema(ref_template="#/$defs/{model}Data")
    for inner, one in schema.pop("$defs", {}).items():
        definitions[f"{inner}Data"] = _taken(one)
    data = definitions[f"{name}Data"] = _taken(schema)
    of_customer = "an order of the seller, or `customer:` and a customer's reference"
    subject = {**NAME, "description": of_customer}
    if kind not in CUSTOMER_FACTS:
        subject = {**NAME, "pattern": f"^(?!{CUSTOMER})", "description": "an order of the seller"}
    properties = {
        "specversion": {"const": "1.0"},
        "id": {
            **NAME,
            "description": "with `source` the message's identity: told twice, it is one",
        },
        "source": {**NAME, "not": {"const": SOURCE}, "description": "the system that tells it"},
        "type": {"const": name},
        "seller": SELLER,
        "subject": subject,
        "time": _time("when it happened"),
        "recordedtime": _time("when it became known"),
        "datacontenttype": {"const": "application/json"},
        "data": {"$ref": f"#/$defs/{name}Data"},
    }
    required = ["specversion", "id", "source", "type", "seller", "subject", "time"]
    return {
        "title": name, "description": summaries.FACTS[name], "type": "object",
        "required": [*required, "data"] if "required" in data else required,
        "properties": properties, "propertyNames": ATTRIBUTE,
    }  # fmt: skip


def _time(what: str) -> Schema:
    schema = INSTANT.json_schema or {}
    return {**schema, "description": f"{what}; {schema['description']}"}


def _outcome(name: str, data: str) -> Schema:
    """The message of an outcome."""
    properties = {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string", "pattern": "^[^/]+/.+/[0-9]+$",
            "description": "seller, order and version: the same however often it is sent",
        },
        "source": {"const": shapes.SOURCE},
        "type": {"const": name},
        "seller": SELLER,
        "subject": {**NAME, "description": "the order"},
        "time": {
            "type": "string", "pattern": shapes.INSTANT,
            "description": "when it was decided, by the order's clock; ISO 8601 in UTC",
        },
        "datacontenttype": {"const": "application/json"},
        "data": {"$ref": f"#/$defs/{data}Data"},
    }  # fmt: skip
    told_again = {"type": "string", "description": "the run of a replay that tells it again"}
    return {
        "title": name, "description": summaries.OUTCOMES[name], "type": "object",
        "required": list(properties), "properties": {**properties, "replay": told_again},
        "additionalProperties": False,
    }  # fmt: skip


def _taken(schema: Schema) -> Schema:
    """What pydantic says of a model, less what it says by itself: titles, and absent as null."""
    return {**_without(schema), **_described(schema)}


def _sent(schema: Schema) -> Schema:
    """What msgspec says of a struct as it is sent: nothing else, nothing null, amounts numbers."""
    optional = set(schema["properties"]) - set(schema.get("required", ()))
    properties = {
        name: _never_null(one) if name in optional else one
        for name, one in schema["properties"].items()
    }
    whole = {**schema, "properties": _numbers(properties), "additionalProperties": False}
    return {**_without(whole), **_described(schema)}


def _never_null(schema: Schema) -> Schema:
    rest = [one for one in schema["anyOf"] if one != {"type": "null"}]
    return rest[0] if len(rest) == 1 else {"anyOf": rest}


def _numbers(schema: Any) -> Any:
    """Decimals are numbers on this wire."""
    if isinstance(schema, list):
        return [_numbers(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    if schema.get("format") == "decimal":
        rest = {name: one for name, one in schema.items() if name not in ("format", "type")}
        return {"type": "number", **rest}
    return {name: _numbers(one) for name, one in schema.items()}


def _without(schema: Any) -> Any:
    """The schema without the titles of fields, and without defaults that say nothing."""
    if isinstance(schema, list):
        return [_without(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        name: {field: _without(inner) for field, inner in one.items()}
        if name == "properties" else _without(one)
        for name, one in schema.items()
        if name != "title" and not (name == "default" and (one is None or isinstance(one, dict)))
    }  # fmt: skip


def _described(schema: Schema) -> Schema:
    """The docstring of a class, on one line."""
    words = schema.get("description", "").split()
    return {"description": " ".join(words)} if words else {}
