"""The facts of FACTS.md section 3: what happened outside, as lean values.

They are the contract of the wire and the domain's own: pydantic reads a message into them, and
nothing validates it again. A field is required where the fact means nothing without it.
"""

from dataclasses import dataclass
from typing import Literal

from domain.fields import (
    Amount, Code, Day, Finding, Lines, Moment, Name, NewLines, OrderData, Percent, PersonalText,
    Quantity, RmaKind, Sessions, SomeLines, Value,
)  # fmt: skip


@dataclass(slots=True, frozen=True, kw_only=True)
class OrderPlaced(OrderData):
    lines: NewLines


@dataclass(slots=True, frozen=True, kw_only=True)
class OrderConfirmed(OrderData):
    """Makes the order binding; carries it whole where no `OrderPlaced` came before."""

    lines: SomeLines = ()


@dataclass(slots=True, frozen=True, kw_only=True)
class OrderChangeRequested(Value):
    lines: NewLines
    prices_at: Moment | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class OrderChanged(Value):
    lines: NewLines
    prices_at: Moment | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class CancellationRequested(Value):
    channel: Literal["email", "phone", "web"] | None = None
    lines: Lines | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class CancellationConfirmed(Value):
    pass


@dataclass(slots=True, frozen=True, kw_only=True)
class Effectuated(Value):
    what: Literal["picked", "packed", "invoice", "freight_document"] | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class LineStruck(Value):
    line: Name
    reason: Code | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class PriceChanged(Value):
    line: Name
    unit_price: Amount
    notified_at: Moment | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class PriceErrorFound(Value):
    line: Name
    unit_price: Amount
    notified_at: Moment | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class InvoiceIssued(Value):
    invoice: Name
    amount: Amount
    due: Day | None = None
    minimum: Amount | None = None
    vat: Literal["included", "excluded"] | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class PaymentReceived(Value):
    amount: Amount
    invoice: Name | None = None
    vat: Literal["included", "excluded"] | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class RefundPaid(Value):
    """`refund` names the refund by its kind, or by kind and subject (`withdrawal:m7`)."""

    amount: Amount
    refund: Name | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ReminderSent(Value):
    invoice: Name


@dataclass(slots=True, frozen=True, kw_only=True)
class CollectionStarted(Value):
    invoice: Name


@dataclass(slots=True, frozen=True, kw_only=True)
class Shipped(Value):
    """`tracking` absent: untracked; `lines` absent: all that were not shipped before."""

    parcel: Name
    carrier: Name | None = None
    tracking: Name | None = None
    lines: Lines | None = None
    cost: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class InTransit(Value):
    parcel: Name
    reason: PersonalText = None
    cost: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class DeliveryAttempted(Value):
    parcel: Name
    reason: Literal["wrong_address", "nobody_home", "refused"] | None = None
    cost: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class DeliveryFailed(Value):
    parcel: Name
    reason: Literal["wrong_address", "nobody_home", "refused"] | None = None
    cost: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class AvailableForCollection(Value):
    parcel: Name
    until: Day | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Collected(Value):
    parcel: Name
    lines: Lines | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Delivered(Value):
    """`parcel` absent: what came in none, a download."""

    parcel: Name | None = None
    lines: Lines | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Unclaimed(Value):
    parcel: Name


@dataclass(slots=True, frozen=True, kw_only=True)
class ParcelReturned(Value):
    parcel: Name
    return_cost: Amount | None = None
    other_cost: Amount | None = None
    toll: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Reshipped(Value):
    parcel: Name
    freight: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ShipmentLost(Value):
    parcel: Name


@dataclass(slots=True, frozen=True, kw_only=True)
class DamageReported(Value):
    parcel: Name | None = None
    lines: Lines | None = None
    visibility: Literal["visible", "hidden"] | None = None
    to: Literal["carrier", "seller"] | None = None
    evidence: tuple[Code, ...] = ()
    carrier_case: Name | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class DiscrepancyReported(Value):
    kind: Literal["missing", "wrong_item"]
    lines: Lines | None = None
    evidence: tuple[Code, ...] = ()


@dataclass(slots=True, frozen=True, kw_only=True)
class WithdrawalNotified(Value):
    lines: Lines | None = None
    quantity: Quantity | None = None
    channel: Literal["email", "phone", "web", "letter", "withdrawal_function"] | None = None
    form: bool | None = None
    statement: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class WithdrawalAssessed(Value):
    accepted: bool


