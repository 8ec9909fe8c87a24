"""Messages: what comes in from files, standard input, HTTP and Kafka, and what it is understood as.

A fact is a CloudEvent 1.0 in JSON (INTERFACE.md). `understand` is pure: bytes to a fact of one
order, or a refusal that names what is wrong.
"""

import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from adapters.edge import PERSONAL, fact_type, read_json, without_persons
from domain.acts import ACTS, PeriodClosed, PersonalDataErased
from domain.between import NotificationFeeCharged, OrderJoined
from domain.errors import Refused, Unreadable
from domain.facts import (
    AccountSettled, ConsentReminderSent, ConsentRequested, CreditLimitExceeded,
    DiscretionExercised, InvoiceOverdue, OrderChanged, OrderConfirmed, OrderPlaced,
    PersonalDataRequest, Retracted,
)  # fmt: skip
from domain.fields import CUSTOMER, LONGEST, OrderData, Reference, Value, a_moment
from domain.policies.goodwill import DECISIONS
from domain.register import is_register
from domain.state import Told
from domain.stream import SOURCE, Said


@dataclass(slots=True)
class Message:
    """Bytes as they came. `place` says where from (`facts.jsonl:12`, `villkor.facts[3]@17`).

    `recorded_at` is the log-append time where the transport has one, `home` the partition (of
    Kafka, or of the log for the inbox) whose position or row moves with it.
    """

    value: bytes
    place: str
    recorded_at: datetime | None = None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    home: int | None = None

    @property
    def inside(self) -> bool:
        """Whether the log itself tells it, or who runs it: no place outside is called so."""
        return self.place in (INSIDE, ACT)


INSIDE = "log"
"""The place of what streams tell each other."""
ACT, ACT_SOURCE = "act", "villkor:acts"
"""The place and the source of what the people who run Villkor did."""
DECISION_SOURCE = "/villkor/decide"
"""The source of what people decided about orders; decisions come by no other way."""


@dataclass(slots=True)
class Personal:
    """A value about a person, kept beside the log; the event holds the digest of salt and value."""

    field: str
    value: Any
    salt: bytes

    @property
    def digest(self) -> str:
        return sha256(self.salt + msgspec.json.encode(self.value)).hexdigest()


@dataclass(slots=True)
class Understood:
    """A message that speaks of one order; `body` is its data as told, less what is personal."""

    seller: str
    order: str
    told: Told[Any]
    body: bytes
    personal: list[Personal] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.seller}/{self.order}"


