"""What a fact, or the passing of time, does to an order: the one place where policies are run."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from domain.calendar import day_of
from domain.customer import kind_of
from domain.errors import Corrupt
from domain.facts import RefundPaid, Retracted
from domain.fields import Value
from domain.order import Order
from domain.outcomes import AnyOutcome, Owed, Refund
from domain.policies import POLICIES
from domain.policies.policy import Policy, readers
from domain.policies.settlement import SETTLEMENT, settlement
from domain.state import OrderState, Told, taken_back, target
from domain.terms import Terms
from domain.terms.book import Book, Edition

Choice = tuple[str, str | None, date]
"""(seller, marketplace, contract's day): what an edition is chosen by."""
LAPSES = 10_000
"""More instants between two facts than any order has: a policy that never sleeps is an error."""


def tell(order: Order, told: Told[Any], body: bytes, book: Book) -> bool:
    """Take one fact: what fell due by its recorded time lapses first, then the fact counts.

    False where the same message was taken before. Raises Refused where the message cannot be taken;
    whatever is raised, the caller restores the order (`Order.mark`).
    """
    if order.knows(told):
        return False
    told.recorded_at = max(told.recorded_at, order.clock)
    lapse(order, told.recorded_at, book)
    event = order.tell(told, body)
    run(order, {type(_subject(order, told).fact)}, book, event.originator_version)
    return True


def _subject(order: Order, told: Told[Any]) -> Told[Any]:
    """The fact that a message is about in the end, through retractions of retractions."""
    for _ in range(len(order.seen)):
        about = order.seen.get(target(told)) if isinstance(told.fact, Retracted) else None
        if about is None:
            break
        told = about
    return told


def lapse(order: Order, until: datetime, book: Book) -> int:
    """Let time pass: what changes without a fact does so at its own instant. Counts them."""
    for count in range(LAPSES):
        at = order.wakes_at
        if at is None or at > until:
            return count
        run(order, order.advance(at), book, cause=0)
        order.woken()
    raise Corrupt(f"{order.id}: more than {LAPSES} instants by {until}")


def run(order: Order, changed: Iterable[type[Value]], book: Book, cause: int) -> None:
    """Run the policies that read what changed, or whose instant has come."""
    if order.state.data is None:
        for name in [name for name, items in order.standing.items() if items]:
            order.settle(name, Owed(), cause)  # the order itself was taken back
        return
    terms, is_new = pinned(order, book)
    order.state.kind = kind_of(order.state.order.customer, terms)
    for policy in POLICIES if is_new else _reached(order, frozenset(changed)):
        if policy.concerns(order.state, terms) or order.standing.get(policy.name):
            owed = policy.decide(order.state, terms, order.clock)
            order.settle(policy.name, owed, cause)
    if RefundPaid in order.state.by_type or order.standing.get(SETTLEMENT):
        order.settle(SETTLEMENT, settlement(order.state, order.standing_refunds()), cause)


def _reached(order: Order, changed: frozenset[type[Value]]) -> Iterable[Policy]:
    """The policies, in their order, that read what changed or whose instant has come."""
    woken = {name for name, at in order.wakes.items() if at <= order.clock}
    if len(changed) == 1 and not woken:
        (kind,) = changed
        return readers(POLICIES, kind)
    return [
        policy
        for policy in POLICIES
        if policy.name in woken or not policy.reads.isdisjoint(changed)
    ]


def pinned(order: Order, book: Book) -> tuple[Terms, bool]:
    """The terms that the order lives under, and whether it pinned them just now.

    Raises Refused where there are none for its seller, TermsError for a day outside them.
    """
    state, pin = order.state, order.pinned
    chosen, edition = _edition(order, state, book)
    terms = book.terms(edition)
    if pin is not None and (pin.seller, pin.marketplace, pin.day) == chosen:
        return terms, False
    order.pin(edition.hash, *chosen)
    return terms, True


def as_of(order: Order, book: Book, at: datetime, known_at: datetime) -> list[AnyOutcome]:
    """What is owed at `at`, as known at `known_at`: the policies over the facts recorded by then.

    A retraction counts once it is known, whatever the day it is about: what it took back was not
    true at any time. Empty where the order had not been placed.
    """
    known = [told for told in order.retractions if told.recorded_at <= known_at]
    void = taken_back(known)
    facts = [
        told
        for told in order.facts
        if told.recorded_at <= known_at and told.at <= at and (told.source, told.id) not in void
    ]
    return _owed(order, book, facts, at, POLICIES)


def causes(order: Order, book: Book, policy: str, item: AnyOutcome) -> list[Told[Any]]:
    """The facts without which an outcome would not stand as it does, in order of their time.

    Each is left out in turn and its policy asked again: what was told twice over is not among them.
    """
    void = taken_back(order.retractions)
    known = [told for told in order.facts[: order.folded] if (told.source, told.id) not in void]
    asked = [one for one in POLICIES if policy in (one.name, SETTLEMENT)]
    return [
        left_out
        for left_out in known
        if item not in _owed(
            order, book, [told for told in known if told is not left_out], order.clock, asked
        )
    ]  # fmt: skip


def _owed(
    order: Order, book: Book, facts: Iterable[Told[Any]], at: datetime, policies: Iterable[Policy]
) -> list[AnyOutcome]:
    """What these policies, and the settlement after them, say of an order with these facts."""
    state = OrderState(facts)
    state.id = order.subject
    if state.data is None:
        return []
    terms = book.terms(_edition(order, state, book)[1])
    state.kind = kind_of(state.order.customer, terms)
    owed = [item for policy in policies for item in policy(state, terms, at)]
    refunds = [item for item in owed if isinstance(item, Refund)]
    return [*owed, *settlement(state, refunds)]


def _edition(order: Order, state: OrderState, book: Book) -> tuple[Choice, Edition]:
    """The edition for the order as this state has it: the one that it pinned, where it did."""
    chosen = (order.id.split("/", 1)[0], state.order.marketplace, day_of(state.placed_at))
    known = order.editions.get(chosen)
    return chosen, book.edition(*chosen) if known is None else book.pinned(known, *chosen)
