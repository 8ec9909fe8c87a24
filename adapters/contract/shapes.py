"""What the outcomes on `villkor.outcomes` carry: the data of each kind, as other programs read it.

Amounts are decimal numbers in the order's currency, times ISO 8601 in UTC. A field that has nothing
to say is absent.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from domain.outcomes import Effect, Party, State, Vat

DAY = "^\\d{4}-\\d{2}-\\d{2}$"
INSTANT = "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$"
NUMBER = {"type": "number"}
Amount = Annotated[
    Decimal, Meta(description="a decimal number in the order's currency", extra_json_schema=NUMBER)
]
Number = Annotated[Decimal, Meta(extra_json_schema=NUMBER)]
INPUT = {"type": ["string", "number", "boolean", "null"]}
Day = Annotated[date, Meta(extra_json_schema={"pattern": DAY})]
Instant = Annotated[datetime, Meta(extra_json_schema={"pattern": INSTANT})]
Due = Annotated[
    str,
    Meta(pattern=f"{DAY}|{INSTANT}", description="a day, to its end in Stockholm; or an instant"),
]
SOURCE = "villkor:outcomes"
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217, of all amounts here")]


class Part(Struct, frozen=True):
    """A term of a sum; deductions are negative."""

    label: str
    amount: Amount


class Reading(Struct, frozen=True):
    """An open question of the terms, and how it was read."""

    reading: str
    option: str


class Statute(Struct, frozen=True):
    """A law at work: it applies, or bounds, caps or strikes what the terms say."""

    reference: str
    effect: Effect


class Beaten(Struct, frozen=True):
    """A candidate that fell: the clause or reference, its value, and why."""

    name: str
    value: str
    why: str


class Words(Struct, frozen=True):
    """The same in English and in Swedish."""

    en: str
    sv: str


class Because(Struct, frozen=True):
    """Why: the rule, its clauses and readings, the law, what went in, and what fell."""

    rule: str
    clauses: tuple[str, ...]
    inputs: Annotated[dict[str, Any], Meta(extra_json_schema={"additionalProperties": INPUT})]
    steps: tuple[Part, ...]
    readings: tuple[Reading, ...]
    statutes: tuple[Statute, ...]
    beaten: tuple[Beaten, ...]


class Cause(Struct, frozen=True, omit_defaults=True):
    """What made it so: a fact, as event `version` of the order and as the message (`source`, `id`),
    or the clock."""

    by: Literal["fact", "clock"]
    version: int | None = None
    source: str | None = None
    id: str | None = None


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the data of every outcome have.

    `key` names it within its order as long as it stands; `version` is its place among the order's
    events; `policy` decided it under the rules with the digest `rules`. `of_fact` is the id of the
    fact that gave rise to it, where a parcel, line, RMA or invoice may have several of the kind.
    """

    key: str
    version: int
    currency: Currency
    parcel: str | None = None
    line: str | None = None
    rma: str | None = None
    invoice: str | None = None
    of_fact: str | None = None
    explanation: Words
    arithmetic: Words | None = None
    because: Because
    cause: Cause
    policy: str
    rules: str


class FeeStood(Struct, frozen=True):
    """What stood before."""

    amount: Amount
    vat: Vat


class Fee(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """What the customer owes beside the price; `change` is what this event adds to it."""

    kind: str
    amount: Amount
    vat: Vat
    change: Amount
    before: FeeStood | None = None


class RefundStood(Struct, frozen=True, omit_defaults=True):
    """What stood before."""

    amount: Amount
    breakdown: tuple[Part, ...]
    means: str
    withheld: bool
    due: Day | None = None
    withheld_until: str | None = None


class Refund(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """What the seller owes back; `change` is what this event adds to it.

    While `withheld` it is not to be paid: until what `withheld_until` says.
    """

    kind: str
    amount: Amount
    breakdown: tuple[Part, ...]
    means: str
    withheld: bool
    due: Day | None = None
    withheld_until: str | None = None
    change: Amount
    before: RefundStood | None = None


class DeadlineStood(Struct, frozen=True):
    """What stood before."""

    due: Due
    party: Party
    state: State
    amount: Amount


class Deadline(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """By when `party` must act: to the end of a day, or an instant; late from `lapses_at` on.

    `amount` is the money at risk.
    """

    kind: str
    due: Due
    lapses_at: Instant
    party: Party
    state: State
    amount: Amount
    before: DeadlineStood | None = None


class RulingStood(Struct, frozen=True, omit_defaults=True):
    """What stood before."""

    decision: Literal["accepted", "refused", "pending"]
    reasons: tuple[str, ...]
    amount: Amount | None = None


class Ruling(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a request, or to the order itself; `amount` is what a partner pays."""

    about: str
    decision: Literal["accepted", "refused", "pending"]
    reasons: tuple[str, ...]
    amount: Amount | None = None
    before: RulingStood | None = None


class Bounds(Struct, frozen=True):
    """Between what a person may decide, both inclusive: an amount, or per cent of the price."""

    unit: Literal["amount", "percent"]
    least: Number
    most: Number


class DecisionStood(Struct, frozen=True, omit_defaults=True):
    """What stood before."""

    choices: tuple[str, ...]
    bounds: Bounds | None = None


class DecisionNeeded(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """The terms leave it to a person: the choices, and the bounds."""

    about: str
    choices: tuple[str, ...]
    bounds: Bounds | None = None
    before: DecisionStood | None = None


class ReplacementStood(Struct, frozen=True):
    """What stood before."""

    lines: tuple[str, ...]


class Replacement(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """Goods that the seller must send anew, or repaired."""

    lines: tuple[str, ...]
    before: ReplacementStood | None = None


class WriteOffStood(Struct, frozen=True):
    """What stood before."""

    amount: Amount


class WriteOff(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """What of an invoice the customer need not pay; `change` is what this event adds to it."""

    amount: Amount
    change: Amount
    before: WriteOffStood | None = None


class CaseStood(Struct, frozen=True):
    """What stood before."""

    reason: str


class ClosedCase(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """An RMA that ended, with or without a result."""

    reason: str
    before: CaseStood | None = None


class Notice(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """What the seller must tell the customer, or confirm the receipt of."""

    about: str


class Block(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """Nothing may be delivered while this stands."""


AnyData = (
    Fee | Refund | Deadline | Ruling | DecisionNeeded | Replacement | WriteOff | ClosedCase
    | Notice | Block
)  # fmt: skip


class OutcomeEvent(Struct, frozen=True, kw_only=True):
    """An outcome as a CloudEvent 1.0 in structured mode.

    `subject` is the order, `time` the moment by the order's clock at which it was decided. `id` is
    the same however often the event is sent: seller, order and the event's version.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: Literal["villkor:outcomes"] = "villkor:outcomes"
    type: str
    subject: str
    time: Instant
    seller: str
    datacontenttype: Literal["application/json"] = "application/json"
    data: AnyData