class Envelope(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The attributes of a CloudEvent that mean something here."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    seller: str
    data: msgspec.Raw = msgspec.Raw(b"{}")
    recordedtime: str | None = None
    datacontenttype: str | None = None


CUSTOMER_FACTS: frozenset[type[Value]] = frozenset({
    CreditLimitExceeded, InvoiceOverdue, AccountSettled, ConsentRequested, ConsentReminderSent,
    PersonalDataRequest, DiscretionExercised, Retracted,
})  # fmt: skip
"""What can be told of a customer; orders, and who runs Villkor, tell it more."""
ANNOUNCED = CUSTOMER_FACTS | {OrderJoined, NotificationFeeCharged, PersonalDataErased}
OWN = (SOURCE, ACT_SOURCE)
"""Sources that nobody outside may name."""
WHOLE = 100
"""Per cent."""
_strict = msgspec.json.Decoder(Envelope)
_reference: TypeAdapter[str] = TypeAdapter(Reference)
_any = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode
_KNOWN = frozenset(Envelope.__struct_fields__)


def envelope(value: bytes) -> tuple[Envelope, dict[str, Any]]:
    """The CloudEvent and its unknown attributes. Raises Unreadable, naming what is missing."""
    try:
        return _strict.decode(value), {}
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass  # looked at closer below
    try:
        attributes = _any.decode(value)
        extensions = {
            name: msgspec.json.decode(raw) for name, raw in attributes.items() if name not in _KNOWN
        }
        known = {name: raw for name, raw in attributes.items() if name in _KNOWN}
        return _strict.decode(msgspec.json.encode(known)), extensions
    except msgspec.ValidationError as error:
        raise Unreadable(f"not a CloudEvent: {_lower(error)}") from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {_lower(error)}") from error


def _lower(error: Exception) -> str:
    text = str(error).removeprefix("JSON is malformed: ")
    return text[:1].lower() + text[1:]


def understand(message: Message) -> Understood:
    """The fact that a message tells. Raises Refused: no order could take it."""
    event, extensions = envelope(message.value)
    _check(event, message.value)
    kind = fact_type(event.type)
    _belongs(event, kind, inside=message.inside)
    body = bytes(event.data)
    if PERSONAL[kind] or issubclass(kind, OrderData):
        _told_once(body)
    as_told = read_json(kind, body)
    _reasoned(as_told)
    _taxed(as_told)
    fact, persons = without_persons(as_told)
    if (back := getattr(fact, "fact_source", None)) in OWN and not message.inside:
        raise Refused(f"fact_source: {back!r} is the log itself; take back what it was told")
    if kind not in ACTS and getattr(fact, "seller", None) not in (None, event.seller):
        raise Refused(f"seller: {fact.seller!r} in data, but the message says {event.seller!r}")
    personal = [Personal(name, value, token_bytes(16)) for name, value in persons.items()]
    at = _time("time", event.time)
    recorded_at = message.recorded_at or (
        at if event.recordedtime is None else _time("recordedtime", event.recordedtime)
    )
    told = Told(fact, at, recorded_at, event.source, event.id)
    if fact is not as_told:
        body = _rewritten(body, fact, personal)
    return Understood(event.seller, event.subject, told, body, personal, extensions)


def _check(event: Envelope, value: bytes) -> None:
    if event.specversion != "1.0":
        raise Unreadable(f"specversion: {event.specversion!r} is not 1.0")
    for name in ("id", "source", "subject", "seller"):
        text: str = getattr(event, name)
        if not 0 < (size := len(text.encode())) <= LONGEST:
            raise Refused(f"{name}: must have 1 to {LONGEST} bytes, has {size}")
    if "/" in event.seller:
        raise Refused(f"seller: {event.seller!r} holds a slash")
    if b"\\u0000" in value:
        raise Refused("data: holds a NUL character")


def _belongs(event: Envelope, kind: type[Value], *, inside: bool) -> None:
    """A fact about a customer is one, and what streams tell each other is told by nobody else."""
    of_customer = event.subject.startswith(CUSTOMER)
    if of_customer and kind not in (ANNOUNCED if inside else CUSTOMER_FACTS):
        raise Refused(f"type: {event.type} is no fact about a customer ({event.subject})")
    if of_customer and not inside:
        _pseudonymous(event.subject.removeprefix(CUSTOMER))
    if kind is OrderJoined and not of_customer:
        raise Refused(f"type: OrderJoined is told to customers, not to orders ({event.subject})")
    if event.source in OWN and not inside:
        raise Refused(f"source: {event.source!r} is the log itself")
    if (kind in ACTS or is_register(f"{event.seller}/{event.subject}")) and not inside:
        raise Refused(f"type: {event.type} of {event.subject} is an act: `villkor --help`")


def _reasoned(fact: Any) -> None:
    """What is decided beside the terms has no clause as its reason: it names who and why.

    So do acts; a month is closed because it is over.
    """
    if isinstance(fact, DiscretionExercised) and fact.about in DECISIONS:
        why = f"{fact.about!r} is decided beside the terms"
    elif isinstance(fact, ACTS):
        why = f"{type(fact).__name__} is a person's act"
    else:
        return
    for name in ("by",) if isinstance(fact, PeriodClosed) else ("by", "reason"):
        if not (getattr(fact, name) or "").strip():
            raise Refused(f"{name}: is missing; {why}")


def _taxed(fact: Any) -> None:
    """No goods are taxed at their whole price or more: no statute has it, nor have the accounts."""
    if isinstance(fact, OrderPlaced | OrderConfirmed | OrderChanged):
        for line in fact.lines:
            if line.vat_rate >= WHOLE:
                raise Refused(f"lines.{line.line}.vat_rate: {line.vat_rate} % is no rate of VAT")


def _pseudonymous(ref: str) -> None:
    """Who a customer is stands in no key; an order is asked the same of its customer's `ref`."""
    try:
        _reference.validate_python(ref)
    except ValidationError as error:
        what = error.errors()[0]["msg"].removeprefix("Value error, ") if ref else "is empty"
        raise Refused(f"subject: a customer's reference that {what}") from error


def telling(said: Said) -> bytes:
    """What one stream tells another, as a message."""
    seller, subject = said.to.split("/", 1)
    told = said.told
    data = said.body or _fields(told.fact)
    event = Envelope(
        "1.0", told.id, told.source, type(told.fact).__name__, subject, told.at.isoformat(), seller,
        msgspec.Raw(data), told.recorded_at.isoformat(),
    )  # fmt: skip
    return _encode(event)


def _fields(fact: Value) -> bytes:
    """The data of a fact that streams make themselves: names, and nothing else."""
    names = {one.name: getattr(fact, one.name) for one in fields(type(fact))}  # type: ignore[arg-type]
    return _encode({name: value for name, value in names.items() if value is not None})


def _told_once(body: bytes) -> None:
    """No key twice: what stands under the first would stay in the bytes, whoever it is about."""

    def pairs(found: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in found]
        for name in names:
            if names.count(name) > 1:
                raise Refused(f"data: the field {name!r} comes twice")

    try:
        json.loads(body, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {_lower(error)}") from error


def _time(name: str, told: str) -> datetime:
    try:
        return a_moment(told)
    except ValueError as error:
        raise Refused(f"{name}: {told!r} {error}") from error


def _rewritten(body: bytes, fact: Any, personal: list[Personal]) -> bytes:
    """The data without what is personal, with what was derived from it about the customer."""
    data = msgspec.json.decode(body)
    for one in personal:
        *path, name = one.field.split(".")
        inner = data
        for step in path:
            inner = inner[step]
        del inner[name]
    if isinstance(fact, OrderData):
        derived = {"of_age": fact.customer.of_age, "registered": fact.customer.registered}
        known = {name: value for name, value in derived.items() if value is not None}
        data["customer"] = data.get("customer", {}) | known
    return msgspec.json.encode(data)
