"""Bodies that are like others and not the same: broken ones, and ones that say the same.

Everything is drawn from a `Random`, so that a seed gives the same bodies again.
"""

import json
import re
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any
from xml.etree import ElementTree

ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)")
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 10**30, 1e308, "", " ", "x" * 5000, "\x00", "Zoë ♥ \U0001f4e6",
    "0000-00-00T00:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2024-02-30",
    "-1.5", "1e9", "NaN", [], {}, [[]], [None], {"a": {}}, [[[[[[]]]]]],
)  # fmt: skip
ENTITY = b'<!DOCTYPE x [<!ENTITY e "eeee"><!ENTITY f "&e;&e;&e;">]>'
Node = dict[str, Any] | list[Any]


def broken(body: bytes, random: Random, *, is_xml: bool) -> bytes:
    """A body that may mean something else, or nothing."""
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        if random.random() < 0.25:
            body = _bytes(body, random)
        else:
            body = (_xml if is_xml else _json)(body, random)
    return body


def same(body: bytes, random: Random, *, is_xml: bool) -> bytes:
    """A body that says the same in other words."""
    return _same_xml(body, random) if is_xml else _same_json(body, random)


# -- broken ---------------------------------------------------------------------------------------


def _bytes(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body) + 1)
    match random.randrange(7):
        case 0:
            return body[:place]
        case 1:
            return body[place:]
        case 2:
            return body[:place] + random.randbytes(3) + body[place:]
        case 3:
            return body[:place] + random.randbytes(1) + body[place + 1 :]
        case 4:
            return b"\xef\xbb\xbf" + body
        case 5:
            return body.decode("utf-8", "replace").encode(
                random.choice(("utf-16", "latin-1")), "ignore"
            )
        case _:
            return body[:place] + body


def _json(body: bytes, random: Random) -> bytes:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return _bytes(body, random)
    nodes: list[Node] = []
    _nodes(read, nodes)
    if nodes:
        _spoil(random.choice(nodes), random)
    return json.dumps(read).encode("utf-8", "surrogatepass")


def _nodes(value: Any, found: list[Node]) -> None:
    if isinstance(value, dict | list):
        found.append(value)
        for one in value.values() if isinstance(value, dict) else value:
            _nodes(one, found)


def _spoil(node: Node, random: Random) -> None:
    """One change in one object or list."""
    if not node:
        return
    key: Any = random.choice(list(node)) if isinstance(node, dict) else random.randrange(len(node))
    into: Any = node
    match random.randrange(5):
        case 0:
            del into[key]
        case 1:
            into[key] = random.choice(STRANGE)
        case 2:
            into[key] = _altered(into[key], random)
        case 3 if isinstance(node, list):
            node.append(node[key])
        case 4 if isinstance(node, list):
            random.shuffle(node)
        case _:
            into[key] = [into[key]]


def _altered(value: Any, random: Random) -> Any:
    """A value of another type, or a text with one character changed."""
    if isinstance(value, str) and value:
        place = random.randrange(len(value))
        return value[:place] + random.choice("0919aZ:-./ é") + value[place + 1 :]
    return str(value) if not isinstance(value, dict | list) else random.choice(STRANGE)


def _xml(body: bytes, random: Random) -> bytes:
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        return _bytes(body, random)
    element = random.choice(list(root.iter()))
    match random.randrange(6):
        case 0 if element.attrib:
            del element.attrib[random.choice(list(element.attrib))]
        case 1 if element.attrib:
            name = random.choice(list(element.attrib))
            element.attrib[name] = str(_altered(element.attrib[name], random))
        case 2 if len(element):
            element.remove(random.choice(list(element)))
        case 3 if len(element):
            element.append(random.choice(list(element)))
        case 4:
            element.text = str(_altered(element.text or "x", random))
        case _:
            element.tag = random.choice(("data", "x", element.tag))
    told = ElementTree.tostring(root, encoding="utf-8")
    return ENTITY + told if random.random() < 0.05 else told


# -- the same -------------------------------------------------------------------------------------


def _same_json(body: bytes, random: Random) -> bytes:
    read = _reworded(json.loads(body), random)
    indent = random.choice((None, 0, 1, "\t"))
    separators = random.choice(((",", ":"), (", ", ": "), (" , ", " : ")))
    told = json.dumps(
        read, indent=indent, separators=separators, ensure_ascii=random.random() < 0.5
    )
    return b"\n " + told.encode() + b"\r\n"


def _reworded(value: Any, random: Random) -> Any:
    if isinstance(value, list):
        return [_reworded(one, random) for one in value]
    if isinstance(value, str):
        return _other_zone(value, random) if ZONED.fullmatch(value) else value
    if not isinstance(value, dict):
        return value
    keys = list(value)
    random.shuffle(keys)
    told = {key: _reworded(value[key], random) for key in keys}
    if random.random() < 0.3:
        told[f"unknown{random.randrange(100)}"] = random.choice(STRANGE)
    return told


def _other_zone(told: str, random: Random) -> str:
    """The same instant with another offset, or with the same one spelled otherwise."""
    at = datetime.fromisoformat(told)
    at = at.astimezone(timezone(timedelta(minutes=random.choice((0, 60, 120, -300, 330)))))
    text = at.isoformat()
    if text.endswith("+00:00") and random.random() < 0.5:
        return text.removesuffix("+00:00") + "Z"
    head, tail = text[:-6], text[-6:]
    return head + (tail.replace(":", "") if random.random() < 0.5 else tail)


def _same_xml(body: bytes, random: Random) -> bytes:
    root = ElementTree.fromstring(body)
    for element in root.iter():
        names = list(element.attrib.items())
        random.shuffle(names)
        element.attrib.clear()
        element.attrib.update(names)
        if random.random() < 0.3:
            element.attrib[f"unknown-{random.randrange(100)}"] = "1"
        if len(element):
            element.text = random.choice(("\n ", "", "\t\t"))
        element.tail = random.choice(("\n ", "", "\n\n"))
    told = ElementTree.tostring(root, encoding="utf-8", xml_declaration=random.random() < 0.5)
    return told + random.choice((b"", b"\n", b"<!-- end -->"))
