"""What an answered report or complaint waits for, and of whom: pictures, goods, a remedy.

As far as the rulings and the facts say it; where they do not, nothing is said.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from domain.facts import (
    LineStruck, RemedyChosen, ReplacementShipped, RescissionDeclared, ReturnReceived, RmaReceived,
    WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import (
    AnyOutcome, Deadline, DecisionNeeded, Information, Party, Refund, Replacement, Ruling,
)  # fmt: skip
from domain.policies.claims import case_lines
from domain.state import OrderState, Told
from domain.words import lines

Fact = TypeVar("Fact", RemedyChosen, ReplacementShipped)
NO_DAY = "no day is set"
NOT_CHOSEN = f"{NO_DAY}, as the remedy is not chosen yet"
NOT_SETTLED = f"{NO_DAY}, as it is not settled how much"
NOT_THERE = f"{NO_DAY}, and no message says that the goods came"
AWAITED: dict[str, tuple[Party, str]] = {
    "damage.evidence": ("customer", "send pictures of the damage to {goods}"),
    "damage.carrier_case": ("customer", "give the carrier's number for the damage to {goods}"),
    "damage.seller_not_told": ("customer", "report the damage to {goods} to the seller too"),
    "discrepancy.evidence": ("customer", "send pictures of what came instead of {goods}"),
    "complaint.evidence": ("customer", "send pictures or a video of the fault of {goods}"),
    "complaint.description": ("customer", "describe the fault of {goods} so that it is understood"),
    "complaint.open": ("seller", "examine {goods}"),
    "warranty.evidence": ("customer", "send pictures or a video of the fault of {goods}"),
    "warranty.open": ("seller", "examine {goods}"),
}
"""Rule of a pending ruling -> who is to do what."""
CLAIMS = ("damage", "discrepancy", "complaint", "warranty")
OPEN = ("complaint.open", "warranty.open")


class Awaited(NamedTuple):
    """What a party is to do because of an outcome; `note` says what there is beside its day."""

    item: AnyOutcome
    party: Party
    does: str
    note: str = NO_DAY


def awaited(outcomes: Sequence[AnyOutcome], state: OrderState) -> Iterator[Awaited]:
    """Of pending rulings what they wait for, of accepted ones a remedy that nothing gives yet."""
    waited = _under_way(outcomes, state)
    to_send = {
        item.line: item for item in outcomes
        if isinstance(item, Information) and item.about == "return_instructions"
        and item.line is not None and item.line not in waited
    }  # fmt: skip
    for line, item in to_send.items():
        yield Awaited(item, "customer", f"send {goods_of(state, [line])} back")
    settled = _settled(outcomes, state)
    waits = waited | set(to_send)
    for ruling in outcomes:
        if not isinstance(ruling, Ruling) or ruling.about not in CLAIMS:
            continue
        if ruling.decision == "pending":
            yield from _pending(ruling, state, waits)
        elif ruling.decision == "accepted":
            rest = [line for line in ruling.because.lines if line not in settled]
            settled.update(rest)
            yield from _unremedied(ruling, state, rest)


def goods_of(state: OrderState, some: Sequence[str]) -> str:
    """Lines of an order as their goods are called."""
    names = {line.line: line.name for line in state.lines.values()}
    return lines(", ".join(some), "", names, "en")


def _pending(ruling: Ruling, state: OrderState, waits: set[str]) -> Iterator[Awaited]:
    """What keeps an answer waiting. Nobody examines what the customer is to send first."""
    told, is_open = AWAITED.get(ruling.because.rule), ruling.because.rule in OPEN
    own = ruling.because.lines
    if told is None or (is_open and waits.issuperset(own)):
        return
    party, does = told
    note = NOT_THERE if is_open and not _came(state).issuperset(own) else NO_DAY
    yield Awaited(ruling, party, does.format(goods=goods_of(state, own)), note)


def _unremedied(ruling: Ruling, state: OrderState, rest: Sequence[str]) -> Iterator[Awaited]:
    """What is to come of an accepted claim on lines for which nothing is owed by an outcome."""
    for line in rest:
        goods, chosen = goods_of(state, [line]), _last(state.all(RemedyChosen), state, line)
        remedy = None if chosen is None else chosen.fact.remedy
        if chosen is None:
            yield Awaited(ruling, "seller", f"put right what is wrong with {goods}", NOT_CHOSEN)
        elif remedy == "repair" and _last(state.all(ReplacementShipped), state, line) is None:
            yield Awaited(ruling, "seller", f"repair {goods}")
        elif remedy == "price_reduction" and chosen.fact.amount is None:
            yield Awaited(
                ruling, "seller", f"give back a part of the price of {goods}", NOT_SETTLED
            )


def _last(told: Sequence[Told[Fact]], state: OrderState, line: str) -> Told[Fact] | None:
    """The last of them that is about a line."""
    return next((one for one in reversed(told) if line in state.named(one.fact.lines)), None)


def _settled(outcomes: Sequence[AnyOutcome], state: OrderState) -> set[str]:
    """Lines for which something is owed or asked already, and those that were given up."""
    found: set[str] = set()
    for item in outcomes:
        if isinstance(item, Replacement):
            found.update(item.lines)
        elif (isinstance(item, Refund) and item.kind == "complaint") or (
            isinstance(item, DecisionNeeded) and item.about == "warranty"
        ):
            found.update(item.because.lines)
    left = [told.fact.lines for told in state.all(WithdrawalNotified)]
    left += [told.fact.lines for told in state.all(RescissionDeclared)]
    found.update(line for some in left for line in state.named(some))
    return found | {told.fact.line for told in state.all(LineStruck)}


def _under_way(outcomes: Sequence[AnyOutcome], state: OrderState) -> set[str]:
    """Lines of RMAs whose goods are to arrive by a day: that is a deadline of its own."""
    return {
        line for item in outcomes
        if isinstance(item, Deadline) and item.kind == "rma_arrival" and item.state == "open"
        and item.rma in state.rmas
        for line in case_lines(state, state.rmas[item.rma])
    }  # fmt: skip


def _came(state: OrderState) -> set[str]:
    """Lines that came to the seller."""
    came = {line for told in state.all(ReturnReceived) for line in state.named(told.fact.lines)}
    for rma in state.rmas.values():
        if rma.all(RmaReceived):
            came.update(case_lines(state, rma))
    return came
