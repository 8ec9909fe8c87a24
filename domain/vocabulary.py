"""Every type of fact, in the order in which facts of one instant fold, and by its name."""

from domain.acts import ACTS
from domain.between import NotificationFeeCharged, OrderJoined
from domain.facts import (
    AccountSettled, AvailableForCollection, CancellationConfirmed, CancellationRequested,
    Collected, CollectionStarted, ComplaintAssessed, ComplaintReported, ConsentReminderSent,
    ConsentRequested, CreditLimitExceeded, DamageReported, Delivered, DeliveryAttempted,
    DeliveryFailed, DiscrepancyReported, DiscretionExercised, Effectuated, ForceMajeureEnded,
    ForceMajeureStarted, InTransit, InspectionCompleted, InvoiceIssued, InvoiceOverdue,
    LineStruck, OrderChangeRequested, OrderChanged, OrderConfirmed, OrderPlaced, ParcelReturned,
    PaymentReceived, PersonalDataRequest, PriceChanged, PriceErrorFound,
    PurchaseGuaranteeClaimed, PurchaseGuaranteeRegistered, RefundPaid, RemedyChosen,
    ReminderSent, ReplacementShipped, RescissionDeclared, Reshipped, Retracted, ReturnAssessed,
    ReturnReceived, ReturnSent, RmaIssued, RmaReceived, RmaRequested, ShipmentLost, Shipped,
    Unclaimed, WithdrawalAssessed, WithdrawalNotified,
)  # fmt: skip
from domain.fields import Value

FACTS: tuple[type[Value], ...] = (
    OrderPlaced, OrderConfirmed, OrderChangeRequested, OrderChanged, CancellationRequested,
    CancellationConfirmed, Effectuated, LineStruck, PriceChanged, PriceErrorFound, InvoiceIssued,
    PaymentReceived, RefundPaid, ReminderSent, CollectionStarted, Shipped, InTransit,
    DeliveryAttempted, DeliveryFailed, AvailableForCollection, Collected, Delivered, Unclaimed,
    ParcelReturned, Reshipped, ShipmentLost, DamageReported, DiscrepancyReported,
    WithdrawalNotified, WithdrawalAssessed, ReturnSent, ReturnReceived, ReturnAssessed,
    ComplaintReported, RmaRequested, RmaIssued, RmaReceived, InspectionCompleted,
    ComplaintAssessed, RemedyChosen, ReplacementShipped, RescissionDeclared, ForceMajeureStarted,
    ForceMajeureEnded, PurchaseGuaranteeRegistered, PurchaseGuaranteeClaimed, CreditLimitExceeded,
    InvoiceOverdue, AccountSettled, OrderJoined, NotificationFeeCharged, DiscretionExercised,
    ConsentRequested, ConsentReminderSent, Retracted, PersonalDataRequest,
)  # fmt: skip
RANK: dict[type[Value], int] = {fact: rank for rank, fact in enumerate((*FACTS, *ACTS))}
"""Facts of one instant fold in this order (FACTS.md section 3); acts of people come last."""
BY_NAME: dict[str, type[Value]] = {fact.__name__: fact for fact in (*FACTS, *ACTS)}
