"""What verify found, for programs: by the names of its fields, the ledger's total in kronor."""

from typing import Any

from adapters.verify import Verified
from adapters.verify.protected import PROTECTED


def plain(found: Verified) -> dict[str, Any]:
    """All of it, with what it answers for and what it does not; `position` is the log's in events.

    Amounts of `expected` and `found` are öre, as they are stored.
    """
    return {
        "orders": found.orders, "customers": found.customers, "events": found.events,
        "position": found.position, "rules": found.rules,
        "heads_compared": found.heads_compared, "ledger_total": found.ledger_total / 100,
        "differences": [one.for_programs() for one in found.differences],
        "held": [
            {"seller": one.seller, "order": one.order, "amount": one.amount, "failure": one.failure}
            for one in found.held
        ],
        "protected": PROTECTED,
        "unprotected": [one._asdict() for one in found.unprotected], "notes": found.notes,
    }  # fmt: skip
