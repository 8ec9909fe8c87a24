"""What an order announces to the stream of its customer: that it is there, and what counts across.

Orders never read orders. What counts across them is the notification fee, of which a customer pays
one a month; an announcement that holds no more is taken back under its own id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.between import NotificationFeeCharged, OrderJoined
from domain.events import Event
from domain.fields import CUSTOMER
from domain.outcomes import AnyOutcome, Fee
from domain.state import Told
from domain.stream import SOURCE, Said, named, taking_back

STATEMENT = "statement"
"""The kind of the notification fee."""
Announcement = OrderJoined | NotificationFeeCharged


@dataclass(slots=True, frozen=True)
class Announced:
    """To whom an order announced what, by invoice; '' is the order itself."""

    customer: str | None = None
    standing: Mapping[str, Told[Announcement]] = field(default_factory=dict)


NOTHING = Announced()


def stream_of(seller: str, ref: str) -> str:
    """The key of a customer's stream."""
    return f"{seller}/{CUSTOMER}{ref}"


def counts_across(item: AnyOutcome) -> bool:
    """Whether an outcome matters to other orders of the customer: the fee that is the month's."""
    return (
        isinstance(item, Fee)
        and item.kind == STATEMENT
        and item.because.inputs.get("one_a_month") is True
    )


def fee_place(at: datetime, order: str, invoice: str) -> tuple[datetime, str, str]:
    """Which of several notification fees is the earliest: the same for all orders."""
    return (at, order, invoice)


def announce(
    key: str, before: Announced, customer: str | None, fees: Iterable[AnyOutcome], event: Event
) -> tuple[Announced, tuple[Said, ...]]:
    """What the order announces after an event, and what it says to get there.

    What is new is said before what is taken back: nobody is without both in between.
    """
    seller, order = key.split("/", 1)
    kept = before.standing if customer == before.customer else {}
    standing: dict[str, Told[Announcement]] = {}
    new: list[Told[Announcement]] = []
    for about, (fact, at) in _wanted(order, fees, event).items() if customer else ():
        old = kept.get(about)
        if old is None or (at != old.at and about):
            id = named(event.originator_version, about, order)
            old = Told(fact, at, event.timestamp, SOURCE, id)
            new.append(old)
        standing[about] = old
    gone = [(about, old) for about, old in before.standing.items() if standing.get(about) != old]
    said = [Said(stream_of(seller, customer), told) for told in new if customer]
    said += [
        Said(stream_of(seller, before.customer), taking_back(old, event, about, order))
        for about, old in gone
        if before.customer
    ]
    return Announced(customer, standing), tuple(said)


def _wanted(
    order: str, fees: Iterable[AnyOutcome], event: Event
) -> dict[str, tuple[Announcement, datetime]]:
    """The order itself, from the event on by which it was known, and its notification fees."""
    wanted: dict[str, tuple[Announcement, datetime]] = {
        "": (OrderJoined(order=order), event.timestamp)
    }
    for item in fees:
        if counts_across(item) and item.invoice is not None:
            fact = NotificationFeeCharged(order=order, invoice=item.invoice)
            issued = datetime.fromisoformat(str(item.because.inputs["issued"]))
            wanted[item.invoice] = (fact, issued)
    return wanted
