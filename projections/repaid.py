"""What is left to be paid of refunds, once payments went to what they are for.

A payment goes to the refund that it names. What names none, and what is more than what it names,
goes to refunds that have a last day first, the oldest of them first. What is left of all together
is thus never more than the order's refunds less what was paid back.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from domain.facts import (
    CancellationRequested, RefundPaid, RescissionDeclared, ReturnReceived, WithdrawalNotified,
)  # fmt: skip
from domain.state import OrderState

DATED = frozenset({"withdrawal", "cancellation", "delay"})
"""The kinds of refunds that have a last day, where terms or statutes set one."""
ASKING = (WithdrawalNotified, CancellationRequested, RescissionDeclared, ReturnReceived)
"""The facts that ask for one: it is as old as they are."""


class AnyRefund(Protocol):
    """What an outcome and what stands of it (projections/stands.py) have alike; öre."""

    @property
    def kind(self) -> str: ...
    @property
    def amount(self) -> int: ...
    @property
    def parcel(self) -> str | None: ...
    @property
    def line(self) -> str | None: ...
    @property
    def rma(self) -> str | None: ...
    @property
    def cause(self) -> str | None: ...


R = TypeVar("R", bound=AnyRefund)


def oldest_first(refunds: Iterable[R], state: OrderState) -> list[R]:
    """Those that have a last day by when they were asked for, and then the others."""
    found = [told for kind in ASKING for told in state.by_type.get(kind, ())]
    found.sort(key=lambda told: told.place)
    age = {told.id: number for number, told in enumerate(found)}
    return sorted(
        refunds,
        key=lambda one: (one.kind not in DATED, age.get(one.cause or "", len(age)), one.kind,
                         one.cause or "", one.parcel or one.line or one.rma or ""),
    )  # fmt: skip


def rests(refunds: Sequence[AnyRefund], state: OrderState) -> list[int]:
    """What is left to be paid of each of these, the oldest first, in öre as their amounts are."""
    left, every, over = [one.amount for one in refunds], range(len(refunds)), 0
    for told in state.by_type.get(RefundPaid, ()):
        name = told.fact.refund
        named = [at for at in every if name is not None and is_named(refunds[at], name)]
        over += pay(left, named, told.fact.amount)
    pay(left, every, over)
    return left


def pay(left: list[int], places: Sequence[int], amount: int) -> int:
    """Pay what is left at these places, one after the other; what is over."""
    for at in places:
        part = min(amount, left[at])
        left[at] -= part
        amount -= part
    return amount


def left_of(refunds: Iterable[AnyRefund], state: OrderState) -> dict[str, int]:
    """Cause -> what is left to be paid of its refund that has a last day, in öre."""
    found, left = oldest_first(refunds, state), dict[str, int]()
    for refund, amount in zip(found, rests(found, state), strict=True):
        if refund.kind in DATED:
            left[refund.cause or ""] = left.get(refund.cause or "", 0) + amount
    return left


def cause_of(subject: str) -> str:
    """The cause of the refund that a deadline's subject names, as `left_of` has it."""
    return subject.partition("#")[2]


def is_named(refund: AnyRefund, name: str) -> bool:
    """Whether a payment's `kind` or `kind:subject` names it; a cause alone is a subject too."""
    kind, _, subject = name.partition(":")
    if kind != refund.kind or not subject:
        return kind == refund.kind
    about, cause = refund.parcel or refund.line or refund.rma or "", refund.cause or ""
    return subject in (about, cause, f"#{cause}", f"{about}#{cause}")
