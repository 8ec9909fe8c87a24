"""Who sends raw bodies: the shops and their sellers, and the secrets by which they are known.

`VILLKOR_SENDERS` names a TOML file; secrets stand in files of their own, and are never printed:

    [shopify."netzilla.myshopify.com"]
    seller = "netzilla"
    secret_file = "/run/secrets/shopify"

    [postnord]
    token_file = "/run/secrets/postnord"
"""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.carriers import FAMILY
from adapters.shops import SHOPS
from domain.errors import VillkorError


@dataclass(slots=True, frozen=True)
class Shop:
    """One shop: its system, its name there, whose it is, and the secret of its webhooks."""

    system: str
    name: str
    seller: str
    secret: bytes | None = field(default=None, repr=False)


@dataclass(slots=True, frozen=True)
class Senders:
    """Shops by (system, name); the shared token of each carrier that sends webhooks."""

    shops: dict[tuple[str, str], Shop] = field(default_factory=dict)
    tokens: dict[str, bytes] = field(default_factory=dict, repr=False)

    def shop(self, system: str, name: str | None) -> Shop:
        """The shop of that name, or the only one of the system where none is said.

        Raises VillkorError where there is none, or several and no name.
        """
        if name is not None and (found := self.shops.get((system, name))) is not None:
            return found
        of_system = [one for one in self.shops.values() if one.system == system]
        if name is None and len(of_system) == 1:
            return of_system[0]
        known = ", ".join(one.name for one in of_system) or "none"
        raise VillkorError(f"whose {system} shop is {name!r}? VILLKOR_SENDERS names these: {known}")


def senders(path: Path | None) -> Senders:
    """The senders of a file, none without one. Raises VillkorError for what is not understood."""
    if path is None:
        return Senders()
    try:
        read = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise VillkorError(f"{path} cannot be read: {error}") from error
    shops: dict[tuple[str, str], Shop] = {}
    tokens: dict[str, bytes] = {}
    for name, table in read.items():
        if name in SHOPS and isinstance(table, dict):
            shops |= {(name, shop): _shop(name, shop, entry, path) for shop, entry in table.items()}
        elif name in FAMILY and isinstance(table, dict) and set(table) == {"token_file"}:
            tokens[name] = _secret(table["token_file"], path)
        else:
            raise VillkorError(
                f"{path}: [{name}] is no shop system and no carrier with token_file; there are "
                + ", ".join((*SHOPS, *FAMILY))
            )
    _told_apart(shops.values(), path)
    return Senders(shops, tokens)


def _told_apart(shops: Iterable[Shop], path: Path) -> None:
    """Every site of WooCommerce counts its orders from one: two of a seller's would be mixed up."""
    own = Counter(one.seller for one in shops if one.system == "woocommerce")
    for seller in [seller for seller, count in own.items() if count > 1]:
        raise VillkorError(
            f"{path}: [woocommerce] has several shops of {seller!r}, whose orders have the same"
            " numbers; give each a seller of its own"
        )


def _shop(system: str, name: str, entry: Any, path: Path) -> Shop:
    if not isinstance(entry, dict) or not {"seller"} <= set(entry) <= {"seller", "secret_file"}:
        raise VillkorError(
            f'{path}: [{system}."{name}"] is no shop: one has a seller and perhaps a secret_file'
        )
    if not isinstance(entry["seller"], str):
        raise VillkorError(f'{path}: the seller of [{system}."{name}"] is no name')
    secret = _secret(entry["secret_file"], path) if "secret_file" in entry else None
    return Shop(system, name, entry["seller"], secret)


def _secret(file: Any, path: Path) -> bytes:
    """A secret without the line end behind it."""
    if not isinstance(file, str):
        raise VillkorError(f"{path}: {file!r} is no file of a secret")
    try:
        secret = (path.parent / file).read_bytes().strip()
    except OSError as error:
        raise VillkorError(f"{path}: the secret {file} cannot be read: {error.strerror}") from error
    if not secret:
        raise VillkorError(f"{path}: the secret {file} is empty")
    return secret
