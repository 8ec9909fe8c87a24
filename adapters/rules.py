"""The version of the rules: a digest of the code and the terms of `domain/`, named by outcomes."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def rules_digest() -> str:
    """Twelve hexadecimal digits that change whenever a file of `domain/` does."""
    digest = sha256()
    for name, content in sorted(_sources(files("domain"), "")):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:12]


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for one in folder.iterdir():
        if one.is_dir():
            found += _sources(one, f"{prefix}{one.name}/")
        elif one.name.endswith((".py", ".toml")):
            found.append((prefix + one.name, one.read_bytes()))
    return found
