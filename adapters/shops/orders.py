"""What the shops' translators have in common: the order that they tell, and the ids of facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.shops import ShopFact
from adapters.shops.reading import digest, iso, rounded, spread
from domain.errors import Refused
from domain.stream import named

ZERO = Decimal(0)
MOST_ROUNDED = Decimal("0.10")


@dataclass(slots=True, frozen=True, kw_only=True)
class Item:
    """A line of a shop's order; `total` is what its pieces cost together, discounts taken off and
    VAT included. One below zero is a discount on the others."""

    line: str
    quantity: int
    total: Decimal
    vat_rate: Decimal | None = None
    sku: str = ""
    name: str = ""
    category: str = ""


@dataclass(slots=True, frozen=True, kw_only=True)
class Order:
    """An order as a shop tells it. Prices include VAT whatever the shop's prices are printed as:
    payments and refunds are told so. `discount` is what is taken off all lines together."""

    key: str
    placed_at: datetime
    items: Sequence[Item]
    rank: int
    currency: str
    discount: Decimal = ZERO
    shipping: Decimal | None = None
    payment: str | None = None
    customer: dict[str, Any] | None = None
    channel: str | None = None


def placed(order: Order) -> tuple[ShopFact, ...]:
    """`OrderPlaced`; none where nothing was bought.

    Shops tell an order again and again as it stands. Its id ends in a digest of what the fact says:
    the same telling is one message, another one does not contradict it, and of several the one of
    the highest `rank` (which grows as a shop adds to an order) folds last.
    """
    lines = list(lines_of(order.items, order.discount))
    if not lines:
        return ()
    data: dict[str, Any] = {"placed_at": iso(order.placed_at), "lines": lines}
    if order.currency:
        data["currency"] = order.currency
    if order.shipping is not None:
        data["shipping"] = {"price": rounded(order.shipping)}
    if order.payment is not None:
        data["payment"] = {"method": order.payment}
    if order.customer:
        data["customer"] = order.customer
    if order.channel is not None:
        data["channel"] = order.channel
    id = f"order:{order.key}:placed:{order.rank:09d}:{digest(data)}"
    return (
        ShopFact(order=order.key, type="OrderPlaced", id=id, at=order.placed_at, data=data),
    )  # fmt: skip


def lines_of(items: Sequence[Item], discount: Decimal = ZERO) -> list[dict[str, Any]]:
    """The lines of which there is at least one piece, as FACTS.md has them.

    A price that does not divide by the pieces is rounded to the öre; where that would change what
    the line costs (screws by the thousand), the line is told as one piece.
    """
    less = discount - sum((one.total for one in items if one.total < 0), ZERO)
    goods = [one for one in items if one.quantity > 0 and one.total >= 0]
    totals = [one.total for one in goods]
    if less > sum(totals, ZERO):
        raise Refused("the discounts are more than the goods cost")
    if less > 0:
        totals = spread(less, totals)
    return [_line(one, total) for one, total in zip(goods, totals, strict=True)]


def _line(item: Item, total: Decimal) -> dict[str, Any]:
    said: dict[str, Any] = {
        "line": item.line, "sku": item.sku, "name": item.name, "category": item.category,
    }  # fmt: skip
    line = {name: value for name, value in said.items() if value}
    price, pieces = rounded(total / item.quantity), item.quantity
    if abs(price * pieces - total) > MOST_ROUNDED:
        price, pieces = rounded(total), 1
    line["quantity"], line["unit_price"] = pieces, price
    if item.vat_rate is not None:
        line["vat_rate"] = rounded(item.vat_rate)
    return line


def shipped(
    order: str, at: datetime, what: str, parcel: str, carrier: str, tracking: str,
    lines: Sequence[str],
) -> ShopFact:  # fmt: skip
    """`Shipped`. A number that is told later, or corrected, makes another message of it."""
    data: dict[str, Any] = {"parcel": parcel}
    if lines:
        data["lines"] = list(dict.fromkeys(lines))
    if carrier:
        data["carrier"] = carrier
    if tracking:
        data["tracking"] = tracking
    id = shipment_id(what, carrier, tracking)
    return ShopFact(order=order, type="Shipped", id=id, at=at, data=data)


def shipment_id(what: str, carrier: str, tracking: str) -> str:
    """The id of a `Shipped`, with the number under which the carrier knows it."""
    return named(what, carrier, tracking) if carrier or tracking else what


def not_shipped(
    order: str, at: datetime, what: str, carrier: str, tracking: str
) -> tuple[ShopFact, ...]:
    """The shop takes back that it shipped, with the number and before it had one."""
    ids = dict.fromkeys((shipment_id(what, carrier, tracking), what))
    return tuple(
        ShopFact(order=order, type="Retracted", id=named(id, "back"), at=at, data={"fact": id})
        for id in ids
    )
