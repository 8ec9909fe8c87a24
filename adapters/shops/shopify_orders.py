"""The order as Shopify tells it: lines, discounts, taxes, delivery, and who buys.

Prices are the shop's; `taxes_included` says whether a line's price holds its tax, and the tax is
added where it does not.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.shops import ShopFact
from adapters.shops.orders import ZERO, Item, Order, placed
from adapters.shops.reading import (
    Node, ident, money, node, positive, required, rounded, rows, text, vat_rate,
)  # fmt: skip

METHODS = {
    "swish": "swish", "cash_on_delivery": "cash", "cash_on_delivery_(cod)": "cash", "cash": "cash",
    "bank_deposit": "advance", "bank_transfer": "advance",
}  # fmt: skip
"""Gateways whose name says how the customer pays; most take several ways."""


def placed_order(order: Node, key: str, at: datetime, items: list[Item]) -> tuple[ShopFact, ...]:
    """`OrderPlaced`, from an order told whole."""
    said = Order(
        key=key, placed_at=at, items=items, rank=sum(one.quantity for one in items),
        currency=text(order, "currency").upper(), shipping=_shipping(order),
        payment=_payment(order), customer=_customer(order),
        channel="in_person" if text(order, "source_name") == "pos" else None,
    )  # fmt: skip
    return placed(said)


def items_of(order: Node) -> list[Item]:
    included = order.get("taxes_included") is True
    items = []
    for line in rows(order, "line_items"):
        items.append(_item(line, order, included))
        items += _duties(line)
    return items


def _item(line: Node, order: Node, included: bool) -> Item:
    """A line. A discount may stand in allocations, or (older versions) in `total_discount`."""
    quantity = positive(line, "quantity")
    total = (in_shop_money(line, "price") or ZERO) * quantity
    if isinstance(line.get("discount_allocations"), list):
        total -= _allocated(line)
    else:
        total -= money(line, "total_discount") or ZERO
    rate, tax = _tax(line, order, total, included)
    kind = "gift_card" if line.get("gift_card") is True else "tip" if line.get("tip") else ""
    return Item(
        line=required(line, "id"), sku=text(line, "sku"), quantity=quantity, category=kind,
        name=text(line, "name") or text(line, "title"), vat_rate=rate,
        total=total if included else total + tax,
    )  # fmt: skip


def _tax(line: Node, order: Node, total: Decimal, included: bool) -> tuple[Decimal | None, Decimal]:
    """Per cent of VAT of a line, and its tax: its own tax lines, else the order's only rate."""
    if isinstance(line.get("tax_lines"), list):
        taxes = rows(line, "tax_lines")
        own, paid = sum((_rate(one) for one in taxes), ZERO), _sum(taxes)
        return own or vat_rate(total - paid if included else total, paid), paid
    rates = {_rate(one) for one in rows(order, "tax_lines")}
    whole, tax = money(order, "total_price"), money(order, "total_tax")
    if len(rates) == 1:
        rate = rates.pop()
    elif whole is None or tax is None:
        return None, ZERO
    else:
        rate = vat_rate(whole - tax, tax)
    return rate, rounded(total * rate / 100) if not included else ZERO


def _rate(tax_line: Node) -> Decimal:
    """Per cent; Shopify says 0.25."""
    return rounded((money(tax_line, "rate") or ZERO) * 100)


def _duties(line: Node) -> list[Item]:
    """Import duties that the customer paid with the goods: a line of their own, without VAT."""
    duties = rows(line, "duties")
    total = _sum(duties)
    if not total:
        return []
    id = f"{required(line, 'id')}:duties"
    return [Item(line=id, quantity=1, total=total, vat_rate=ZERO, category="duties")]


def _shipping(order: Node) -> Decimal | None:
    """What the customer pays for delivery, VAT included; None where the body does not say."""
    if not isinstance(order.get("shipping_lines"), list):
        return None
    price = ZERO
    for line in rows(order, "shipping_lines"):
        if line.get("is_removed") is True:
            continue
        discounted = money(line, "discounted_price")
        if discounted is None:
            discounted = (money(line, "price") or ZERO) - _allocated(line)
        price += discounted
        if order.get("taxes_included") is not True:
            price += _sum(rows(line, "tax_lines"))
    return max(price, ZERO)


def _allocated(line: Node) -> Decimal:
    return _sum(rows(line, "discount_allocations"), "amount")


def _sum(priced: list[Node], name: str = "price") -> Decimal:
    return sum((in_shop_money(one, name) or ZERO for one in priced), ZERO)


def _payment(order: Node) -> str | None:
    """How the customer pays, where the gateway's name says it."""
    names = order.get("payment_gateway_names") or [order.get("gateway")]
    first = str(names[0] or "").lower().replace(" ", "_")
    return METHODS.get(first)


def _customer(order: Node) -> dict[str, Any]:
    """Shopify's own number of the customer, and whether a company buys; never who it is."""
    ref = ident(node(order, "customer"), "id")
    customer = {"ref": f"shopify:{ref}"} if ref else {}
    if order.get("company"):  # an order of Shopify's B2B
        customer["kind"] = "business"
    if node(order, "billing_address").get("company"):
        customer["invoice_address"] = "business"
    return customer


def in_shop_money(parent: Node, name: str) -> Decimal | None:
    """An amount in the shop's currency."""
    own = money(parent, name)
    for bag in (node(parent, f"{name}_set"), parent):
        if own is None:
            own = money(node(bag, "shop_money"), "amount")
    return own
