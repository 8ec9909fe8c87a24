"""WooCommerce: webhooks of orders, and lists of the REST API v3 (orders, refunds).

An order is known by its `id`; its `number` is whatever a plugin makes of it, and refunds name only
the id. Amounts of lines are without VAT with the VAT beside, whatever `prices_include_tax` says.
WooCommerce's documentation: "REST API: Orders, Order refunds, Webhooks".
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.shops import ShopFact
from adapters.shops.orders import ZERO, Item, Order, placed, shipped
from adapters.shops.reading import (
    WRONG, Node, Shape, document, exact, given, ident, iso, moment, money, node, plain, positive,
    required, rows, text, vat_rate, when,
)  # fmt: skip
from domain.errors import Refused

VAT_NUMBERS = {
    "_billing_vat", "_billing_vat_number", "_vat_number", "vat_number", "_billing_eu_vat_number",
    "_billing_org_nr", "_billing_organisation_number", "_billing_company_number",
}  # fmt: skip
"""What plugins call the number of a company."""
TRACKINGS = "_wc_shipment_tracking_items"
"""Where WooCommerce's own extension Shipment Tracking keeps the parcels of an order."""
_TRACKING = (
    "tracking_id", "tracking_provider", "custom_tracking_provider", "tracking_number",
    "date_shipped",
)  # fmt: skip


def _meta(entries: Any) -> Any:
    """Of free fields only whether a company's number was given, and the parcels."""
    kept = []
    for one in entries if isinstance(entries, list) else []:
        key = one.get("key") if isinstance(one, dict) else None
        if not isinstance(key, str):
            continue
        if key in VAT_NUMBERS:
            kept.append({"key": key, "value": given(one.get("value"))})
        elif key == TRACKINGS:
            value = [
                {name: _word(parcel.get(name)) for name in _TRACKING}
                for parcel in _listed(one.get("value")) if isinstance(parcel, dict)
            ]  # fmt: skip
            kept.append({"key": key, "value": value})
    return kept


def _listed(value: Any) -> list[Any]:
    """A list; PHP makes an object of one that something was taken out of."""
    told = list(value.values()) if isinstance(value, dict) else value
    return told if isinstance(told, list) else []


def _word(value: Any) -> Any:
    return None if plain(value) is WRONG else value


def _number_in(link: Any) -> Any:
    """The number that a link ends in."""
    last = str(link).rstrip("/").rpartition("/")[2]
    return last if last.isascii() and last.isdecimal() else None


_TAXES: Shape = {"id": plain, "total": plain}
_LINE: Shape = {
    "id": plain, "name": plain, "sku": plain, "quantity": plain, "total": plain, "total_tax": plain,
    "taxes": _TAXES,
}  # fmt: skip
SHAPE: Shape = {
    "webhook_id": plain, "action": plain, "id": plain, "parent_id": plain, "status": plain,
    "currency": plain, "date_created": plain, "date_created_gmt": plain, "date_modified": plain,
    "date_modified_gmt": plain, "date_paid": plain, "date_paid_gmt": plain, "customer_id": plain,
    "created_via": plain, "billing": {"company": given}, "payment_method": plain, "total": plain,
    "shipping_total": plain, "shipping_tax": plain, "line_items": _LINE, "fee_lines": _LINE,
    "tax_lines": {"rate_id": plain, "rate_percent": plain}, "meta_data": _meta, "amount": plain,
    "refunded_payment": plain, "shipping_lines": {"method_id": plain},
    "_links": {"up": {"href": _number_in}},
}  # fmt: skip
EVENTS = ("created", "updated", "restored")
UNCONCERNED = ("action", "coupon", "customer", "product")
"""Resources whose topics tell nothing about an order; an action names a hook and no fields."""
NO_ORDER = ("checkout-draft", "auto-draft", "draft", "trash")
"""Statuses of what nobody has ordered (yet)."""
METHODS = {
    "bacs": "advance", "cod": "cash", "stripe": "card", "stripe_cc": "card",
    "woocommerce_payments": "card", "swish": "swish", "redlight_swish-ecommerce": "swish",
}  # fmt: skip
PER_CENT = 100
SECONDS = re.compile(r"[1-9][0-9]{0,9}")
"""A time as Unix counts it, far enough for any order."""


