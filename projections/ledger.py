"""The ledger: what each event moves on the accounts, a row a leg, debits positive.

Entries are differences between two states of an order's books, so that they balance in every
currency, and what turns out wrong is reversed by the event that says so. Nothing is ever changed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.calendar import day_of
from domain.events import AnyEvent, FactTold, OutcomeRaised
from projections.dossier import Dossier
from projections.periods import period_of
from projections.projection import Appended, Big, Day, Recorded, Small, Text


class PostingRow(NamedTuple):
    """An entry is an event's: `partition` and `position` name it, `leg` counts from 1."""

    seller: Text
    order_id: Text
    partition: Small
    position: Big
    leg: Small
    account: Small
    amount: Big
    currency: Text
    booked: Day
    """The day in Stockholm on which the event was recorded."""
    occurred: Day
    """The day in Stockholm on which what it tells of happened (BFL 5 kap. 7 §)."""
    kind: Text
    period: Day
    """The first day of the accounting month that it belongs to."""
    rate: Small
    """The VAT rate at which it was taxed, in hundredths of a per cent; 0 where it was not."""


def rows(recorded: Recorded, dossier: Dossier) -> Sequence[PostingRow]:
    if not dossier.entry:
        return ()
    event = recorded.event
    booked, occurred = day_of(event.timestamp), day_of(happened_at(event))
    kind, period = kind_of(event), period_of(booked, recorded.closed)
    return [
        PostingRow(
            recorded.seller, recorded.order, recorded.partition, recorded.position, leg, account,
            amount, currency, booked, occurred, kind, period, rate,
        )
        for leg, (currency, account, rate, amount) in enumerate(dossier.entry, 1)
    ]  # fmt: skip


def happened_at(event: AnyEvent) -> datetime:
    return event.told.at if isinstance(event, FactTold) else event.timestamp


def kind_of(event: AnyEvent) -> str:
    """What the entry is about: `PaymentReceived`, `FeeRaised unclaimed`."""
    kind = getattr(event.item, "kind", None) if isinstance(event, OutcomeRaised) else None
    return f"{event.type} {kind}" if kind else event.type


LEDGER = Appended(
    name="ledger",
    version=2,
    table="postings",
    row=PostingRow,
    key=("partition", "position", "leg"),
    rows=rows,
)
