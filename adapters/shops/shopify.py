"""Shopify: webhooks and exports of the Admin REST API, and returns as GraphQL tells them.

An order is known by Shopify's own id of it, the only name that orders, fulfilments, refunds,
transactions and returns all have. Amounts are in the shop's currency, as those of its terms are.
Shopify's documentation: "REST Admin API" (Order, Fulfillment, Refund, Transaction,
FulfillmentEvent), "Webhooks" (topics, headers).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.shops import ShopFact
from adapters.shops.orders import ZERO, Item, lines_of, not_shipped, shipped
from adapters.shops.reading import (
    Node, digest, document, exact, ident, moment, money, node, positive, required, rounded, rows,
    text, when,
)  # fmt: skip
from adapters.shops.shopify_orders import items_of, placed_order
from adapters.shops.shopify_shape import SHAPE
from domain.errors import Refused

Exchange = tuple[str, Decimal | None]
"""The shop's currency, and how much of it one of the customer's is, where that is known."""

# -- which of them a body is ----------------------------------------------------------------------

TOPICS = {
    "orders": "order", "fulfillments": "fulfillment", "refunds": "refund", "returns": "return",
    "order_transactions": "transaction", "fulfillment_events": "fulfillment_event",
}  # fmt: skip
"""Resource -> kind of body."""
TOLD = {
    "orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled",
    "orders/partially_fulfilled", "fulfillments/create", "fulfillments/update", "refunds/create",
    "order_transactions/create", "fulfillment_events/create", "returns/request", "returns/approve",
    "returns/decline", "returns/cancel", "returns/close", "returns/reopen", "returns/update",
    "returns/process",
}  # fmt: skip
SILENT = {
    "orders/delete", "orders/edited", "orders/link_requested", "orders/risk_assessment_changed",
    "orders/shopify_protect_eligibility_changed", "fulfillment_events/delete",
}  # fmt: skip
"""Topics of these that tell nothing: an edit names no prices, `orders/updated` follows it."""
UNCONCERNED = {
    "app", "app_subscriptions", "bulk_operations", "carts", "checkouts", "collections", "companies",
    "company_contacts", "company_locations", "customer_payment_methods", "customers", "discounts",
    "disputes", "domains", "draft_orders", "fulfillment_holds", "fulfillment_orders",
    "inventory_items", "inventory_levels", "locales", "locations", "markets", "metaobjects",
    "payment_schedules", "payment_terms", "product_listings", "products", "profiles",
    "reverse_deliveries", "reverse_fulfillment_orders", "scheduled_product_listings",
    "selling_plan_groups", "shop", "subscription_billing_attempts", "subscription_contracts",
    "tender_transactions", "themes", "variants",
}  # fmt: skip
"""Resources whose topics tell nothing about an order that could be a fact."""


def translate(body: bytes, topic: str | None) -> tuple[ShopFact, ...]:
    """The facts of a webhook's body or an export. See `adapters.shops.Translator`."""
    kind = _kind_of(topic)
    if kind == "":
        return ()
    read = document(body, SHAPE)
    told = [fact for one in _all(read, kind) for fact in one]
    return tuple({fact.id: fact for fact in told}.values())


def _kind_of(topic: str | None) -> str | None:
    """What a topic speaks of: '' for what tells nothing. Raises Refused for an unknown one."""
    if topic is None:
        return None
    name = topic.lower()
    resource = name.partition("/")[0]
    if name in SILENT or resource in UNCONCERNED:
        return ""
    if name not in TOLD:
        raise Refused(f"topic: {topic[:60]!r} is none of Shopify's that are known here")
    return TOPICS[resource]


def _all(read: Any, kind: str | None) -> Iterable[tuple[ShopFact, ...]]:
    """Wrapped (`{"order": ..}`, `{"orders": [..]}`) or bare, one or several."""
    if isinstance(read, list):
        return [facts for one in read for facts in _all(one, kind)]
    if not isinstance(read, dict):
        raise Refused("the body is neither an object nor a list")
    if set(read) == {"order_edit"}:
        return []
    for name, tell in TELL.items():
        if set(read) == {f"{name}s"}:
            return [tell(one) for one in rows(read, f"{name}s")]
        if set(read) == {name}:
            return [tell(node(read, name))]
    return [TELL[kind or _guess(read)](read)]


