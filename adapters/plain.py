"""Values for programs: amounts as decimal kronor, by their names; times in ISO 8601."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

MONEY = frozenset(
    {"amount", "balance", "goods", "freight", "paid", "fees", "refunds", "at_risk", "repaid"}
)


def plain(value: Any, name: str = "") -> Any:
    """The same with öre as kronor wherever a name says that it is money."""
    if isinstance(value, Mapping):
        return {key: plain(inner, key) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner, name) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and name in MONEY:
        return float(Decimal(value) / 100)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value
