"""Outcomes as they go out: a stored event as a full-bodied CloudEvent 1.0 (adapters/contract/).

Pure, and the same bytes whenever it is asked: an event that is sent again is the event that was
sent. Its id is seller, order and the event's version, which stay as they are whatever becomes of
the log's partitions; consumers may drop duplicates by it, or by the headers' position.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from adapters.codec import KINDS, due_of, outcome_form
from adapters.contract import shapes
from adapters.postgres.batch import EventRow
from domain import outcomes
from domain.calendar import KEPT, lapses_at
from domain.explain import MONEY, arithmetic, sentence

Mode = Literal["structured", "binary"]
Headers = list[tuple[str, bytes]]
TYPES = frozenset(KINDS)
"""The events that are outcomes: what is sent."""
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
BINARY = (
    ("content-type", b"application/json"), ("ce_specversion", b"1.0"),
    ("ce_source", shapes.SOURCE.encode()),
)  # fmt: skip
_encode = msgspec.json.Encoder(decimal_format="number").encode
CLOCK = shapes.Cause("clock")


class Encoded(NamedTuple):
    """A record of Kafka."""

    key: bytes
    value: bytes
    headers: Headers


def encoded(row: EventRow, mode: Mode = "structured") -> Encoded:
    """The message of an outcome. Raises Corrupt where the event is none, or cannot be read."""
    key = row.key
    data = data_of(row)
    id, time = f"{key}/{row.version}", row.recorded_at.astimezone(UTC)
    headers: Headers = [
        ("villkor-partition", b"%d" % row.partition), ("villkor-position", b"%d" % row.position),
    ]  # fmt: skip
    if mode == "binary":
        attributes = (
            ("ce_id", id), ("ce_type", row.type), ("ce_subject", row.order_id),
            ("ce_time", _instant(time)), ("ce_seller", row.seller),
        )  # fmt: skip
        headers += BINARY
        headers += [(name, value.encode()) for name, value in attributes]
        return Encoded(key.encode(), _encode(data), headers)
    headers += STRUCTURED
    whole = shapes.OutcomeEvent(
        id=id, type=row.type, subject=row.order_id, time=time, seller=row.seller, data=data
    )
    return Encoded(key.encode(), _encode(whole), headers)


def _instant(at: datetime) -> str:
    """As in structured mode."""
    return at.isoformat().replace("+00:00", "Z")


def data_of(row: EventRow) -> shapes.AnyData:
    """What the event says; `None` stands for what has nothing to say."""
    kind, form, by = outcome_form(row.key, row.stored)
    item, before, currency = form.item, form.before, by.currency
    reason: outcomes.Because = item.because
    told = _TOLD[kind]
    own = told.own(item)
    if told.stood is not None and before is not None:
        own["before"] = told.stood(**told.own(before))
    if told.name is not None:
        own[told.name] = getattr(item, told.name)
    if told.adds:
        own["change"] = _change(row.type, item, before)
    elif kind is outcomes.Deadline:
        own["lapses_at"] = lapses_at(due_of(item.due))
    sum_ = arithmetic(item, "en", currency)
    return told.shape(
        key=item.key, version=row.version, currency=currency,
        parcel=item.parcel, line=item.line, rma=item.rma, invoice=item.invoice, of_fact=item.cause,
        explanation=shapes.Words(
            sentence(reason, "en", by.goods, currency), sentence(reason, "sv", by.goods, currency)
        ),
        arithmetic=shapes.Words(sum_, arithmetic(item, "sv", currency)) if sum_ else None,
        because=_because(reason), policy=by.policy, rules=by.rules,
        cause=shapes.Cause("fact", by.cause, by.source, by.id) if by.cause else CLOCK,
        **own,
    )  # fmt: skip


class Told(NamedTuple):
    """How a kind of outcome is told: its data, what stood of it, and what of it may change.

    `name` is the field that says which of its kind it is; `adds` where amounts add up over events.
    """

    shape: type[shapes.AnyData]
    own: Callable[[Any], dict[str, Any]]
    stood: Callable[..., Any] | None = None
    name: str | None = None
    adds: bool = False


def _fee(item: outcomes.Fee) -> dict[str, Any]:
    return {"amount": _amount(item.amount), "vat": item.vat}


def _refund(item: outcomes.Refund) -> dict[str, Any]:
    return {
        "amount": _amount(item.amount), "breakdown": _parts(item.breakdown), "due": item.due,
        "means": item.means, "withheld": item.withheld, "withheld_until": item.withheld_until,
    }  # fmt: skip


def _deadline(item: outcomes.Deadline) -> dict[str, Any]:
    return {
        "due": item.due, "party": item.party, "state": item.state, "amount": _amount(item.amount),
    }  # fmt: skip


def _ruling(item: outcomes.Ruling) -> dict[str, Any]:
    amount = None if item.amount is None else _amount(item.amount)
    return {"decision": item.decision, "reasons": item.reasons, "amount": amount}


def _decision(item: outcomes.DecisionNeeded) -> dict[str, Any]:
    if item.bounds is None:
        return {"choices": item.choices}
    least, most = item.bounds
    if "deduct" in item.choices:  # a share of the price
        bounds = shapes.Bounds("percent", Decimal(least), Decimal(most))
    else:
        bounds = shapes.Bounds("amount", _amount(least), _amount(most))
    return {"choices": item.choices, "bounds": bounds}


def _replacement(item: outcomes.Replacement) -> dict[str, Any]:
    return {"lines": item.lines}


def _write_off(item: outcomes.WriteOff) -> dict[str, Any]:
    return {"amount": _amount(item.amount)}


def _case(item: outcomes.ClosedCase) -> dict[str, Any]:
    return {"reason": item.reason}


def _notice(item: outcomes.Information | outcomes.Acknowledgement) -> dict[str, Any]:
    return {"about": item.about}


def _block(item: outcomes.Block) -> dict[str, Any]:
    return {}


_TOLD: dict[type[outcomes.AnyOutcome], Told] = {
    outcomes.Fee: Told(shapes.Fee, _fee, shapes.FeeStood, "kind", adds=True),
    outcomes.Refund: Told(shapes.Refund, _refund, shapes.RefundStood, "kind", adds=True),
    outcomes.Deadline: Told(shapes.Deadline, _deadline, shapes.DeadlineStood, "kind"),
    outcomes.Ruling: Told(shapes.Ruling, _ruling, shapes.RulingStood, "about"),
    outcomes.DecisionNeeded: Told(
        shapes.DecisionNeeded, _decision, shapes.DecisionStood, "about"
    ),
    outcomes.Replacement: Told(shapes.Replacement, _replacement, shapes.ReplacementStood),
    outcomes.WriteOff: Told(shapes.WriteOff, _write_off, shapes.WriteOffStood, adds=True),
    outcomes.ClosedCase: Told(shapes.ClosedCase, _case, shapes.CaseStood),
    outcomes.Information: Told(shapes.Notice, _notice),
    outcomes.Acknowledgement: Told(shapes.Notice, _notice),
    outcomes.Block: Told(shapes.Block, _block),
}  # fmt: skip


SHAPES = {kind: told.shape for kind, told in _TOLD.items()}
"""The data of each kind of outcome."""


def _because(reason: outcomes.Because) -> shapes.Because:
    return shapes.Because(
        reason.rule,
        reason.clauses,
        {name: _value(name, value) for name, value in reason.inputs.items()},
        _parts(reason.steps),
        tuple([shapes.Reading(*one) for one in reason.readings]),
        tuple([shapes.Statute(*one) for one in reason.statutes]),
        tuple([shapes.Beaten(*one) for one in reason.beaten]),
    )


def _value(name: str, value: str | int | bool | None) -> str | int | bool | Decimal | None:
    """An input as others read it: öre are amounts."""
    if type(value) is int and name.endswith(MONEY):
        return _amount(value)
    return value


@lru_cache(KEPT)
def _amount(ore: int) -> Decimal:
    """44500 -> 445.00"""
    return Decimal(ore).scaleb(-2)


def _parts(steps: tuple[tuple[str, int], ...]) -> tuple[shapes.Part, ...]:
    return tuple([shapes.Part(label, _amount(ore)) for label, ore in steps])


def _change(type: str, item: Any, before: Any) -> Decimal:
    """What this event adds to what is owed: all of it, the difference, or all of it less."""
    if type == item.names[2]:
        return _amount(-item.amount)
    return _amount(item.amount - (0 if before is None else before.amount))
