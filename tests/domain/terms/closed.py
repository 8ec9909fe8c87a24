"""The closed values of the terms: `make terms-close` adds what is new to domain/terms/closed.txt.

A dated value that orders may have pinned is never changed or removed; adding keys and later dates
is allowed. Each line is a digest of (file, key, from, value or reading, clause).
"""

import json
import tomllib
from decimal import Decimal
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from domain.terms.values import flatten

CLOSED = Path(__file__).parents[3] / "domain" / "terms" / "closed.txt"


def values() -> dict[str, str]:
    """Every dated value as it stands: `file section.key from` -> its digest."""
    found = {}
    for one in files("domain.terms").iterdir():
        if not one.name.endswith(".toml") or one.name == "readings.toml":
            continue
        document = tomllib.loads(one.read_text("utf-8"), parse_float=Decimal)
        for key, entries in flatten(document, one.name).items():
            for entry in entries:
                body = json.dumps(entry, sort_keys=True, default=str)
                name = f"{one.name} {key} {entry['from']}"
                found[name] = sha256(body.encode()).hexdigest()[:16]
    return found


def closed() -> dict[str, str]:
    lines = CLOSED.read_text("utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition(" ") for line in lines)}


if __name__ == "__main__":
    kept = values() | closed()
    CLOSED.write_text("".join(f"{digest} {name}\n" for name, digest in sorted(kept.items())))
