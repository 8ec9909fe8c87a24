"""Orders as the API answers them; amounts are decimal kronor, times ISO 8601 in UTC."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.deadlines import Nature

EDITION = "45a848a8916b348163a8ae4ed12ebdd5e8dc8111ed5efd51c5a7d2935eed3395"


class Shape(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


def like(example: Any, description: str | None = None) -> Any:
    """A field that looks like this."""
    return Field(examples=[example], description=description)


class OrderRow(Shape):
    """An order as it stands, in a line."""

    seller: str = like("allectra")
    order: str = like("ALL-0004")
    status: str = like("returned")
    customer: str | None = like("c-3601")
    marketplace: str | None = like(None)
    cart: str | None = like(None)
    currency: str = like("SEK")
    placed_at: datetime | None = like("2026-08-25T13:24:00Z")
    goods: float = like(1490.00)
    freight: float = like(59.00)
    paid: float = like(1549.00)
    repaid: float = like(0.00)
    fees: float = like(445.00)
    refunds: float = like(0.00)
    open_decisions: int = like(0)
    next_deadline: str | None = like(None)
    next_deadline_at: datetime | None = like(None)
    last_event_at: datetime = like("2026-09-09T16:27:00Z")
    version: int = like(21)


class OrderPage(Shape):
    """A page of orders; `next` asks for the page behind it."""

    orders: list[OrderRow]
    next: str | None = like(None)


class Line(Shape):
    """A line of the order, and which parcels it is in; struck is what left the order again."""

    line: str = like("1")
    name: str | None = like("Solid state drive 1 TB")
    quantity: int = like(1)
    amount: float = like(1490.00)
    struck: bool = like(False)
    parcels: list[str] = like(["p1"])


class Parcel(Shape):
    """A parcel, and where it is."""

    parcel: str = like("p1")
    carrier: str | None = like("postnord")
    tracking: str | None = like("SE35546047044")
    status: str = like("returned")
    lines: list[str] = like(["1"])
    shipped_at: datetime | None = like("2026-08-26T14:19:00Z")
    available_at: datetime | None = like("2026-08-28T15:30:00Z")
    received_at: datetime | None = like(None)
    returned_at: datetime | None = like("2026-09-09T16:27:00Z")
    status_at: datetime = like("2026-09-09T16:27:00Z")


class OrderDeadline(Shape):
    """A deadline: whose move it is and until when; `amount` is the money at risk."""

    kind: str = like("complaint_period")
    subject: str = like("p1")
    due: str = like("2029-08-28", "A day, or an instant, as the term says.")
    lapses_at: datetime = like("2029-08-28T22:00:00Z", "From then on it is late.")
    party: str = like("customer")
    state: str = like("open", "open, met, lapsed or cancelled")
    amount: float = like(0.00)
    clauses: list[str] = like(["ALL-12.2-3"])
    settled_at: datetime | None = like(None)


NATURE = """duty (is to be done), wish (asked for; nothing is lost after it), right (may be used), \
or runs (nobody's move)."""


class Move(Shape):
    """Something that waits for somebody; what only runs is nobody's move."""

    nature: Nature = like("duty", NATURE)
    party: str = like("customer", "Whose move it is.")
    kind: str = like("payment")
    subject: str = like("")
    sentence: str = like("The customer is to pay 445.00 SEK (no day is set)")
    due: str | None = like(None, "A day, or an instant; null where none is set.")
    lapses_at: datetime | None = like(None, "From then on it is late.")
    late: bool = like(False, "Whether money was not paid by its last day, nor since.")
    amount: float = like(445.00, "The money to be paid, or at risk.")
    currency: str = like("SEK")


class Pin(Shape):
    """The edition of the terms, and since when the order has it; null where it had none then."""

    edition: str = like(EDITION)
    seller: str = like("allectra")
    marketplace: str | None = like(None)
    day: date = like("2026-08-25")
    pinned_at: datetime | None = like("2026-08-25T13:24:00Z")


class Worded(Shape):
    """The same in both languages."""

    en: str = like("Parcel p1 was not collected.")
    sv: str = like("Paketet p1 hämtades inte ut.")


class Outcome(Shape):
    """What is owed, due or answered; `name` asks for its explanation."""

    outcome: str = like("fee")
    name: str = like("unclaimed:p1")
    kind: str | None = like("unclaimed")
    subject: str = like("p1")
    amount: float | None = like(445.00)
    due: str | None = like(None)
    party: str | None = like(None, "Whose move it is.")
    state: str | None = like(None, "Of a deadline.")
    decision: str | None = like(None, "Of a ruling.")
    clauses: list[str] = like(["ALL-6.4-3", "ALL-6.5-5", "ALL-6.4-5"])
    sentence: Worded


class AccountBalance(Shape):
    """What is on an account for this order; debits positive."""

    currency: str = like("SEK")
    account: int = like(1510)
    name: str = like("Kundfordringar")
    balance: float = like(445.00)


class Asked(Shape):
    """An order, as of a moment and as known at another; null is now."""

    seller: str = like("allectra")
    order: str = like("ALL-0004")
    as_of: datetime | None = like(None)
    known_at: datetime | None = like(None)
    ahead: bool = like(False, "Whether it looks ahead of what was known.")


class Order(Asked):
    """An order as it stands, or stood; `raised` is what stood raised by what was recorded."""

    state: OrderRow
    lines: list[Line]
    parcels: list[Parcel]
    deadlines: list[OrderDeadline]
    moves: list[Move] = Field(
        description="Whose move it is, as of the moment: what is late first, then what is to be "
        "done by its day, also without one; then what may be done, and what only runs."
    )
    terms: Pin | None
    outcomes: list[Outcome]
    raised: list[Outcome]
    ledger: list[AccountBalance]


class Happened(Shape):
    """An event of an order; `at` when it happened, `recorded_at` when it became known."""

    version: int = like(20)
    at: datetime = like("2026-09-09T16:27:00Z")
    recorded_at: datetime = like("2026-09-09T16:27:00Z")
    type: str = like("ParcelReturned")
    sentence: str = like("Parcel p1 came back to the seller; the way back cost 95.00")
    source: str = like("/carriers/allectra")
    message: str | None = like("ALL-0004-8")
    kind: str | None = like(None)
    subject: str | None = like("p1")
    state: str | None = like(None)
    amount: float | None = like(95.00)
    due: str | None = like(None)
    whose: str | None = like(None)
    clauses: list[str] = like([])
    cause: int | None = like(None, "The version of the event that brought it about.")


class Timeline(Asked):
    """What happened, as it became known; as of a moment, the facts that count."""

    events: list[Happened]


class Clause(Shape):
    """A clause or statute, and what it says in our words."""

    id: str = like("ALL-6.4-3")
    says: str | None = like(
        "A package not collected is charged a fee of at least SEK 350 plus actual shipping."
    )


class Step(Shape):
    """A term of the sum that makes the amount."""

    label: str = like("floor")
    amount: float = like(350.00)


class ReadAs(Shape):
    """An open question of the terms, and how it was read."""

    reading: str = like("allectra-unclaimed-freight")
    option: str = like("return_leg")


class Effect(Shape):
    """A statute that was at work, and how: applies, bounded, capped or struck."""

    statute: str = like("KKL-7:7")
    effect: str = like("applies")


class Beaten(Shape):
    """A candidate that fell, what it said, and why it fell."""

    clause: str = like("ALL-6.4-3")
    value: str = like("200.00")
    why: str = like("DAL-2:14")


class Explanation(Outcome):
    """Why: for the customer in two languages, and the arithmetic and grounds for the auditor."""

    arithmetic: Worded | None = Field(
        examples=[{
            "en": "350.00 lowest fee + 95.00 return freight = 445.00",
            "sv": "350,00 kr lägsta avgift + 95,00 kr returfrakt = 445,00 kr",
        }]
    )  # fmt: skip
    steps: list[Step]
    rests_on: list[Clause]
    readings: list[ReadAs]
    statutes: list[Effect]
    beaten: list[Beaten]
    record: dict[str, Any] | None = Field(
        description="What `villkor explain --json` has as its record: the grounds by rank, where "
        "each figure is from, and the messages behind it. Null of another moment than now.",
        examples=[{"edition": EDITION, "raised": [
            {"at": "2026-09-06T15:56:00Z", "event": "FeeRaised"},
        ]}],
    )  # fmt: skip


class Explanations(Asked):
    """The outcomes of that name, kind or class."""

    explanations: list[Explanation]


class Moved(Shape):
    """An entry: money in and out, what was earned, and what the customer owes behind it."""

    partition: int = like(196)
    position: int = like(20)
    booked: date = like("2026-09-06")
    occurred: date = like("2026-09-06")
    period: str = like("2026-09")
    what: str = like("FeeRaised")
    currency: str = like("SEK")
    paid_in: float = like(0.00)
    repaid: float = like(0.00)
    earned: float = like(350.00)
    owed: float = like(350.00)


class Money(Shape):
    """Where the money is: banked = earned + owed to the customer - owed by the customer.

    As of a moment what had happened by then counts, also where it was booked later; `lines` has the
    entries that were booked by then.
    """

    currency: str = like("SEK")
    banked: float = like(1549.00, "What was paid in, less what was repaid.")
    paid_in: float | None = like(1549.00)
    repaid: float | None = like(0.00)
    earned: dict[str, float] = Field(
        description="By account, the tax on it by its own.",
        examples=[{"2611": 398.80, "3001": 1192.00, "3520": 47.20, "3590": 356.00}],
    )
    owed_by_customer: float = like(445.00)
    owed_to_customer: float = like(0.00)
    comes_to: float = like(0.00, "How far it is off: 0.00.")
    lines: list[Moved]


class OrderLedger(Asked):
    """The order's books."""

    currencies: list[Money]
