"""What is looked up beside the printed terms: the names of a tariff, and of currencies."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from domain.fields import ShippingMethod
from domain.terms.values import Entry

TRANSPORT = "transport"
"""One price of all transport."""
METHODS = get_args(ShippingMethod)
"""The price of a delivery by each method."""
FEES = ("unclaimed", "reminder", "setup", "examination", "partner_cost", "return_freight")
"""Fees whose amount terms can leave to the tariff, whosever terms they are."""


def tariff_keys(layers: Iterable[Mapping[str, list[Entry]]]) -> frozenset[str]:
    """The names that a rule looks up, by the dated values of the sellers (`section.key`).

    Beside the fixed ones those that the charges of return cases name themselves.
    """
    charged = (name for one in _values(layers) for name in _of(one))
    return frozenset((TRANSPORT, *METHODS, *FEES, *charged))


def limit_currencies(layers: Iterable[Mapping[str, list[Entry]]]) -> frozenset[str]:
    """The currencies in which the sellers' terms print limits."""
    values = (one for one in _values(layers) if isinstance(one, Mapping))
    return frozenset(str(one["currency"]) for one in values if "currency" in one)


def _values(layers: Iterable[Mapping[str, list[Entry]]]) -> Iterator[Any]:
    for layer in layers:
        for dated in layer.values():
            yield from (entry.get("value") for entry in dated)


def _of(value: Any) -> Iterable[str]:
    """A charge is looked up by the tariff's key that it names, else by its kind."""
    if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
        return ()
    if isinstance(value.get("tariff"), str):
        return (value["tariff"],)
    return (value["kind"], *([value["in_warranty"]] if "in_warranty" in value else ()))
