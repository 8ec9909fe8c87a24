"""What stands of an order's outcomes, as far as read models need it; amounts in öre."""

from datetime import datetime

import msgspec


class FeeStands(msgspec.Struct, array_like=True):
    kind: str
    amount: int
    vat: str


class RefundStands(msgspec.Struct, array_like=True):
    kind: str
    amount: int
    breakdown: tuple[tuple[str, int], ...]
    parcel: str | None = None
    line: str | None = None
    rma: str | None = None
    cause: str | None = None


class Stands(msgspec.Struct, omit_defaults=True):
    """By policy and key of the outcome.

    `booked` is the ledger: currency -> account and rate (projections/books.py) -> balance.
    """

    fees: dict[str, FeeStands] = {}
    refunds: dict[str, RefundStands] = {}
    written_off: dict[str, int] = {}
    deadlines: dict[str, tuple[datetime, str]] = {}
    """Open ones, and refunds that were not paid in time: when they lapse, and their kind."""
    decisions: dict[str, str] = {}
    rulings: dict[str, tuple[str, str]] = {}
    """What they are about, and the decision."""
    blocks: dict[str, bool] = {}
    booked: dict[str, dict[int, int]] = {}

    @property
    def moving(self) -> bool:
        """Whether anything stands that moves an account."""
        return bool(self.fees or self.refunds or self.written_off)
