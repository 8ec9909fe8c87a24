"""Events to stored bytes and back: the mapper of the eventsourcing package, on msgspec.

A fact is stored as it was told, byte for byte, and read back through the same validators. An
outcome is stored whole. Each event names the version of its stored form; a form that is not known
here is an error, never a guess.
"""

from dataclasses import fields
from datetime import date, datetime
from typing import Any, get_type_hints

import msgspec

from adapters.edge import fact_type, read_json
from domain.errors import Corrupt
from domain.events import AnyEvent, FactTold, OutcomeRaised, TermsPinned
from domain.outcomes import OUTCOMES, AnyOutcome, Deadline
from domain.state import Told

SCHEMA = 1
"""The version of every stored form so far."""


class StoredFact(msgspec.Struct):
    """A fact inside the event that took it back, in the domain's own units."""

    type: str
    at: datetime
    recorded_at: datetime
    source: str
    id: str
    fact: msgspec.Raw


class FactMeta(msgspec.Struct, omit_defaults=True):
    """What is stored beside a fact's own bytes; `personal` has the digests by field."""

    void: bool = False
    retracted: StoredFact | None = None
    personal: dict[str, str] = {}
    extensions: dict[str, Any] = {}


class OutcomeMeta(msgspec.Struct, omit_defaults=True):
    """Who decided, on which event (0: the clock), under which version of the rules.

    Beside it what tells the outcome to others: the currency, what the lines that the reason names
    are called, and which message the causing event was. Events from before these were kept have
    none, and are in SEK.
    """

    policy: str
    cause: int
    rules: str
    currency: str = "SEK"
    goods: dict[str, str] = {}
    source: str | None = None
    id: str | None = None


class TermsBody(msgspec.Struct):
    edition: str
    seller: str
    marketplace: str | None
    day: date


class Stored(msgspec.Struct):
    """An event as it is stored: its type, the version of its form, its bytes and what is beside."""

    type: str
    schema: int
    at: datetime
    body: bytes
    meta: bytes
    source: str | None = None
    id: str | None = None


def _form(kind: type[AnyOutcome]) -> type[Any]:
    """{item, before} of one kind of outcome. A due day and a due instant differ by their text."""
    item: Any = kind
    if kind is Deadline:
        hints = get_type_hints(kind) | {"due": str}
        item = msgspec.defstruct(
            "DeadlineForm",
            [(one.name, hints[one.name]) for one in fields(kind)],
            kw_only=True,
            namespace={"key": Deadline.key, "subject": Deadline.subject},
        )
    return msgspec.defstruct(f"{kind.__name__}Form", [("item", item), ("before", item | None)])


KINDS: dict[str, type[AnyOutcome]] = {name: kind for kind in OUTCOMES for name in kind.names}
KINDS |= {"DeadlineMet": Deadline, "DeadlineLapsed": Deadline}
"""The kind of outcome that each event is about."""
_FORMS = {kind: msgspec.json.Decoder(_form(kind)) for kind in OUTCOMES}
_fact_meta = msgspec.json.Decoder(FactMeta)
_outcome_meta = msgspec.json.Decoder(OutcomeMeta)
_terms = msgspec.json.Decoder(TermsBody)
_encode = msgspec.json.Encoder(decimal_format="string").encode
NOTHING = b"{}"


def encode(
    event: AnyEvent,
    rules: str,
    personal: dict[str, str] | None = None,
    extensions: dict[str, Any] | None = None,
    cause: tuple[str, str] | None = None,
) -> Stored:
    """The stored form of a new event.

    `personal` has the digests of what is kept beside a fact, `cause` the (source, id) of the fact
    on which an outcome was decided.
    """
    if isinstance(event, FactTold):
        told, meta = event.told, NOTHING
        if event.void or event.retracted or personal or extensions:
            retracted = None if event.retracted is None else _stored_fact(event.retracted)
            meta = _encode(FactMeta(event.void, retracted, personal or {}, extensions or {}))
        return Stored(event.type, SCHEMA, told.at, event.body, meta, told.source, told.id)
    if isinstance(event, OutcomeRaised):
        body = _encode({"item": event.item, "before": event.before})
        by = OutcomeMeta(
            event.policy, event.cause, rules, event.currency, event.goods, *(cause or ())
        )
        meta = _encode(by)
        return Stored(event.type, SCHEMA, event.timestamp, body, meta)
    pin = TermsBody(event.edition, event.seller, event.marketplace, event.day)
    return Stored(event.type, SCHEMA, event.timestamp, _encode(pin), NOTHING)


def decode(key: str, version: int, recorded_at: datetime, stored: Stored) -> AnyEvent:
    """The event of a stored row. Raises Corrupt where its form is not known."""
    _known(key, stored)
    if stored.type == "TermsPinned":
        pin = _terms.decode(stored.body)
        return TermsPinned(
            key, version, recorded_at, pin.edition, pin.seller, pin.marketplace, pin.day
        )
    if stored.type in KINDS:
        kind, form, by = outcome_form(key, stored)
        item, before = _outcome(kind, form.item), _outcome(kind, form.before)
        return OutcomeRaised(
            key, version, recorded_at, stored.type, by.policy, item, before, by.cause,
            by.currency, by.goods, by.rules,
        )  # fmt: skip
    return _decode_fact(key, version, recorded_at, stored)


def _known(key: str, stored: Stored) -> None:
    if stored.schema != SCHEMA:
        raise Corrupt(f"{key}: {stored.type} has form {stored.schema}, this program knows {SCHEMA}")


def outcome_form(key: str, stored: Stored) -> tuple[type[AnyOutcome], Any, OutcomeMeta]:
    """The kind of an outcome, its item and what stood before, and who decided.

    It is `decode` for those who only read: what a deadline is due stays the text that it is.
    Raises Corrupt where the event is no outcome, or its form is not known.
    """
    _known(key, stored)
    kind = KINDS.get(stored.type)
    if kind is None:
        raise Corrupt(f"{key}: {stored.type} is no outcome")
    return kind, _FORMS[kind].decode(stored.body), _outcome_meta.decode(stored.meta)


def due_of(text: str) -> date | datetime:
    """A due day, or a due instant."""
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _decode_fact(key: str, version: int, recorded_at: datetime, stored: Stored) -> FactTold:
    fact = read_json(fact_type(stored.type), stored.body)
    told = Told(fact, stored.at, recorded_at, stored.source or "", stored.id or "")
    if stored.meta == NOTHING:
        return FactTold(key, version, recorded_at, told, stored.body)
    meta = _fact_meta.decode(stored.meta)
    retracted = None
    if (one := meta.retracted) is not None:
        back = msgspec.json.decode(one.fact, type=fact_type(one.type))
        retracted = Told(back, one.at, one.recorded_at, one.source, one.id)
    return FactTold(key, version, recorded_at, told, stored.body, meta.void, retracted)


def _outcome(kind: type[AnyOutcome], form: Any) -> Any:
    if form is None or kind is not Deadline:
        return form
    return Deadline(
        because=form.because, parcel=form.parcel, line=form.line, rma=form.rma,
        invoice=form.invoice, cause=form.cause, kind=form.kind, party=form.party,
        state=form.state, amount=form.amount, due=due_of(form.due),
    )  # fmt: skip


def _stored_fact(told: Told[Any]) -> StoredFact:
    fact = msgspec.Raw(_encode(told.fact))
    kind = type(told.fact).__name__
    return StoredFact(kind, told.at, told.recorded_at, told.source, told.id, fact)