def _guess(read: Node) -> str:
    """What a bare body is that came without a topic."""
    for kind, name in MARKS:
        if name in read:
            return kind
    raise Refused("the body is no order, fulfilment, refund, transaction or return of Shopify's")


# -- an order -------------------------------------------------------------------------------------


def _order(order: Node) -> tuple[ShopFact, ...]:
    """What an order tells, and what stands in it: fulfilments, refunds, transactions."""
    key = required(order, "id")
    if order.get("test") is True:
        return ()
    at = when(order, "processed_at", "created_at")
    if not isinstance(order.get("line_items"), list):
        raise Refused("line_items: is missing; orders are told whole")
    items = items_of(order)
    facts = [*placed_order(order, key, at, items), *_confirmed(order, key, at)]
    facts += _cancelled(order, key)
    exchange = _exchange_of(order)
    for one in rows(order, "fulfillments"):
        facts += _fulfillment({"order_id": key} | _without_null(one))
    for one in rows(order, "transactions"):
        facts += _transaction({"order_id": key} | _without_null(one), exchange)
    facts += _refunds(order, key, items)
    return tuple(facts)


def _without_null(one: Node) -> Node:
    """What stands in an order may leave out, or leave empty, which order that is."""
    return {name: value for name, value in one.items() if value is not None}


def _confirmed(order: Node, key: str, at: datetime) -> list[ShopFact]:
    """Shopify confirms to the customer what it has taken on (`confirmed`) or been paid for."""
    paid = text(order, "financial_status") in PAID
    if order.get("confirmed") is not True and not paid:
        return []
    id = f"order:{key}:confirmed"
    return [ShopFact(order=key, type="OrderConfirmed", id=id, at=at, data={})]


def _cancelled(order: Node, key: str) -> list[ShopFact]:
    """Cancelled; where the reason is `customer`, he asked for it, by then at the latest."""
    if (at := moment(order, "cancelled_at")) is None:
        return []
    id = f"order:{key}:cancelled"
    facts = [ShopFact(order=key, type="CancellationConfirmed", id=id, at=at, data={})]
    if text(order, "cancel_reason") == "customer":
        asked = ShopFact(
            order=key, type="CancellationRequested", id=f"{id}:requested", at=at, data={}
        )
        facts.insert(0, asked)
    return facts


# -- fulfilments ----------------------------------------------------------------------------------


def _fulfillment(one: Node) -> tuple[ShopFact, ...]:
    """`Shipped`, a parcel for each number; taken back where the fulfilment is cancelled.

    One that is pending or failed has shipped nothing. `shipment_status` has no time of its own:
    what the carrier says is told by it, or by fulfilment events.
    """
    key, id = required(one, "order_id"), required(one, "id")
    status = text(one, "status")
    if status not in ("success", "cancelled"):
        return ()
    at, carrier = when(one, "created_at"), text(one, "tracking_company")
    lines = [required(line, "id") for line in rows(one, "line_items") if line.get("quantity") != 0]
    facts: list[ShopFact] = []
    for number, tracking in enumerate(_numbers(one), 1):
        parcel = id if number == 1 else f"{id}:{number}"
        what = f"fulfillment:{parcel}"
        if status == "cancelled":
            facts += not_shipped(key, at, what, carrier, tracking)
        else:
            facts.append(shipped(key, at, what, parcel, carrier, tracking, lines))
    return tuple(facts)


def _numbers(one: Node) -> list[str]:
    """The parcels' numbers; one without a number where there is none."""
    several = [str(number).strip() for number in one.get("tracking_numbers") or [] if number]
    return list(dict.fromkeys(several)) or [text(one, "tracking_number")]


def _event(one: Node) -> tuple[ShopFact, ...]:
    """What a carrier says by way of the shop: that a parcel is on its way, or was delivered.

    Indicative, so nothing that a fee could follow from.
    """
    kind = EVENTS.get(text(one, "status"))
    key, id, parcel = required(one, "order_id"), required(one, "id"), ident(one, "fulfillment_id")
    if kind is None or not parcel:
        return ()
    at = when(one, "happened_at")
    id = f"fulfillment_event:{id}"
    return (ShopFact(order=key, type=kind, id=id, at=at, data={"parcel": parcel}),)


