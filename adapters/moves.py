"""Whose move it is on an order: what is late, what is to be done, what may be done, what runs.

All of it as of the moment of an answer. Beside the deadlines that are to be met there are debts and
duties for which no day is set, and money that was not paid by its last day: late until it is paid.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from adapters.asking import Answer
from adapters.awaited import NO_DAY, awaited, goods_of
from adapters.deadlines import NOTHING_LOST, Nature, asked, by, does, due, nature_of, verb
from adapters.settling import balance, invoices_left, left_by_day, unpaid
from domain.facts import ReplacementShipped, ReturnReceived
from domain.money import kronor
from domain.outcomes import (
    Acknowledgement, AnyOutcome, Deadline, Information, Refund, Replacement, Ruling,
)  # fmt: skip
from domain.state import OrderState
from domain.words import word
from projections.posting_rules import ADVANCE, RECEIVABLE

UNTOLD = "no day is set, and no message says that it was done"
WITHHELD = "no day is set before the goods are back or on their way"
WITHDRAWN = ("withdrawal", "accepted")
KINDS_OF_DAMAGE = ("visible", "hidden")
ORDER = (Nature.DUTY, Nature.WISH, Nature.RIGHT, Nature.RUNS)
FOR_MONEY = {"refund": "pay back", "payment": "pay"}


@dataclass(slots=True, frozen=True, kw_only=True)
class Move:
    """Something that waits; `amount` is what is to be paid or at risk, in öre.

    `item` is the outcome behind it, None of a debt that several make; `about` has the goods, the
    parcel, RMA or invoice that it is about. `note` is what there is to say beside its day.
    """

    nature: Nature
    party: str
    kind: str
    does: str
    amount: int = 0
    currency: str = "SEK"
    item: AnyOutcome | None = None
    about: str = ""
    due: date | datetime | None = None
    lapses_at: datetime | None = None
    is_late: bool = False
    note: str = ""

    @property
    def subject(self) -> str:
        return "" if self.item is None else self.item.subject

    @property
    def is_money(self) -> bool:
        """Whether the amount is to be paid, and not only at risk."""
        return self.kind in FOR_MONEY

    @property
    def asks(self) -> str:
        """`is to pay back 8990.00 SEK`, `may withdraw from the purchase`."""
        return f"{verb(self.party, self.nature)} {self.does}"

    @property
    def by(self) -> str:
        """The word before its day."""
        return by(self.kind, self.nature)

    @property
    def words(self) -> str:
        """All of it in a sentence, without its full stop."""
        if self.nature == Nature.RUNS and isinstance(self.item, Deadline):
            return asked(self.item)
        said = f"The {self.party} {self.asks}"
        said += f" {self.by} {due(self.due)}" if self.due else ""
        return f"{said} ({self.note})" if self.note else said


def moves(found: Answer) -> list[Move]:
    """What is late first; then what is to be done, is asked for, may be done, and what only runs,
    each by its day; what has none comes behind.
    """
    gone = _back_again(found)
    dated = [
        _dated(item, found) for item in found.outcomes
        if isinstance(item, Deadline) and item.state == "open" and item.kind not in FOR_MONEY
        and not _is_of(item, gone, found)
    ]  # fmt: skip
    dated += _paid_by_a_day(found)
    every = [*dated, *_debts(found, dated), *_duties(found), *_awaited(found)]
    every.sort(key=lambda one: (not one.is_late, ORDER.index(one.nature), _place(one.lapses_at)))
    return every


def _back_again(found: Answer) -> set[str]:
    """Lines that the customer withdrew from, and that came back: their rights are used up."""
    if not any(isinstance(item, Ruling) and (item.about, item.decision) == WITHDRAWN
               for item in found.outcomes):  # fmt: skip
        return set()
    state = found.state
    return {line for told in state.all(ReturnReceived) for line in state.named(told.fact.lines)}


def _is_of(item: Deadline, gone: set[str], found: Answer) -> bool:
    """Whether a deadline that is no duty is about those lines, and no others."""
    if not gone or nature_of(item.kind) == Nature.DUTY:
        return False
    if item.line:
        return item.line in gone
    parcel = found.state.parcels.get(item.parcel or "")
    return gone >= set((parcel.lines if parcel else ()) or found.state.lines)


def _place(at: datetime | None) -> tuple[bool, float]:
    return at is None, 0 if at is None else at.timestamp()


def _dated(item: Deadline, found: Answer) -> Move:
    nature, currency = nature_of(item.kind, item.because.rule), found.row["currency"]
    return Move(
        nature=nature, party=item.party, kind=item.kind, amount=item.amount, currency=currency,
        does=_paid(item.kind, item.amount, currency) or does(item.kind), item=item, due=item.due,
        about=_about(item, found.state), lapses_at=item.lapses_at, note=_note(item, nature),
    )  # fmt: skip


def _note(item: Deadline, nature: Nature) -> str:
    """That a wish loses nothing, and what binds in its place."""
    if nature != Nature.WISH:
        return ""
    binding = item.because.inputs.get("binding")
    return f"{NOTHING_LOST}; in time until {binding} at least" if binding else NOTHING_LOST


def _about(item: AnyOutcome, state: OrderState) -> str:
    if item.line:
        return goods_of(state, [item.line])
    named = (("parcel", item.parcel), ("RMA", item.rma), ("invoice", item.invoice))
    said = next((f"{word} {name}" for word, name in named if name), "")
    return f"{said}, {item.cause}" if item.cause in KINDS_OF_DAMAGE else said


def _paid(kind: str, amount: int, currency: str) -> str:
    """`pay back 8990.00 SEK`; '' where nothing is paid."""
    return f"{FOR_MONEY[kind]} {kronor(amount)} {currency}" if kind in FOR_MONEY else ""


def _paid_by_a_day(found: Answer) -> Iterator[Move]:
    """Money that is to be paid by a day, or was not paid by its last, as far as it is unpaid."""
    for item, left in left_by_day(found):
        if left > 0:
            yield _of_money(item, left, found)
    owes = balance(found, RECEIVABLE)
    for item, left in invoices_left(found):
        if item.state == "lapsed":
            left = min(left, owes)
            owes -= left
        if left > 0:
            yield _of_money(item, left, found)


def _of_money(item: Deadline, left: int, found: Answer) -> Move:
    one = _dated(item, found)
    words = _paid(item.kind, left, one.currency)
    return replace(one, amount=left, does=words, is_late=item.state == "lapsed")


def set_off(found: Answer) -> int | None:
    """What the customer owes, in öre, once refunds are set off against it.

    None where money was paid back, or is to be: then none, or not all, was set off.
    """
    if found.row["repaid"] or balance(found, ADVANCE):
        return None
    return balance(found, RECEIVABLE)


def _debts(found: Answer, dated: Sequence[Move]) -> Iterator[Move]:
    """What either owes beyond what is to be paid by a day."""
    known = {kind: sum(one.amount for one in dated if one.kind == kind) for kind in FOR_MONEY}
    withheld = any(isinstance(item, Refund) and item.withheld for item in found.outcomes)
    for currency, accounts in found.balances.items():
        back = unpaid(found) - known["refund"]
        owes = accounts.get(RECEIVABLE, 0) - known["payment"]
        for kind, party, left in (("payment", "customer", owes), ("refund", "seller", back)):
            if left > 0:
                yield Move(
                    nature=Nature.DUTY, party=party, kind=kind, amount=left, currency=currency,
                    does=_paid(kind, left, currency),
                    note=WITHHELD if withheld and kind == "refund" else NO_DAY,
                )  # fmt: skip


def _duties(found: Answer) -> Iterator[Move]:
    """What the seller is to send, to confirm and to tell, for which no day is set."""
    for item in found.outcomes:
        said, note, kind = "", UNTOLD, getattr(item, "about", "replacement")
        if isinstance(item, Replacement):
            rest = _unsent(found.state, item)
            said, note = f"send {goods_of(found.state, rest)} anew" if rest else "", NO_DAY
        elif isinstance(item, Acknowledgement):
            said = f"confirm that the {word(item.about)} came"
        elif isinstance(item, Information):
            said = f"tell the customer: {word(item.about)}"
        if said:
            yield Move(
                nature=Nature.DUTY, party="seller", kind=kind, does=said, item=item,
                about=_about(item, found.state), currency=found.row["currency"], note=note,
            )  # fmt: skip


def _unsent(state: OrderState, item: Replacement) -> list[str]:
    """The lines of which no replacement was sent yet."""
    sent = {line for told in state.all(ReplacementShipped) for line in state.named(told.fact.lines)}
    return [line for line in item.lines if line not in sent]


def _awaited(found: Answer) -> Iterator[Move]:
    """What answers to reports and complaints wait for."""
    for one in awaited(found.outcomes, found.state):
        yield Move(
            nature=Nature.DUTY, party=one.party, kind=getattr(one.item, "about", ""),
            does=one.does, item=one.item, currency=found.row["currency"], note=one.note,
        )  # fmt: skip
