"""Editions verified: each is what its name, a hash of its content, says, and was pinned."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from hashlib import sha256

import msgspec

from adapters.verify.differences import Difference
from domain.terms.book import Edition

EDITIONS = "select hash, seller, marketplace, day, body::text from editions order by hash"
Stored = tuple[str, str, str | None, date, str]
"""(hash, seller, marketplace, day, body as JSON)."""


def editions_of(rows: Iterable[Stored]) -> tuple[dict[str, Edition], list[Difference]]:
    """The editions that are stored, by their hash, and those that are not what their name says."""
    found, differences = dict[str, Edition](), list[Difference]()
    for hash, seller, marketplace, day, body in rows:
        stored = msgspec.json.decode(body)
        one = Edition(seller, marketplace, day, stored.get("entries", {}), hash)
        found[hash] = one
        whole = {"seller": seller, "marketplace": marketplace, "entries": one.entries}
        if sha256(one.encode()).hexdigest() != hash or stored != whole:
            differences.append(_edition(hash, f"of {seller} is not what its name says"))
    return found, differences


def unpinned(editions: Mapping[str, Edition], pinned: Collection[str]) -> list[Difference]:
    """Editions that orders pinned and are missing, and those that none pinned."""
    missing = [_edition(one, "was pinned and is missing") for one in set(pinned) - set(editions)]
    return missing + [
        _edition(one, f"of {editions[one].seller} was pinned by no order")
        for one in sorted(set(editions) - set(pinned))
    ]


def _edition(hash: str, what: str) -> Difference:
    return Difference(
        sentence=f"edition {hash[:12]} {what}", table="editions", found={"hash": hash}
    )
