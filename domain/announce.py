"""What an order announces that counts across the orders of one customer: notification fees.

Orders never read orders. Whoever carries announcements tells each to the customer's other orders;
an earlier fee takes the place of a later one of the same month, so they settle in order of time.
"""

from domain.facts import InvoiceIssued, NotificationFeeCharged
from domain.order import Order
from domain.outcomes import Fee
from domain.state import Told

SOURCE = "customer"


def announced(order: Order) -> list[Told[NotificationFeeCharged]]:
    """The order's standing notification fees, as facts for the customer's other orders."""
    found = []
    for item in order.standing.get("credit", {}).values():
        if isinstance(item, Fee) and item.kind == "statement" and item.invoice is not None:
            issued = order.state.invoices[item.invoice].all(InvoiceIssued)[-1]
            fact = NotificationFeeCharged(order=order.id, invoice=item.invoice)
            told = f"{order.id}/{item.invoice}"
            found.append(Told(fact, issued.at, issued.recorded_at, SOURCE, told))
    return found
