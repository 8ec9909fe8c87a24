"""Messages for tests: CloudEvents as they come in."""

import json
from datetime import datetime, timedelta
from typing import Any

from adapters.messages import Message

START = datetime.fromisoformat("2024-03-04T10:00:00+01:00")


def message(
    type: str, seller: str, order: str, id: str, hours: float = 0, known: float | None = None,
    **data: Any,
) -> Message:  # fmt: skip
    """A fact that happened so many hours after the start, and became known then or later."""
    event = {
        "specversion": "1.0", "id": id, "source": f"/test/{seller}", "type": type,
        "seller": seller, "subject": order, "time": (START + timedelta(hours=hours)).isoformat(),
        "data": data,
    }  # fmt: skip
    if known is not None:
        event["recordedtime"] = (START + timedelta(hours=known)).isoformat()
    return Message(json.dumps(event).encode(), f"test:{id}")


def placed(seller: str, order: str, **more: Any) -> Message:
    """A consumer's order of one line and 1,000 kronor, 49 for delivery."""
    data = {
        "customer": {"kind": "consumer", "ref": "c-1"},
        "lines": [{"line": "1", "sku": "S", "category": "home", "unit_price": 1000.0}],
        "shipping": {"method": "standard", "price": 49.0},
        "payment": {"method": "card"},
    }
    return message("OrderPlaced", seller, order, "placed", 0, **(data | more))


def life(seller: str, order: str) -> list[Message]:
    """An order whose parcel nobody collects: placed, paid, shipped, unclaimed, returned."""
    return [
        placed(seller, order),
        message("OrderConfirmed", seller, order, "confirmed", 1),
        message("PaymentReceived", seller, order, "paid", 1, amount=1049.0),
        message("Shipped", seller, order, "shipped", 24, parcel="p1", carrier="dhl",
                tracking="T1", cost=79.0),
        message("AvailableForCollection", seller, order, "available", 48, parcel="p1"),
        message("Unclaimed", seller, order, "unclaimed", 300, parcel="p1"),
        message("ParcelReturned", seller, order, "returned", 350, parcel="p1", return_cost=95.0),
    ]  # fmt: skip
