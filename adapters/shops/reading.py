"""Reading shops' bodies: what a shape names is read, and nothing else leaves the body.

Numbers are read as decimals, never as binary floats. A refusal names the field and never its value,
which may be about a person.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, TypeAlias

import msgspec

from domain.errors import Refused, Unreadable
from domain.fields import a_moment

Shape: TypeAlias = "Mapping[str, Shape] | Callable[[Any], Any]"
"""The fields that are read, by name, lists of them likewise; at the leaves what a value keeps.

A leaf is idempotent, and gives `WRONG` for what is none of its kind.
"""
Node = dict[str, Any]
WRONG: Node = {}
ORE = Decimal("0.01")
FAR = 15
"""Powers of ten beyond which nothing is money."""
LONG = 100
"""Characters of an identifier."""
RATES = (Decimal(25), Decimal(12), Decimal(6), Decimal(0))
"""The rates of Swedish VAT."""
_PING = re.compile(rb"webhook_id=(\d{1,18})\s*")
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_ZONED = re.compile(r"(?:[Zz]|[+-]\d{2}:?\d{2})$")
_LONE = re.compile(r"[\ud800-\udfff\0]")
encoded = msgspec.json.Encoder(decimal_format="number").encode
"""JSON with its decimals as they were told."""


# -- from bytes to what the shape names -----------------------------------------------------------


def document(body: bytes, shape: Shape) -> Any:
    """What the shape names of a body. Raises Unreadable for what is no JSON, Refused for fields
    that are not of their kind."""
    try:
        return _pruned(parsed(body), shape, "", strict=True)
    except RecursionError as error:
        raise Unreadable("the body is nested too deep") from error


def kept(body: bytes, shape: Shape) -> bytes:
    """A body without what the shape does not name, as JSON; of what is no JSON size and SHA-256.

    It translates to the facts of the whole body.
    """
    try:
        return encoded(_pruned(parsed(body), shape, "", strict=False))
    except (Unreadable, RecursionError):
        return encoded({"bytes": len(body), "sha256": sha256(body).hexdigest()})


def parsed(body: bytes) -> Any:
    """The JSON of a body; a ping of WooCommerce is a form of one field."""
    if (ping := _PING.fullmatch(body)) is not None:
        return {"webhook_id": int(ping[1])}
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_float=_decimal, parse_constant=_none)
    except (ValueError, ArithmeticError) as error:
        raise Unreadable("the body is not JSON in UTF-8") from error
    except RecursionError as error:
        raise Unreadable("the body is nested too deep") from error
    return found


def _decimal(digits: str) -> Decimal | Node:
    """A number; one beyond all amounts is wrong where it is read, and nothing elsewhere."""
    number = Decimal(digits)
    return number if not number or -FAR <= number.adjusted() <= FAR else WRONG


def _none(word: str) -> None:
    raise ValueError(word)


def _pruned(value: Any, shape: Shape, path: str, *, strict: bool) -> Any:
    if not isinstance(shape, Mapping):
        found = shape(value)
        if found is WRONG and strict:
            raise Refused(f"{path}: is not of its kind")
        return found
    if isinstance(value, dict):
        return {
            name: _pruned(value[name], inner, f"{path}.{name}".lstrip("."), strict=strict)
            for name, inner in shape.items()
            if name in value
        }
    if isinstance(value, list):
        return [_pruned(one, shape, path, strict=strict) for one in value]
    if value is not None and strict:
        raise Refused(f"{path or 'the body'}: is neither an object nor a list")
    return None if value is None else False


# -- leaves ---------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A text, number, truth value or null."""
    if isinstance(value, str):
        return WRONG if _LONE.search(value) else value
    return value if value is None or isinstance(value, (bool, int, Decimal)) else WRONG


def plains(value: Any) -> Any:
    """A list of such values."""
    if value is None:
        return None
    if not isinstance(value, list) or any(plain(one) is WRONG for one in value):
        return WRONG
    return value


def given(value: Any) -> bool:
    """Whether anything was said; what it is stays in the body."""
    return bool(value.strip() if isinstance(value, str) else value)


def localized(value: Any) -> Any:
    """A text in several languages: the Swedish one, else the English, else the first by name."""
    if not isinstance(value, dict):
        return plain(value)
    for tongue in ("sv", "en", ""):
        if found := sorted(name for name in value if name.startswith(tongue)):
            return plain(value[found[0]])
    return None


