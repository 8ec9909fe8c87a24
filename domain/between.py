"""The facts that orders and their customer tell each other, beside those from outside."""

from dataclasses import dataclass

from domain.fields import Name, Value


@dataclass(slots=True, frozen=True, kw_only=True)
class OrderJoined(Value):
    """An order says that it is the customer's; told to customers only."""

    order: Name


@dataclass(slots=True, frozen=True, kw_only=True)
class NotificationFeeCharged(Value):
    """An order of the customer, another one, carries a notification fee, on this invoice."""

    order: Name
    invoice: Name
