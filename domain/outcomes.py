"""What policies say is owed: fees, refunds, deadlines, rulings, and the rest of FACTS.md section 4.

An outcome is a value. Its `key` names it within its order whatever the order of arrival; the
aggregate compares what is owed with what stands and records the difference (`EVENTS`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from domain.calendar import lapses_at

Vat = Literal["included", "excluded", "none", "unspecified"]
Party = Literal["seller", "customer", "carrier"]
State = Literal["open", "met", "lapsed"]
Effect = Literal["applies", "bounded", "capped", "struck"]
LINES = ("line", "lines", "refused")
"""Inputs of a reason that name lines of the order, separated by commas."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Because:
    """Why: everything from which the explanation is rendered, and nothing rendered yet.

    `rule` names the sentence, `inputs` are its values (öre for amounts, ISO 8601 for times),
    `steps` are named amounts in öre that add up to the outcome's, `statutes` say which law
    was at work and how, `beaten` are candidates that fell: (clause or reference, value, why).
    """

    rule: str
    clauses: tuple[str, ...]
    inputs: dict[str, str | int | bool | None] = field(default_factory=dict)
    steps: tuple[tuple[str, int], ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()

    @property
    def lines(self) -> list[str]:
        """The lines of the order that its inputs name."""
        inputs = self.inputs
        named = [inputs[name] for name in LINES if name in inputs]
        return [line for one in named if isinstance(one, str) for line in one.split(", ") if line]


@dataclass(slots=True, frozen=True, kw_only=True)
class Outcome:
    """What every outcome has: its reason and what in the order it is about."""

    names: ClassVar[tuple[str, str, str]]
    """Event names: when it arises, when it changes, when it falls away."""

    because: Because
    parcel: str | None = None
    line: str | None = None
    rma: str | None = None
    invoice: str | None = None
    cause: str | None = None
    """The id of the fact that gave rise to it, where a subject may have several of the kind."""

    @property
    def subject(self) -> str:
        ref = self.parcel or self.line or self.rma or self.invoice or ""
        return f"{ref}#{self.cause}" if self.cause else ref


@dataclass(slots=True, frozen=True, kw_only=True)
class Fee(Outcome):
    """`amount` öre that the customer owes beside the price."""

    names = ("FeeRaised", "FeeAdjusted", "FeeReversed")
    kind: str
    amount: int
    vat: Vat

    @property
    def key(self) -> str:
        return f"fee {self.kind}:{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class Refund(Outcome):
    """`amount` öre that the seller owes back; `breakdown` adds up to it, deductions negative."""

    names = ("RefundDue", "RefundAdjusted", "RefundReversed")
    kind: str
    amount: int
    breakdown: tuple[tuple[str, int], ...]
    due: date | None = None
    means: str = "same"
    withheld: bool = False
    """While a condition stands (goods or proof of sending, DAL 2:14)."""
    withheld_until: str | None = None

    @property
    def key(self) -> str:
        return f"refund {self.kind}:{self.subject}"


NOBODYS = frozenset({"retention", "presumption", "force_majeure"})
"""Kinds of deadlines that only run: nobody has anything to do by their end."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Deadline(Outcome):
    """A day or instant by which `party` must act; `amount` is the money at risk, in öre."""

    names = ("DeadlineSet", "DeadlineMoved", "DeadlineCancelled")
    kind: str
    due: date | datetime
    party: Party
    state: State = "open"
    amount: int = 0

    @property
    def key(self) -> str:
        return f"deadline {self.kind}:{self.subject}"

    @property
    def lapses_at(self) -> datetime:
        return lapses_at(self.due)


@dataclass(slots=True, frozen=True, kw_only=True)
class Ruling(Outcome):
    """The answer to a request, or to the order itself."""

    names = ("Ruling", "Ruling", "RulingWithdrawn")
    about: str
    decision: Literal["accepted", "refused", "pending"]
    reasons: tuple[str, ...] = ()
    amount: int | None = None

    @property
    def key(self) -> str:
        return f"ruling {self.about}:{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class DecisionNeeded(Outcome):
    """The terms leave it to a person: the choices, and the bounds in öre or per cent."""

    names = ("DecisionNeeded", "DecisionNeeded", "DecisionSettled")
    about: str
    choices: tuple[str, ...]
    bounds: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        return f"decision {self.about}:{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class Replacement(Outcome):
    """Goods that the seller must send anew, or repaired."""

    names = ("ReplacementDue", "ReplacementDue", "ReplacementCancelled")
    lines: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"replacement :{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class WriteOff(Outcome):
    """`amount` öre of an invoice that the customer need not pay."""

    names = ("InvoiceWrittenOff", "InvoiceWrittenOff", "InvoiceReinstated")
    amount: int

    @property
    def key(self) -> str:
        return f"write_off :{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class ClosedCase(Outcome):
    """An RMA that ended, with or without a result."""

    names = ("CaseClosed", "CaseClosed", "CaseReopened")
    reason: str

    @property
    def key(self) -> str:
        return f"case :{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class Information(Outcome):
    """Something that the seller must tell the customer."""

    names = ("InformationDue", "InformationDue", "InformationWithdrawn")
    about: str

    @property
    def key(self) -> str:
        return f"information {self.about}:{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class Acknowledgement(Outcome):
    """A message whose receipt the seller must confirm (DAL 2:10, 2:10 a)."""

    names = ("AcknowledgementDue", "AcknowledgementDue", "AcknowledgementWithdrawn")
    about: str

    @property
    def key(self) -> str:
        return f"acknowledgement {self.about}:{self.subject}"


@dataclass(slots=True, frozen=True, kw_only=True)
class Block(Outcome):
    """Nothing may be delivered while this stands."""

    names = ("DeliveryBlocked", "DeliveryBlocked", "DeliveryReleased")

    @property
    def key(self) -> str:
        return f"block :{self.subject}"


AnyOutcome = (
    Fee | Refund | Deadline | Ruling | DecisionNeeded | Replacement | WriteOff | ClosedCase
    | Information | Acknowledgement | Block
)  # fmt: skip
OUTCOMES: tuple[type[AnyOutcome], ...] = (
    Fee, Refund, Deadline, Ruling, DecisionNeeded, Replacement, WriteOff, ClosedCase,
    Information, Acknowledgement, Block,
)  # fmt: skip


class Owed:
    """What one policy says is owed at a moment, and when its answer may next change by itself."""

    __slots__ = ("items", "wakes_at")

    def __init__(self) -> None:
        self.items: dict[str, AnyOutcome] = {}
        self.wakes_at: datetime | None = None

    def add(self, item: AnyOutcome) -> None:
        """One more outcome. An open deadline wakes its policy when it lapses."""
        key = item.key
        if key in self.items:
            raise ValueError(f"two outcomes of one policy are both called {key!r}")
        self.items[key] = item
        if isinstance(item, Deadline) and item.state == "open":
            self.again_at(item.lapses_at)

    def again_at(self, at: datetime) -> None:
        """The answer may change at `at` (later than the moment it was asked for)."""
        if self.wakes_at is None or at < self.wakes_at:
            self.wakes_at = at

    def __iter__(self) -> Iterator[AnyOutcome]:
        return iter(self.items.values())


def standing(due: date | datetime, met_at: datetime | None, now: datetime) -> State:
    """The state at `now` of a deadline that was met at `met_at`, if it was met by then."""
    late = lapses_at(due)
    if met_at is not None and met_at < late:
        return "met"
    return "lapsed" if now >= late else "open"
