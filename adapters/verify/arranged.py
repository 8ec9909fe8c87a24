"""Differences in their order: what is broken comes first, with all that may follow from it.

Where a chain does not hold, rows that were made before the event was changed may be the true ones.
So what else differs of its order stands behind it, and says that it may follow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.verify.differences import Difference, Place


def arranged(differences: Sequence[Difference]) -> list[Difference]:
    """By order, those first of which a chain is broken; what may follow from that says so."""
    broken: dict[str | None, Place] = {}
    first: dict[str | None, int] = {}
    for number, one in enumerate(differences):
        first.setdefault(one.order, number)
        if one.breaks and one.event is not None:
            broken.setdefault(one.order, one.event)

    def place(one: Difference) -> tuple[int, int, bool]:
        if one.order is None:
            return (0 if one.breaks else 3, 0, False)
        return (1 if one.order in broken else 2, first[one.order], not one.breaks)

    return sorted((_marked(one, broken) for one in differences), key=place)


def _marked(one: Difference, broken: Mapping[str | None, Place]) -> Difference:
    event = broken.get(one.order)
    if event is None or one.order is None or one.breaks or not _is_behind(one.event, event):
        return one
    return replace(one, follows=event.version)


def _is_behind(one: Place | None, event: Place) -> bool:
    """Whether a row is of an event, of a later one, or of the whole order."""
    if one is None:
        return True
    pairs = ((one.version, event.version), (one.position, event.position))
    return all(own is None or of is None or own >= of for own, of in pairs)
