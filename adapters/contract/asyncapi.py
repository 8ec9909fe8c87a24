"""The AsyncAPI 3 document: channels, operations and messages, generated from the same models.

Each message stands in it twice, as CloudEvents has two modes on Kafka: whole in the value
(structured), or its attributes in headers and its data in the value (binary, `ShippedBinary`).
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from adapters.carriers import FAMILY
from adapters.contract.payloads import Schema, facts_schema, outcomes_schema
from adapters.kafka.topics import DEFAULT_PARTITIONS, REPLICAS, Out, Topic, facts_topic
from adapters.shops import SHOPS

BINDING = {"bindingVersion": "0.5.0"}
COMPONENTS = "#/components/{}/{}"
SASL = {"plain": "plain", "scramSha256": "scramSha256", "scramSha512": "scramSha512"}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "string", "pattern": "^[0-9]+$"}
ORDER_KEY = {**TEXT, "pattern": "^[^/]+/.+$", "description": "`seller/order`, in UTF-8"}
OUTCOME_HEADERS = {
    "villkor-partition": {**COUNT, "description": "the partition of the log, not Kafka's"},
    "villkor-position": {**COUNT, "description": "gapless in it over facts and outcomes together"},
    "villkor-replay": {**TEXT, "description": "only of outcomes told again: the run that did"},
}
LETTER_HEADERS = {
    "villkor-reason": {**TEXT, "description": "why it was parked, as a code"},
    "villkor-sentence": {**TEXT, "description": "why it was parked, in words"},
    "villkor-place": {**TEXT, "description": "where it came from: `villkor.facts[3]@17`"},
    "villkor-parked-at": {**TEXT, "format": "date-time"},
    "villkor-letter": {**COUNT, "description": "its number for `villkor dead-letters`"},
    "villkor-seller": TEXT,
    "villkor-order": TEXT,
    "villkor-message-source": TEXT,
    "villkor-message-id": TEXT,
    "villkor-partition": COUNT,
    "villkor-position": COUNT,
    "villkor-installation": TEXT,
    "villkor-version": TEXT,
    "villkor-left-out": {**TEXT, "description": "its size, where it is too large to be here"},
}
LETTER_ALWAYS = ("reason", "sentence", "place", "parked-at", "letter", "partition", "position")


def asyncapi() -> Schema:
    """The whole document."""
    facts, outcomes = facts_schema(), outcomes_schema()
    messages = {
        **_modes(facts, "fact"),
        **_modes(outcomes, "outcome"),
        "RawBody": _raw("A body as a carrier or a shop sent it, byte for byte."),
        "DeadLetter": _letter(),
    }
    parts = (
        facts["$defs"], outcomes["$defs"],
        _header_schemas("fact", facts, {}), _header_schemas("outcome", outcomes, OUTCOME_HEADERS),
    )  # fmt: skip
    schemas = _rebased({name: one for part in parts for name, one in part.items()})
    assert len(schemas) == sum(map(len, parts)), "two are called the same"
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": _channels(facts, outcomes),
        "operations": _operations(),
        "components": {
            "messages": messages,
            "messageTraits": {**_traits("fact"), **_traits("outcome")},
            "schemas": schemas,
            "securitySchemes": {name: {"type": type} for name, type in SASL.items()},
        },
    }  # fmt: skip


def _info() -> Schema:
    return {
        "title": "Villkor",
        "version": version("villkor"),
        "description": (
            "Facts about orders come in, what is owed under the terms of sale goes out. Both are "
            "CloudEvents 1.0. Consumers read outcomes with `isolation.level=read_committed` and "
            "tolerantly: fields and types may be added. `subject` is the order, `seller` the shop."
        ),
        "license": {"name": "Apache-2.0"},
        "tags": [{"name": "orders"}, {"name": "terms"}],
    }


def _servers() -> Schema:
    host = {
        "host": "{bootstrap}",
        "variables": {
            "bootstrap": {"default": "localhost:9092", "description": "as `VILLKOR_KAFKA` has it"}
        },
    }
    security = [{"$ref": COMPONENTS.format("securitySchemes", name)} for name in SASL]
    return {
        "plain": {**host, "protocol": "kafka", "description": "A broker in a closed network."},
        "secured": {
            **host, "protocol": "kafka-secure", "description": "TLS, and SASL where asked for.",
            "security": security,
        },
    }  # fmt: skip


def _channels(facts: Schema, outcomes: Schema) -> Schema:
    out = Out()
    sent, letters, _ = out.topics()
    return {
        "facts": _channel(
            facts_topic(), "What happened: facts of orders and customers.", _both(facts)
        ),
        "carrierBodies": _channel(
            Topic("villkor.carrier.{carrier}"), "Raw bodies of a carrier.", ("RawBody",),
            {"carrier": {"description": "the translator", "enum": sorted(FAMILY)}},
        ),
        "shopBodies": _channel(
            Topic("villkor.shop.{shop}"), "Raw bodies of a shop system.", ("RawBody",),
            {"shop": {"description": "the translator", "enum": sorted(SHOPS)}},
        ),
        "outcomes": _channel(
            sent, "What is owed, each event once, in the order of its order.", _both(outcomes)
        ),
        "deadLetters": _channel(letters, "What could not be taken, and why.", ("DeadLetter",)),
    }  # fmt: skip


def _channel(
    topic: Topic, summary: str, messages: tuple[str, ...], parameters: Schema | None = None
) -> Schema:
    binding = {
        "partitions": DEFAULT_PARTITIONS, "replicas": REPLICAS,
        "topicConfiguration": _configuration(topic.settings), **BINDING,
    }  # fmt: skip
    if parameters is None:
        binding["topic"] = topic.name
    return {
        "address": topic.name,
        "summary": summary,
        "messages": {name: {"$ref": COMPONENTS.format("messages", name)} for name in messages},
        **({"parameters": parameters} if parameters else {}),
        "bindings": {"kafka": binding},
    }


def _configuration(settings: Mapping[str, str]) -> Schema:
    """The settings that the binding knows, as it wants them."""
    found: Schema = {"cleanup.policy": [settings["cleanup.policy"]]}
    for name in ("retention.ms", "max.message.bytes"):
        if name in settings:
            found[name] = int(settings[name])
    return found


def _operations() -> Schema:
    told = {
        "takeFacts": ("receive", "facts", "Take facts; what cannot be taken is parked."),
        "takeCarrierBodies": ("receive", "carrierBodies", "Take what carriers tell of parcels."),
        "takeShopBodies": ("receive", "shopBodies", "Take what shop systems tell of orders."),
        "tellOutcomes": ("send", "outcomes", "Tell what is owed, and why."),
        "tellDeadLetters": ("send", "deadLetters", "Tell what could not be taken."),
    }
    return {
        name: {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
        for name, (action, channel, summary) in told.items()
    }


def _both(document: Schema) -> tuple[str, ...]:
    """The messages of a document, in both modes."""
    names = document["properties"]["type"]["enum"]
    return tuple(each for name in names for each in (name, f"{name}Binary"))


def _modes(document: Schema, of: str) -> Schema:
    """Every message of a document, structured and binary; what is alike stands among the traits."""
    found = {}
    for name in document["properties"]["type"]["enum"]:
        whole = document["$defs"][name]
        shown = {"title": name, "summary": whole["description"]}
        found[name] = {
            "name": name, **shown, "traits": [_trait(f"{of}Structured")],
            "payload": {"$ref": COMPONENTS.format("schemas", name)},
        }  # fmt: skip
        data = whole["properties"]["data"]["$ref"].rsplit("/", 1)[1]
        attributes = {"$ref": COMPONENTS.format("schemas", f"{of}Attributes")}
        found[f"{name}Binary"] = {
            "name": f"{name}Binary", **shown, "traits": [_trait(f"{of}Binary")],
            "headers": {"allOf": [attributes, {"properties": {"ce_type": {"const": name}}}]},
            "payload": {"$ref": COMPONENTS.format("schemas", data)},
        }  # fmt: skip
    return found


def _trait(name: str) -> Schema:
    return {"$ref": COMPONENTS.format("messageTraits", name)}


def _traits(of: str) -> Schema:
    """What all facts, or all outcomes, have in each mode."""
    return {
        f"{of}Structured": {
            "contentType": "application/cloudevents+json", "bindings": _keyed(ORDER_KEY),
            "headers": {"$ref": COMPONENTS.format("schemas", f"{of}Headers")},
        },
        f"{of}Binary": {"contentType": "application/json", "bindings": _keyed(ORDER_KEY)},
    }  # fmt: skip


def _header_schemas(of: str, document: Schema, more: Schema) -> Schema:
    """The headers in each mode: attributes are `ce_*`, the data's type is `content-type`."""
    always = [name for name in more if name != "villkor-replay"]
    content = {"content-type": {**TEXT, "pattern": "^application/cloudevents\\+json"}}
    whole = document["$defs"][document["properties"]["type"]["enum"][0]]
    beside = ("data", "datacontenttype")
    attributes = {
        f"ce_{name}": {**TEXT, "minLength": 1} if name in ("type", "subject") else one
        for name, one in whole["properties"].items()
        if name not in beside
    }
    needed = [f"ce_{name}" for name in whole["required"] if name not in beside]
    data = {"content-type": {**TEXT, "pattern": "^application/json"}}
    return {
        f"{of}Headers": _headers({**content, **more}, always),
        f"{of}Attributes": _headers({**data, **attributes, **more}, [*needed, *always]),
    }


def _headers(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": ["content-type", *required]}


def _keyed(key: Schema) -> Schema:
    return {"kafka": {"key": key, **BINDING}}


def _raw(summary: str) -> Schema:
    return {
        "name": "RawBody", "title": "RawBody", "summary": summary,
        "payload": {"description": "bytes as they came"},
        "bindings": _keyed({**TEXT, "description": "anything"}),
    }  # fmt: skip


def _letter() -> Schema:
    needed = [f"villkor-{name}" for name in LETTER_ALWAYS]
    return {
        "name": "DeadLetter", "title": "DeadLetter",
        "payload": {"description": "bytes as they came"},
        "summary": "A message as it came, key and headers included, and why it was parked.",
        "headers": {"type": "object", "properties": LETTER_HEADERS, "required": needed},
        "bindings": _keyed({**TEXT, "description": "as it came"}),
    }  # fmt: skip


def _rebased(schema: Any) -> Any:
    """The same schema, what it refers to standing among the components."""
    if isinstance(schema, list):
        return [_rebased(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        name: COMPONENTS.format("schemas", one.rsplit("/", 1)[1])
        if name == "$ref" else _rebased(one)
        for name, one in schema.items()
    }  # fmt: skip
