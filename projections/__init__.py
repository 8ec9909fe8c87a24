"""Read models: they fold events into rows, are disposable, and never decide."""

from projections.ledger import LEDGER
from projections.orders import ORDERS
from projections.parcels import PARCELS
from projections.projection import AnyProjection, Appended, Computed, Evolving, Keyed
from projections.sla import SLA
from projections.timeline import TIMELINE

PROJECTIONS: tuple[AnyProjection, ...] = (
    TIMELINE,
    LEDGER,
    SLA,
    ORDERS,
    PARCELS,
)
APPENDED: tuple[Appended, ...] = (TIMELINE, LEDGER)
KEYED: tuple[Keyed, ...] = (SLA, ORDERS, PARCELS)
"""Their rows of an order are loaded with it, by `seller` and `order_id`."""
FROM_THE_DOSSIER = frozenset({TIMELINE.name, LEDGER.name, ORDERS.name, PARCELS.name})
"""They look into one dossier, which the orders keep: rebuilding one of them rebuilds all."""


def rebuilt_with(names: frozenset[str]) -> tuple[AnyProjection, ...]:
    """The read models that are rebuilt when these are asked for; all where none is named.

    Raises KeyError with the first name that no read model has.
    """
    known = {one.name for one in PROJECTIONS}
    for name in sorted(names - known):
        raise KeyError(name)
    wanted = names or known
    if wanted & FROM_THE_DOSSIER:
        wanted |= FROM_THE_DOSSIER
    return tuple(one for one in PROJECTIONS if one.name in wanted)


__all__ = [
    "APPENDED", "FROM_THE_DOSSIER", "KEYED", "PROJECTIONS", "SLA", "Appended", "Computed",
    "Evolving", "rebuilt_with",
]  # fmt: skip