def translate(body: bytes, topic: str | None) -> tuple[ShopFact, ...]:
    """The facts of a webhook's body or a list. See `adapters.shops.Translator`."""
    if topic is not None and not _concerns(topic):
        return ()
    read = document(body, SHAPE)
    facts = [fact for one in (read if isinstance(read, list) else [read]) for fact in _one(one)]
    return tuple({fact.id: fact for fact in facts}.values())


def _concerns(topic: str) -> bool:
    """Whether a topic can tell a fact. Raises Refused for an unknown one."""
    resource, _, event = topic.lower().partition(".")
    if resource in UNCONCERNED or (resource, event) == ("order", "deleted"):
        return False
    if resource != "order" or event not in EVENTS:
        raise Refused(f"topic: {topic[:60]!r} is none of WooCommerce's that are known here")
    return True


def _one(read: Any) -> tuple[ShopFact, ...]:
    """An order or a refund; a ping or an action tells nothing."""
    if not isinstance(read, dict):
        raise Refused("the body is neither an object nor a list of them")
    if "webhook_id" in read or ("action" in read and "id" not in read):
        return ()
    if "refunded_payment" in read or "amount" in read:
        return _refund(read)
    if "line_items" in read or "status" in read:
        return _order(read)
    raise Refused("the body is no order and no refund of WooCommerce's")


# -- an order -------------------------------------------------------------------------------------


def _order(order: Node) -> tuple[ShopFact, ...]:
    key, status = required(order, "id"), text(order, "status")
    if status in NO_ORDER:
        return ()
    if not isinstance(order.get("line_items"), list):
        raise Refused("line_items: is missing; orders are told whole")
    at = _at(order, "date_created")
    facts = [*_placed(order, key, at), *_paid(order, key, at)]
    if status == "cancelled":
        since = _at(order, "date_modified")
        id = f"order:{key}:cancelled:{iso(since)}"
        facts.append(ShopFact(order=key, type="CancellationConfirmed", id=id, at=since, data={}))
    return (*facts, *_parcels(order, key))


def _at(parent: Node, name: str) -> datetime:
    """A time: WooCommerce tells it in UTC, without saying so, and in the site's own time."""
    at = moment(parent, f"{name}_gmt", zone="Z")
    return at or when(parent, name)


def _placed(order: Node, key: str, at: datetime) -> tuple[ShopFact, ...]:
    lines = rows(order, "line_items")
    ids = [int(id) for line in lines if (id := ident(line, "id")).isdecimal()]
    items = [_item(line, order, "") for line in lines]
    items += [_item(line, order, "fee") for line in rows(order, "fee_lines")]
    by_hand = text(order, "created_via") == "pos"
    said = Order(
        key=key, placed_at=at, items=items, rank=max(ids, default=0),
        currency=text(order, "currency").upper(), shipping=_shipping(order),
        payment=METHODS.get(text(order, "payment_method").lower()), customer=_customer(order),
        channel="in_person" if by_hand else None,
    )  # fmt: skip
    return placed(said)


def _item(line: Node, order: Node, kind: str) -> Item:
    """A line of goods, or a fee (below zero: a discount), which is one piece."""
    net, tax = money(line, "total") or ZERO, money(line, "total_tax") or ZERO
    id = required(line, "id")
    return Item(
        line=id, sku=text(line, "sku"), name=text(line, "name"), category=kind, total=net + tax,
        quantity=1 if kind else positive(line, "quantity"), vat_rate=_rate(line, order, net, tax),
    )  # fmt: skip