# -- money ----------------------------------------------------------------------------------------


def _transaction(one: Node, exchange: Exchange | None = None) -> tuple[ShopFact, ...]:
    """`PaymentReceived` for a sale or capture, `RefundPaid` for a refund, once it succeeded.

    A payment's id and time are the transaction's: an order that says `paid` has neither.
    """
    kind = MONEY.get(text(one, "kind"))
    if kind is None or text(one, "status") != "success" or one.get("test") is True:
        return ()
    amount = _paid(one, exchange)
    if not amount:
        return ()
    id = f"transaction:{required(one, 'id')}"
    at = when(one, "processed_at", "created_at")
    return (
        ShopFact(order=required(one, "order_id"), type=kind, id=id, at=at, data={"amount": amount}),
    )  # fmt: skip


def _paid(one: Node, exchange: Exchange | None) -> Decimal:
    """The amount in the shop's currency. Raises Refused where the body has only another's."""
    shop = node(node(one, "amount_set"), "shop_money")
    if (amount := money(shop, "amount")) is not None:
        return exact(amount, "amount_set.shop_money.amount")
    if (amount := money(one, "amount")) is None:
        raise Refused("amount: is missing")
    own = _shops(node(one, "total_unsettled_set")) or (exchange[0] if exchange else "")
    if own in ("", text(one, "currency") or own):
        return exact(amount, "amount")
    if exchange is None or exchange[1] is None:
        raise Refused("amount: is in another currency than the shop's, and at no rate")
    return rounded(amount * exchange[1])


def _exchange_of(order: Node) -> Exchange | None:
    """An order's `currency` is the shop's; older ones say no sum in the customer's."""
    currency = text(order, "currency")
    found = _exchange([node(order, "total_price_set")])
    return found or ((currency, None) if currency else None)


def _exchange(bags: Iterable[Node]) -> Exchange | None:
    """The shop's currency and its price in the customer's, from sums that are told in both."""
    shop, paid, name = ZERO, ZERO, ""
    for bag in bags:
        shop += abs(money(node(bag, "shop_money"), "amount") or ZERO)
        paid += abs(money(node(bag, "presentment_money"), "amount") or ZERO)
        name = name or _shops(bag)
    return (name, shop / paid if paid else None) if name else None


def _shops(bag: Node) -> str:
    """The shop's currency, '' where none is said: transactions call it `currency`, other sums
    `currency_code`, and XXX is what ISO 4217 calls none."""
    shop = node(bag, "shop_money")
    told = text(shop, "currency_code") or text(shop, "currency")
    return "" if told == "XXX" else told


def _refund(one: Node, exchange: Exchange | None = None) -> tuple[ShopFact, ...]:
    """`RefundPaid` for what was paid out, `ReturnReceived` for goods put back into stock."""
    key, id = required(one, "order_id"), required(one, "id")
    facts: list[ShopFact] = []
    own = _exchange(_bags(one))
    exchange = own if own and own[1] else exchange or own
    for paid in rows(one, "transactions"):
        facts += _transaction({"order_id": key} | _without_null(paid), exchange)
    back = [
        required(line, "line_item_id")
        for line in rows(one, "refund_line_items")
        if text(line, "restock_type") == "return"
    ]
    if back:
        at = when(one, "processed_at", "created_at")
        data = {"lines": list(dict.fromkeys(back))}
        facts.append(
            ShopFact(order=key, type="ReturnReceived", id=f"refund:{id}:received", at=at, data=data)
        )
    return tuple(facts)


def _bags(refund: Node) -> Iterable[Node]:
    """The sums of a refund that are told in both currencies."""
    for one in rows(refund, "refund_line_items"):
        yield node(one, "subtotal_set")
    for one in rows(refund, "refund_shipping_lines"):
        yield node(one, "subtotal_amount_set")
    for one in rows(refund, "order_adjustments"):
        yield node(one, "amount_set")
    yield node(refund, "total_duties_set")