# -- values of fields -----------------------------------------------------------------------------


def rows(node: Node, name: str) -> list[Node]:
    """The objects of a list; none where the field is absent or null."""
    found = node.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or any(not isinstance(one, dict) for one in found):
        raise Refused(f"{name}: is no list of objects")
    return found


def node(parent: Node, name: str) -> Node:
    """An object; an empty one where the field is absent or null."""
    found = parent.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refused(f"{name}: is no object")
    return found


def text(parent: Node, name: str) -> str:
    """A text without space around it; '' where there is none."""
    found = parent.get(name)
    if found is None or isinstance(found, bool):
        return ""
    return str(found).strip()


def ident(parent: Node, name: str) -> str:
    """An identifier, '' where there is none; of `gid://shopify/Order/1` it is the last part."""
    found = text(parent, name).rpartition("/")[2] if parent.get(name) != 0 else ""
    if len(found) > LONG or not found.isprintable():
        raise Refused(f"{name}: is no identifier")
    return found


def required(parent: Node, *names: str) -> str:
    """The first identifier that there is. Raises Refused where none is."""
    for name in names:
        if found := ident(parent, name):
            return found
    raise Refused(f"{names[0]}: is missing")


def moment(parent: Node, *names: str, zone: str = "") -> datetime | None:
    """The first time that is given, in UTC; `zone` is that of a time which says none."""
    for name in names:
        if told := text(parent, name):
            try:
                return a_moment(told if _ZONED.search(told) else told + zone)
            except ValueError as error:
                raise Refused(f"{name}: is not a time in ISO 8601") from error
    return None


def when(parent: Node, *names: str, zone: str = "") -> datetime:
    """The same. Raises Refused where no time is given."""
    at = moment(parent, *names, zone=zone)
    if at is None:
        raise Refused(f"{names[0]}: is missing")
    return at


def money(parent: Node, name: str) -> Decimal | None:
    """An amount as a decimal text or number, None where there is none."""
    found = parent.get(name)
    if found is None or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, (str, int, Decimal)):
        raise Refused(f"{name}: is no amount of money")
    told = str(found).strip()
    if isinstance(found, str) and not _PLAIN.fullmatch(told):
        raise Refused(f"{name}: is no amount of money")
    try:
        amount = Decimal(told)
    except InvalidOperation as error:
        raise Refused(f"{name}: is no amount of money") from error
    if amount and amount.adjusted() > FAR:
        raise Refused(f"{name}: is larger than any order")
    return amount


def positive(parent: Node, name: str) -> int:
    """A count of pieces, 0 where there is none. Raises Refused for a fraction of one."""
    found = money(parent, name) or Decimal(0)
    if found != found.to_integral_value():
        raise Refused(f"{name}: is no whole number")
    return max(int(found), 0)


def rounded(amount: Decimal) -> Decimal:
    """To öre, halves up (FACTS.md section 6)."""
    return amount.quantize(ORE, ROUND_HALF_UP)


def exact(amount: Decimal, name: str) -> Decimal:
    """An amount that was paid. Raises Refused where it is finer than two decimals."""
    if amount != rounded(amount):
        raise Refused(f"{name}: has more than two decimals")
    return rounded(amount)


def vat_rate(net: Decimal, tax: Decimal) -> Decimal:
    """Per cent: the Swedish rate that gives the tax to within an öre, else the quotient."""
    if net <= 0 or tax <= 0:
        return Decimal(0)
    for rate in RATES:
        if abs(net * rate / 100 - tax) <= ORE:
            return rate
    return rounded(min(tax / net, Decimal(1)) * 100)


def spread(discount: Decimal, totals: Iterable[Decimal]) -> list[Decimal]:
    """Totals less a discount on all of them, shared in proportion to the öre."""
    left, result = list(totals), []
    whole = sum(left, Decimal(0))
    for total in left:
        share = rounded(discount * total / whole) if whole > 0 else Decimal(0)
        share = min(share, total)
        result.append(total - share)
        discount, whole = discount - share, whole - total
    return result


def digest(data: Any) -> str:
    """A short name for what was told."""
    told = json.dumps(data, sort_keys=True, default=str)
    return sha256(told.encode()).hexdigest()[:16]


def iso(at: datetime) -> str:
    """A time as it stands in data and ids."""
    return at.isoformat().replace("+00:00", "Z")
