"""What a sighting means: judged by the carrier's table, without anything that is personal."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import msgspec

from adapters.carriers import Sighting, parcel_key
from adapters.carriers.meanings import Meaning, fact_data, meaning, table
from adapters.edge import PERSONAL, fact_type
from adapters.parcels import Seen, is_number
from domain.errors import Refused
from domain.fields import LONGEST, a_moment

UNKNOWN = "unknown"
"""The grade of a sighting none of whose codes the table knows."""


def judged(sighting: Sighting, recorded_at: datetime | None, as_of: datetime) -> Seen:
    """A sighting with its meaning; it became known then, or else when it happened.

    Raises Refused for one that cannot be kept: without a number, or at an impossible time.
    """
    canonical(sighting)
    carrier, number = parcel_key(sighting.source, sighting.tracking)
    if not is_number(number) or len(number) > LONGEST:
        raise Refused(f"tracking: {sighting.tracking[:60]!r} is no number of a parcel")
    at = _at(sighting)
    means = None if sighting.corrects else meaning(sighting)
    return Seen(
        carrier=carrier, number=number, source=sighting.source, event=_short(sighting.event),
        at=at, recorded_at=recorded_at or at, codes=sighting.codes,
        grade=means.grade if means else "final" if sighting.corrects else UNKNOWN,
        judged_by=table(sighting.source).version,
        fact=means.fact if means else None, data=_data(sighting, means) if means else {},
        takes_back=means.takes_back if means else None,
        corrects=_short(sighting.corrects) if sighting.corrects else None, as_of=as_of,
    )  # fmt: skip


def merged(known: Seen | None, new: Seen) -> Seen | None:
    """What is to be kept of a sighting that comes again; None where nothing changes.

    What was judged stays so, in whatever snapshot it comes again and whatever the table says by
    then. What no table knew is judged again, and so is an event that a later snapshot tells
    otherwise.
    """
    if known is None:
        return new
    if known.grade == UNKNOWN != new.grade:
        return replace(new, at=known.at, revision=known.revision, matched=known.matched)
    if new.as_of <= known.as_of:
        return None
    same_fact_otherwise = known.fact == new.fact and known.data != new.data
    if new.grade == UNKNOWN or (known.codes == new.codes and not same_fact_otherwise):
        return replace(known, as_of=new.as_of)
    another = known.fact is not None and (known.fact, known.data) != (new.fact, new.data)
    revision = known.revision + another
    return replace(new, at=known.at, revision=revision, matched=known.matched)


def canonical(sighting: Sighting) -> bytes:
    """The sighting in JSON, the same bytes in every snapshot that holds it.

    Raises Refused where it holds text that no database could keep.
    """
    try:
        told = msgspec.json.encode(sighting, order="deterministic")
    except (UnicodeEncodeError, ValueError, OverflowError) as error:
        raise Refused("event: holds what is no text") from error
    if b"\\u0000" in told:
        raise Refused("event: holds a NUL character")
    return told


def _at(sighting: Sighting) -> datetime:
    try:
        return a_moment(sighting.at.isoformat())
    except ValueError as error:
        raise Refused(f"time: {sighting.at.isoformat()} {error}") from error


def _short(event: str) -> str:
    """An event's identity, which stands in the key of an index."""
    encoded = event.encode()
    return event if len(encoded) <= LONGEST else sha256(encoded).hexdigest()


def _data(sighting: Sighting, means: Meaning) -> dict[str, object]:
    """The fields of the fact, less what would be about persons or inside the order."""
    if means.fact is None:
        return {}
    unwanted = {*PERSONAL[fact_type(means.fact)], "lines"}
    told = fact_data(sighting, means)
    return {
        name: value for name, value in told.items() if value is not None and name not in unwanted
    }
