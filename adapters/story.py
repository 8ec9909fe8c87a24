"""One order's story: its events read from the log, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.codec import decode
from adapters.postgres.store import Store
from domain.calendar import STOCKHOLM
from domain.events import AnyEvent, FactTold, OutcomeRaised
from domain.explain import arithmetic, contradicted, grounds, sentence
from domain.money import kronor
from domain.order import Order
from domain.outcomes import AnyOutcome, Deadline
from domain.state import OrderState
from domain.words import Language


@dataclass(slots=True)
class Story:
    """The events of an order, and the order that they make."""

    order: Order
    events: list[AnyEvent]

    @classmethod
    async def read(cls, store: Store, seller: str, order_id: str) -> "Story":
        key = f"{seller}/{order_id}"
        loaded = (await store.load([(seller, order_id)])).get(key)
        order, events = Order.blank(key), []
        for version, recorded_at, stored in loaded.events if loaded else ():
            event = decode(key, version, recorded_at, stored)
            order.apply(event)
            events.append(event)
        order.catch_up()
        return cls(order, events)

    @property
    def outcomes(self) -> list[AnyOutcome]:
        """What stands."""
        return [item for items in self.order.standing.values() for item in items.values()]

    def lines(self) -> list[tuple[str, str, str]]:
        """(when, what, in words) of each event."""
        return lines(self.events, self.order.state)


def lines(events: Sequence[AnyEvent], state: OrderState) -> list[tuple[str, str, str]]:
    """(when, what, in words) of each event; when it became known only where that is later."""
    return [(_when(event), event.type, words(event) + _waits(event, state.lines))
            for event in events]  # fmt: skip


def told_lines(events: Sequence[FactTold]) -> list[tuple[str, str, str]]:
    """(when, what, in words) of facts, whatever they are about."""
    return [(_when(event), event.type, words(event)) for event in events]


def _waits(event: AnyEvent, known: Mapping[str, object]) -> str:
    """Lines that a fact names and the order does not know: it has no effect on them yet."""
    lines = getattr(event.told.fact, "lines", None) if isinstance(event, FactTold) else None
    unknown = [line for line in lines or () if isinstance(line, str) and line not in known]
    return f" (waits: the order has no line {', '.join(unknown)})" if unknown else ""


def _when(event: AnyEvent) -> str:
    if isinstance(event, FactTold) and event.told.at != event.timestamp:
        return f"{_minute(event.told.at)} (known {_minute(event.timestamp)})"
    return _minute(event.timestamp)


def _minute(at: datetime) -> str:
    return f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"


def words(event: AnyEvent) -> str:
    """What an event says, in a line."""
    if isinstance(event, FactTold):
        return _fact(event)
    if isinstance(event, OutcomeRaised):
        return named(event.item)
    return f"{event.edition[:12]} of {event.seller}, chosen by {event.day}"


SHOWN = ("order", "parcel", "rma", "invoice", "line", "lines", "reason", "result", "fact")
"""The fields of facts that a line says."""


def _fact(event: FactTold) -> str:
    fact: Any = event.told.fact
    told = [f"{name} {value}" for name in SHOWN if (value := _shown(getattr(fact, name, None)))]
    if getattr(fact, "amount", None) is not None:
        told.append(kronor(fact.amount))
    note = ["(was taken back before it came)"] if event.void else []
    return ", ".join([*told, *note])


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(one if isinstance(one, str) else one.line for one in value)
    return "" if value is None else str(value)


def named(item: AnyOutcome) -> str:
    """An outcome's kind, what it is about and its amount or day, with its clauses."""
    shown: Any = item
    kind = getattr(shown, "kind", None) or getattr(shown, "about", None) or ""
    parts = [kind, item.subject]
    if getattr(shown, "decision", None):
        parts.append(shown.decision)
    if getattr(shown, "amount", None) is not None and not isinstance(item, Deadline):
        parts.append(kronor(shown.amount))
    if isinstance(item, Deadline):
        parts.append(f"{_due(item)}, {item.party}, {item.state}")
    return " ".join(part for part in parts if part)


def _due(item: Deadline) -> str:
    return _minute(item.due) if isinstance(item.due, datetime) else item.due.isoformat()


CONTRADICTED = (
    "its steps come to {}, which is not its amount: nothing is said to the customer before "
    "`villkor verify` says what was changed",
    "stegen blir {}, vilket inte är beloppet: inget sägs till kunden förrän `villkor verify` har "
    "sagt vad som ändrades",
)
"""Instead of the sentence for the customer, where somebody changed what was recorded."""


def explained(item: AnyOutcome, language: Language, order: OrderState) -> list[str]:
    """The sentence for the customer, the arithmetic, and the grounds for the auditor."""
    names = {line.line: line.name for line in order.lines.values()}
    currency = order.currency
    steps = arithmetic(item, language, currency)
    if (total := contradicted(item)) is not None:
        refused = CONTRADICTED[language == "sv"].format(kronor(total))
        return [refused, steps, *grounds(item.because, language)]
    return [sentence(item.because, language, names, currency), *([steps] if steps else []),
            *grounds(item.because, language)]  # fmt: skip


def called(item: AnyOutcome) -> str:
    """What one asks for it by: its kind and subject, or its class where it has no kind."""
    group, _, key = item.key.partition(" ")
    kind, _, subject = key.partition(":")
    return f"{kind or group}:{subject}".removesuffix(":")


def find(items: Sequence[AnyOutcome], name: str) -> list[AnyOutcome]:
    """The outcomes of a key (`unclaimed:p1`), a kind (`unclaimed`) or a class (`fee`)."""
    found = []
    for item in items:
        group, _, key = item.key.partition(" ")
        if name in (called(item), key, key.split(":", 1)[0], item.key, group):
            found.append(item)
    return found
