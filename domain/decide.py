"""What a fact, or the passing of time, does to an order: the one place where policies are run."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from domain.acts import ACTS, RulesAdopted
from domain.calendar import day_of
from domain.customer import kind_of
from domain.errors import Corrupt
from domain.facts import OrderPlaced, RefundPaid, Retracted
from domain.fields import Value
from domain.held import Answers, held, kept
from domain.looking import NOTHING, ORDER
from domain.order import Order
from domain.outcomes import AnyOutcome, Owed, Refund
from domain.policies import POLICIES
from domain.policies.goodwill import NAME as BESIDE
from domain.policies.policy import Policy
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
    before = _before(order, book)
    event = order.tell(told, body)
    if isinstance(told.fact, RulesAdopted):
        order.state.rests.clear()
        run(order, {OrderPlaced}, book, event.originator_version)  # which every policy reads
    elif not isinstance(told.fact, ACTS):
        kind = type(_subject(order, told).fact)
        run(order, {kind}, book, event.originator_version, before)
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
        before = _before(order, book)
        run(order, order.advance(at), book, 0, before)
        order.woken()
    raise Corrupt(f"{order.id}: more than {LAPSES} instants by {until}")


def run(
    order: Order, changed: Iterable[type[Value]], book: Book, cause: int,
    before: Answers | None = None,
) -> None:  # fmt: skip
    """Run the policies that read what changed, or whose instant has come.

    Where the answers `before` it are given, only what changed since counts.
    """
    if order.state.data is None:
        for name in [name for name, items in order.standing.items() if items]:
            order.settle(name, Owed(), cause)  # the order itself was taken back
        return
    state = order.state
    terms, is_new = (state.terms, False) if state.book is book else pinned(order, book)
    for policy in POLICIES if is_new else _reached(order, frozenset(changed)):
        if policy.concerns(state, terms) or order.standing.get(policy.name):
            items, state.rests[policy] = state.looked.while_asking(
                policy.decide, state, terms, order.clock
            )
            _settle(order, policy.name, items, cause, before)
        else:
            state.rests[policy] = ORDER | policy.starts
    state.changed = NOTHING
    if _is_settled(order):
        _settle(order, SETTLEMENT, settlement(state, order.standing_refunds()), cause, before)


def _is_settled(order: Order) -> bool:
    """Whether its refunds are looked at as a whole: one was paid, or given beside the terms."""
    stands = order.standing
    return RefundPaid in order.state.by_type or bool(stands.get(SETTLEMENT) or stands.get(BESIDE))


def _settle(order: Order, policy: str, items: Owed, cause: int, before: Answers | None) -> None:
    if before is not None:
        items = kept(order.standing.get(policy, {}), before.get(policy, Owed()), items)
    order.settle(policy, items, cause)


def answers(order: Order, book: Book) -> dict[str, Owed]:
    """What today's rules say of an order as it is, by policy; nothing is recorded."""
    state = order.state
    if state.data is None:
        return {}
    terms = book.terms(edition_of(order, state, book)[1])
    _under(state, terms)
    found = {
        policy.name: policy.decide(state, terms, order.clock)
        for policy in POLICIES
        if policy.concerns(state, terms) or order.standing.get(policy.name)
    }
    if _is_settled(order):
        found[SETTLEMENT] = settlement(state, order.standing_refunds())
    return found


def follow(order: Order, book: Book) -> None:
    """Let an order that is taken from the log be woken when today's rules say."""
    told = order.wakes.get("")
    order.wakes = {
        name: owed.wakes_at
        for name, owed in answers(order, book).items()
        if owed.wakes_at is not None and owed.wakes_at > order.clock
    }
    if told is not None:
        order.wakes[""] = told


def _before(order: Order, book: Book) -> Answers | None:
    """Today's answers about an order that holds to others; it ceases to where they agree."""
    if not order.holds:
        return None
    found = answers(order, book)
    order.holds = bool(held(order.standing, found))
    return found if order.holds else None


def _reached(order: Order, changed: frozenset[type[Value]]) -> list[Policy]:
    """The policies, in their order, whose answer rests on what changed, or whose instant has come.

    Of an order that was just read nobody knows yet what answers rest on: those are run that read
    facts of a type that changed.
    """
    rests, moved = order.state.rests, order.state.changed
    woken = {name for name, at in order.wakes.items() if at <= order.clock}
    if len(rests) == len(POLICIES) and not woken:
        return [policy for policy in POLICIES if rests[policy] & moved]
    return [
        policy
        for policy in POLICIES
        if policy.name in woken
        or (rests[policy] & moved if policy in rests else not policy.reads.isdisjoint(changed))
    ]