@dataclass(slots=True, frozen=True, kw_only=True)
class ReturnSent(Value):
    lines: Lines | None = None
    proof: bool | None = None
    label: Literal["own", "prepaid"] | None = None
    label_cost: Amount | None = None
    to: Literal["seller", "agent", "other_seller"] | None = None
    from_country: str | None = None
    message: bool | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ReturnReceived(Value):
    lines: Lines | None = None
    packaging: Literal["ok", "damaged", "envelope"] | None = None
    original_packaging: bool | None = None
    complete: bool | None = None
    marked: bool | None = None
    seal_broken: bool | None = None
    forwarding_cost: Amount | None = None
    customs_cost: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ReturnAssessed(Value):
    lines: Lines | None = None
    approved: bool | None = None
    value_loss_percent: Percent | None = None
    cause: Literal["excess_handling", "inspection", "damage"] | None = None
    day_price: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ComplaintReported(Value):
    lines: Lines | None = None
    fault: PersonalText = None
    found_at: Moment | None = None
    description_ok: bool | None = None
    evidence: tuple[Code, ...] = ()


@dataclass(slots=True, frozen=True, kw_only=True)
class RmaRequested(Value):
    rma: Name
    kind: RmaKind | None = None
    lines: Lines | None = None
    quantity: Quantity | None = None
    model: str | None = None
    serial: PersonalText = None
    fault: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class RmaIssued(Value):
    rma: Name
    kind: RmaKind | None = None
    lines: Lines | None = None
    quantity: Quantity | None = None
    model: str | None = None
    serial: PersonalText = None
    fault: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class RmaReceived(Value):
    """`rma` absent: goods that came without a number."""

    rma: Name | None = None
    marked: bool | None = None
    packaging: Literal["ok", "damaged", "envelope"] | None = None
    complete: bool | None = None
    to: Literal["seller", "agent"] | None = None
    freight_paid_by_customer: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class InspectionCompleted(Value):
    """Without lines it speaks of the system around the item; minutes are whole, one a session."""

    rma: Name
    lines: Lines | None = None
    result: Finding
    technician_minutes: Sessions = ()
    partner_cost: Amount | None = None
    freight: Amount | None = None
    sent_abroad: bool | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ComplaintAssessed(Value):
    lines: Lines | None = None
    approved: bool


@dataclass(slots=True, frozen=True, kw_only=True)
class RemedyChosen(Value):
    lines: Lines | None = None
    remedy: Literal["repair", "replacement", "refund", "price_reduction", "credit"]
    amount: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ReplacementShipped(Value):
    lines: Lines | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class RescissionDeclared(Value):
    lines: Lines | None = None
    ground: Literal["delay", "force_majeure", "defect"]
    by: Literal["customer", "seller"] = "customer"


@dataclass(slots=True, frozen=True, kw_only=True)
class ForceMajeureStarted(Value):
    pass


@dataclass(slots=True, frozen=True, kw_only=True)
class ForceMajeureEnded(Value):
    pass


@dataclass(slots=True, frozen=True, kw_only=True)
class PurchaseGuaranteeRegistered(Value):
    amount: Amount | None = None
    shipping: Amount | None = None
    direct_loss: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class PurchaseGuaranteeClaimed(Value):
    amount: Amount | None = None
    shipping: Amount | None = None
    direct_loss: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class CreditLimitExceeded(Value):
    pass


@dataclass(slots=True, frozen=True, kw_only=True)
class InvoiceOverdue(Value):
    pass


@dataclass(slots=True, frozen=True, kw_only=True)
class AccountSettled(Value):
    pass


@dataclass(slots=True, frozen=True, kw_only=True)
class DiscretionExercised(Value):
    about: Name
    decision: Name
    amount: Amount | None = None
    percent: Percent | None = None
    by: PersonalText = None
    reason: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ConsentRequested(Value):
    balance: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ConsentReminderSent(Value):
    balance: Amount | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Retracted(Value):
    """The message with the id `fact` was wrong; its source is this message's own unless given."""

    fact: Name
    fact_source: Name | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class PersonalDataRequest(Value):
    kind: Literal["access", "erasure"]