def _refunds(order: Node, key: str, items: list[Item]) -> list[ShopFact]:
    """Refunds of an order; one that takes unsent pieces out of it also changes the order."""
    facts: list[ShopFact] = []
    gone: dict[str, int] = {}
    exchange = _exchange_of(order)
    by_time = sorted(rows(order, "refunds"), key=lambda one: str(moment(one, "created_at")))
    for refund in by_time:
        facts += _refund({"order_id": key} | _without_null(refund), exchange)
        before = dict(gone)
        for line in rows(refund, "refund_line_items"):
            if text(line, "restock_type") == "cancel":
                name = required(line, "line_item_id")
                gone[name] = gone.get(name, 0) + positive(line, "quantity")
        left = lines_of([_less(one, gone.get(one.line, 0)) for one in items])
        if gone != before and left:
            facts.append(_changed(key, refund, left))
    return facts


def _less(item: Item, pieces: int) -> Item:
    """What is left of a line, at the same price a piece."""
    rest = max(item.quantity - pieces, 0)
    if not pieces:
        return item
    return replace(item, quantity=rest, total=item.total * rest / item.quantity if rest else ZERO)


def _changed(key: str, refund: Node, lines: list[dict[str, Any]]) -> ShopFact:
    at = when(refund, "processed_at", "created_at")
    id = f"refund:{required(refund, 'id')}:changed:{digest(lines)}"
    return ShopFact(order=key, type="OrderChanged", id=id, at=at, data={"lines": lines})


# -- returns --------------------------------------------------------------------------------------


def _return(one: Node) -> tuple[ShopFact, ...]:
    """`RmaRequested` for faulty goods, and `RmaIssued` once approved, where the body says when.

    Shopify's webhooks about returns hold no time at all, and so tell no fact. What is returned for
    another reason may be a withdrawal: that is for who hears the customer to say.
    """
    times = {
        "RmaRequested": moment(one, "createdAt", "created_at"),
        "RmaIssued": moment(one, "requestApprovedAt"),
    }
    if not any(times.values()):
        return ()
    key = ident(node(one, "order"), "id") or required(one, "order_id")
    rma, listed = required(one, "id"), node(one, "returnLineItems")
    lines = [*rows(one, "return_line_items"), *rows(listed, "nodes")]
    lines += [node(edge, "node") for edge in rows(listed, "edges")]
    named = [name for line in lines if _is_faulty(line) and (name := _returned(line))]
    if not named:
        return ()
    data = {"rma": rma, "kind": "complaint", "lines": list(dict.fromkeys(named))}
    return tuple(
        ShopFact(order=key, type=kind, id=f"return:{rma}:{kind}", at=at, data=data)
        for kind, at in times.items()
        if at is not None
    )


def _is_faulty(line: Node) -> bool:
    reason = text(line, "return_reason") or text(line, "returnReason")
    return reason.lower() in FAULTY


def _returned(line: Node) -> str:
    found = node(line, "fulfillment_line_item") or node(line, "fulfillmentLineItem")
    return ident(node(found, "line_item") or node(found, "lineItem"), "id")


FAULTY = ("defective", "not_as_described")
PAID = ("paid", "partially_paid", "partially_refunded", "refunded")
MONEY = {"sale": "PaymentReceived", "capture": "PaymentReceived", "refund": "RefundPaid"}
EVENTS = {
    "in_transit": "InTransit", "out_for_delivery": "InTransit", "delivered": "Delivered",
}  # fmt: skip
TELL: dict[str, Callable[[Node], tuple[ShopFact, ...]]] = {
    "order": _order, "fulfillment": _fulfillment, "refund": _refund, "transaction": _transaction,
    "fulfillment_event": _event, "return": _return,
}  # fmt: skip
MARKS = (
    ("refund", "refund_line_items"), ("return", "return_line_items"), ("return", "returnLineItems"),
    ("fulfillment_event", "happened_at"), ("transaction", "kind"), ("order", "shipping_lines"),
    ("order", "financial_status"), ("order", "total_price"), ("fulfillment", "order_id"),
    ("order", "line_items"),
)  # fmt: skip
"""A field that only a body of that kind has, the surest first."""