def pinned(order: Order, book: Book) -> tuple[Terms, bool]:
    """The terms that the order lives under, and whether it pinned them just now.

    Raises Refused where there are none for its seller, TermsError for a day outside them.
    """
    state, pin = order.state, order.pinned
    chosen, edition = edition_of(order, state, book)
    terms = book.terms(edition)
    _under(state, terms)
    state.book = book
    if pin is not None and (pin.seller, pin.marketplace, pin.day) == chosen:
        return terms, False
    order.pin(edition.hash, *chosen)
    return terms, True


def _under(state: OrderState, terms: Terms) -> None:
    """From here on the order is asked under these terms."""
    if terms is not state.terms:
        state.rests.clear()
    state.terms, state.book, state.kind = terms, None, kind_of(state.order.customer, terms)


def as_of(order: Order, book: Book, at: datetime, known_at: datetime) -> list[AnyOutcome]:
    """What is owed at `at`, as known at `known_at`: the policies over the facts recorded by then.

    Empty where the order had not been placed.
    """
    state = true_then(order, at, known_at)
    return [item for _, item in owed(order, state, book, at)]


def true_then(order: Order, at: datetime, known_at: datetime) -> OrderState:
    """The order at `at`, as known at `known_at`: its facts that had happened and were recorded.

    A retraction counts once it is known, whatever the day it is about: what it took back was not
    true at any time.
    """
    known = [told for told in order.retractions if told.recorded_at <= known_at]
    void = taken_back(known)
    facts = [
        told
        for told in order.facts
        if told.recorded_at <= known_at and told.at <= at and (told.source, told.id) not in void
    ]
    return OrderState(facts, id=order.subject)


def causes(order: Order, book: Book, policy: str, item: AnyOutcome) -> list[Told[Any]]:
    """The facts without which an outcome would not stand as it does, in order of their time.

    Each is left out in turn and its policy asked again: what was told twice over is not among them.
    """
    void = taken_back(order.retractions)
    known = [told for told in order.facts[: order.folded] if (told.source, told.id) not in void]
    asked = [one for one in POLICIES if policy in (one.name, SETTLEMENT)]
    return [
        left_out for left_out in known if item not in _without(left_out, known, order, book, asked)
    ]


def _without(
    left_out: Told[Any], known: Iterable[Told[Any]], order: Order, book: Book,
    policies: Iterable[Policy],
) -> list[AnyOutcome]:  # fmt: skip
    state = OrderState((told for told in known if told is not left_out), id=order.subject)
    return [item for _, item in owed(order, state, book, order.clock, policies)]


def owed(
    order: Order, state: OrderState, book: Book, at: datetime,
    policies: Iterable[Policy] = POLICIES,
) -> list[tuple[str, AnyOutcome]]:  # fmt: skip
    """(policy, outcome): what these, and the settlement after them, say of an order in this state.

    Under the edition that it pinned for such a contract, else today's; empty until it was placed.
    """
    if state.data is None:
        return []
    return owed_under(state, book.terms(edition_of(order, state, book)[1]), at, policies)


def owed_under(
    state: OrderState, terms: Terms, at: datetime, policies: Iterable[Policy] = POLICIES
) -> list[tuple[str, AnyOutcome]]:
    """The same under these terms, whichever the order pinned."""
    _under(state, terms)
    found: list[tuple[str, AnyOutcome]] = [
        (policy.name, item)
        for policy in policies
        if policy.concerns(state, terms)
        for item in policy(state, terms, at)
    ]
    refunds = [item for _, item in found if isinstance(item, Refund)]
    return [*found, *((SETTLEMENT, item) for item in settlement(state, refunds))]


def edition_of(order: Order, state: OrderState, book: Book) -> tuple[Choice, Edition]:
    """The edition for the order as this state has it: the one that it pinned, where it did."""
    chosen = (order.id.split("/", 1)[0], state.order.marketplace, day_of(state.placed_at))
    known = order.editions.get(chosen)
    return chosen, book.edition(*chosen) if known is None else book.pinned(known, *chosen)