def _rate(line: Node, order: Node, net: Decimal, tax: Decimal) -> Decimal:
    """Per cent: the rates that the line was taxed by, else what its tax comes to."""
    known = {
        ident(one, "rate_id"): money(one, "rate_percent")
        for one in rows(order, "tax_lines")
        if one.get("rate_percent") is not None
    }
    taxed = [one for one in rows(line, "taxes") if money(one, "total")]
    rates = [known.get(ident(one, "id")) for one in taxed]
    if tax and rates and all(rate is not None for rate in rates):
        return min(sum((rate for rate in rates if rate is not None), ZERO), Decimal(PER_CENT))
    return vat_rate(net, tax)


def _shipping(order: Node) -> Decimal | None:
    net = money(order, "shipping_total")
    return None if net is None else max(net + (money(order, "shipping_tax") or ZERO), ZERO)


def _customer(order: Node) -> dict[str, Any]:
    """WooCommerce's own number of the customer (a guest has none), and whether a company buys."""
    ref = ident(order, "customer_id")
    customer: dict[str, Any] = {"ref": f"woocommerce:{ref}"} if ref.strip("0") else {}
    if node(order, "billing").get("company"):
        customer["invoice_address"] = "business"
    if any(one["key"] in VAT_NUMBERS and one["value"] for one in rows(order, "meta_data")):
        customer["registered"] = True
    return customer


def _paid(order: Node, key: str, at: datetime) -> list[ShopFact]:
    """`date_paid` is when the shop took the payment as made, and the order on: `processing`.

    Who pays on delivery has an order at once, and pays when it is completed.
    """
    paid_at = moment(order, "date_paid_gmt", zone="Z") or moment(order, "date_paid")
    on_delivery = text(order, "payment_method").lower() == "cod"
    facts, taken_on = [], at if on_delivery else paid_at
    if on_delivery and text(order, "status") not in ("processing", "completed", "refunded"):
        taken_on = None
    if taken_on is not None:
        id = f"order:{key}:confirmed"
        facts.append(ShopFact(order=key, type="OrderConfirmed", id=id, at=taken_on, data={}))
    total = money(order, "total")
    if paid_at is not None and total:
        data = {"amount": exact(total, "total")}
        id = f"order:{key}:paid"
        facts.append(ShopFact(order=key, type="PaymentReceived", id=id, at=paid_at, data=data))
    return facts


def _parcels(order: Node, key: str) -> list[ShopFact]:
    """`Shipped` for each parcel that says when; which lines are in it is not said: all of them."""
    lines = [required(line, "id") for line in rows(order, "line_items")]
    facts = []
    for entry in rows(order, "meta_data"):
        for one in rows(entry, "value") if entry["key"] == TRACKINGS else []:
            number, sent = text(one, "tracking_number"), text(one, "date_shipped")
            parcel = ident(one, "tracking_id") or number
            if not parcel or not SECONDS.fullmatch(sent):
                continue
            carrier = text(one, "tracking_provider") or text(one, "custom_tracking_provider")
            at = datetime.fromtimestamp(int(sent), UTC)
            facts.append(shipped(key, at, f"parcel:{parcel}", parcel, carrier, number, lines))
    return facts


# -- a refund -------------------------------------------------------------------------------------


def _refund(refund: Node) -> tuple[ShopFact, ...]:
    """`RefundPaid`, unless WooCommerce says that the money was left to be paid back by hand.

    The summary of refunds in an order holds no time: it is told by the refund itself.
    """
    id, key = required(refund, "id"), _refunded_order(refund)
    amount = money(refund, "amount")
    if amount is None:
        raise Refused("amount: is missing")
    if not amount or refund.get("refunded_payment") is False:
        return ()
    data = {"amount": exact(abs(amount), "amount")}
    at = _at(refund, "date_created")
    return (ShopFact(order=key, type="RefundPaid", id=f"refund:{id}", at=at, data=data),)


def _refunded_order(refund: Node) -> str:
    """The order that a refund is of: its parent, or where its link leads up to."""
    if parent := ident(refund, "parent_id"):
        return parent
    for link in rows(node(refund, "_links"), "up"):
        if id := ident(link, "href"):
            return id
    raise Refused("parent_id: is missing, and no link leads up to the order of the refund")
