"""Shop systems: their bodies as facts, one file a system. Translators are pure.

A translator reads nothing about persons: what it does not name never leaves the body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from adapters.shops import reading
from domain.errors import VillkorError

SHOPS = ("shopify", "woocommerce", "commercetools")


@dataclass(slots=True, frozen=True, kw_only=True)
class ShopFact:
    """A fact about one order of the shop.

    `id` is the shop system's own identity of what happened (`refund:509562969`), so that a webhook
    told twice, and an export that holds the same, are one message. `data` is as on the wire.
    """

    order: str
    type: str
    id: str
    at: datetime
    data: dict[str, Any]


Translator = Callable[[bytes, str | None], tuple[ShopFact, ...]]
"""(body, the sender's topic such as `orders/create` where there is one) -> facts, maybe none.

Pure. Raises Refused, with a sentence that quotes nothing about persons, and nothing else.
"""
Headers = Mapping[str, str]
"""By their names in lower case."""


def translator(system: str) -> Translator:
    """The translator of a shop system. Raises VillkorError where there is none of that name."""
    if system not in SHOPS:
        raise VillkorError(f"{system!r} is no shop system; there are {', '.join(SHOPS)}")
    found: Translator = import_module(f"adapters.shops.{system}").translate
    return found


def kept(system: str, body: bytes) -> bytes:
    """What of a body may be written down: the fields that are read, and nothing about persons.

    Of what is no JSON it is the size and the SHA-256. It translates to the facts of the whole body.
    """
    shape: reading.Shape = import_module(f"adapters.shops.{system}").SHAPE
    return reading.kept(body, shape)
