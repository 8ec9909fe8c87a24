"""Commercetools: Messages (plain, or as `data` of a CloudEvent), and query results of orders.

An order is known by its `id`: every message has it, the `orderNumber` is optional. Message types
and fields: "HTTP API: Order, Payment, Messages, Subscriptions" of commercetools' documentation.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.shops import ShopFact
from adapters.shops.orders import ZERO, Item, Order, not_shipped, placed, shipped
from adapters.shops.reading import (
    Node, Shape, document, exact, given, ident, iso, localized, moment, node, plain, positive,
    required, rounded, rows, text, when,
)  # fmt: skip
from domain.errors import Refused

# -- what is read ---------------------------------------------------------------------------------

_MONEY: Shape = {
    "type": plain, "currencyCode": plain, "centAmount": plain, "preciseAmount": plain,
    "fractionDigits": plain,
}  # fmt: skip
_TAXED: Shape = {"totalNet": _MONEY, "totalGross": _MONEY}
_RATE: Shape = {"amount": plain, "includedInPrice": plain}
_LINE: Shape = {
    "id": plain, "name": localized, "variant": {"sku": plain}, "quantity": plain,
    "totalPrice": _MONEY, "taxedPrice": _TAXED, "taxRate": _RATE,
}  # fmt: skip
_ITEMS: Shape = {"id": plain, "quantity": plain}
_PARCEL: Shape = {
    "id": plain, "createdAt": plain, "items": _ITEMS,
    "trackingData": {"trackingId": plain, "carrier": plain, "isReturn": plain},
}  # fmt: skip
_DELIVERY: Shape = {"id": plain, "items": _ITEMS, "parcels": _PARCEL}
_SHIPPING: Shape = {
    "price": _MONEY, "discountedPrice": {"value": _MONEY}, "taxedPrice": _TAXED, "taxRate": _RATE,
    "deliveries": _DELIVERY,
}  # fmt: skip
_RETURN: Shape = {
    "returnDate": plain,
    "items": {
        "id": plain, "lineItemId": plain, "customLineItemId": plain, "shipmentState": plain,
        "createdAt": plain, "lastModifiedAt": plain,
    },
}  # fmt: skip
_PAYMENT: Shape = {
    "id": plain, "typeId": plain,
    "obj": {
        "id": plain,
        "transactions": {
            "id": plain, "timestamp": plain, "type": plain, "state": plain, "amount": _MONEY,
        },
    },
}  # fmt: skip
_ORDER: dict[str, Shape] = {
    "id": plain, "createdAt": plain, "completedAt": plain, "customerId": plain, "origin": plain,
    "businessUnit": given, "billingAddress": {"company": given}, "totalPrice": _MONEY,
    "lineItems": _LINE, "customLineItems": _LINE, "shippingInfo": _SHIPPING,
    "shipping": {"shippingInfo": _SHIPPING}, "taxedShippingPrice": _TAXED,
    "discountOnTotalPrice": {"discountedAmount": _MONEY, "discountedGrossAmount": _MONEY},
    "returnInfo": _RETURN, "paymentInfo": {"payments": _PAYMENT},
}  # fmt: skip
_MESSAGE: dict[str, Shape] = {
    "id": plain, "notificationType": plain, "type": plain, "createdAt": plain,
    "resource": {"typeId": plain, "id": plain}, "payloadNotIncluded": given, "order": _ORDER,
    "orderState": plain, "delivery": _DELIVERY, "parcel": _PARCEL, "returnInfo": _RETURN,
    "payment": _PAYMENT, "paymentRef": _PAYMENT,
}  # fmt: skip
_BARE: dict[str, Shape] = {**_ORDER, **_MESSAGE}
SHAPE: Shape = {
    **_BARE, "results": _BARE, "data": _BARE, "specversion": plain, "action": plain,
    "actions": {"action": plain},
}  # fmt: skip

# -- which of them a body is ----------------------------------------------------------------------


def translate(body: bytes, topic: str | None) -> tuple[ShopFact, ...]:
    """The facts of a message or a query's results; commercetools has no topics.

    See `adapters.shops.Translator`.
    """
    facts = [fact for one in _all(document(body, SHAPE)) for fact in _one(one)]
    return tuple({fact.id: fact for fact in facts}.values())


def _all(read: Any) -> Iterable[Node]:
    """What a body holds: one, the `data` of a CloudEvent, or the `results` of a query."""
    if isinstance(read, list):
        return [node for one in read for node in _all(one)]
    if not isinstance(read, dict):
        raise Refused("the body is neither an object nor a list")
    if "results" in read:
        return rows(read, "results")
    if "specversion" in read:
        if not (message := node(read, "data")):
            raise Refused("data: is missing; the CloudEvent holds no message")
        return [message]
    return [read]


def _one(read: Node) -> Iterable[ShopFact]:
    if "action" in read or "actions" in read:
        raise Refused("action: an update action names no order; tell the message that it leads to")
    if text(read, "notificationType") in ("ResourceCreated", "ResourceUpdated", "ResourceDeleted"):
        return ()  # they hold a version and nothing of what changed
    if "type" in read and "resource" in read:
        return _message(read)
    if "lineItems" in read or "orderState" in read:
        return _order(read)
    raise Refused("the body is no message and no order of commercetools")


def _message(read: Node) -> Iterable[ShopFact]:
    resource, kind = node(read, "resource"), text(read, "type")
    what = text(resource, "typeId")
    if what == "payment" and kind.startswith("Payment"):
        if kind in PAYMENTS:
            raise Refused(f"resource: {kind} names a payment and no order; tell the order with its"
                          " payments expanded (paymentInfo.payments)")  # fmt: skip
        return ()
    if what != "order":
        return ()
    if read.get("payloadNotIncluded"):
        raise Refused(
            "payloadNotIncluded: the message was too large; tell it from the Messages API"
        )
    if kind in SILENT:
        return ()
    if kind not in TELL:
        raise Refused("type: is none of commercetools' messages that are known here")
    return TELL[kind](read, required(resource, "id"))


# -- an order -------------------------------------------------------------------------------------


def _created(message: Node, key: str) -> Iterable[ShopFact]:
    order = node(message, "order")
    if not order:
        raise Refused("order: is missing")
    return _order({"id": key} | order)


def _order(order: Node) -> list[ShopFact]:
    """What an order tells. `orderState` has no time of its own: its message tells it."""
    key = required(order, "id")
    if not isinstance(order.get("lineItems"), list):
        raise Refused("lineItems: is missing; orders are told whole")
    facts = list(_placed(order, key))
    for shipping in _shippings(order):
        for delivery in rows(shipping, "deliveries"):
            facts += _delivery(delivery, key)
    for info in rows(order, "returnInfo"):
        facts += _return(info, key)
    for payment in rows(node(order, "paymentInfo"), "payments"):
        facts += _payment(payment, key, _currency(order))
    return facts


def _shippings(order: Node) -> list[Node]:
    """One way of shipping, or (mode `Multiple`) several."""
    single, several = node(order, "shippingInfo"), rows(order, "shipping")
    return [single] if single else [node(one, "shippingInfo") for one in several]


def _currency(order: Node) -> str:
    return text(node(order, "totalPrice"), "currencyCode").upper()


def _placed(order: Node, key: str) -> tuple[ShopFact, ...]:
    items = [_item(one) for one in (*rows(order, "lineItems"), *rows(order, "customLineItems"))]
    said = Order(
        key=key, placed_at=when(order, "completedAt", "createdAt"), items=items,
        rank=sum(one.quantity for one in items), currency=_currency(order),
        discount=_discount(order), shipping=_shipping(order), customer=_customer(order),
    )  # fmt: skip
    return placed(said)


def _item(line: Node) -> Item:
    rate = node(line, "taxRate").get("amount")
    return Item(
        line=required(line, "id"), sku=text(node(line, "variant"), "sku"), name=text(line, "name"),
        quantity=positive(line, "quantity"), total=_gross(line, "totalPrice"),
        vat_rate=None if rate is None else rounded(_number(rate, "taxRate.amount") * 100),
    )  # fmt: skip


def _gross(priced: Node, name: str) -> Decimal:
    """What a line or delivery costs, VAT included."""
    taxed = node(node(priced, "taxedPrice"), "totalGross")
    if taxed:
        return _amount(taxed)
    price, rate = node(priced, name), node(priced, "taxRate")
    if not price:
        raise Refused(f"{name}: is missing")
    amount = _amount(price)
    if rate and rate.get("includedInPrice") is not True:
        amount += rounded(amount * _number(rate.get("amount") or ZERO, "taxRate.amount"))
    return amount


def _discount(order: Node) -> Decimal:
    """What is taken off the total, VAT included."""
    less = node(order, "discountOnTotalPrice")
    for name in ("discountedGrossAmount", "discountedAmount"):
        if amount := node(less, name):
            return _amount(amount)
    return ZERO


def _shipping(order: Node) -> Decimal | None:
    """What the customer pays for delivery; None where the order does not say."""
    if taxed := node(node(order, "taxedShippingPrice"), "totalGross"):
        return _amount(taxed)
    ways = [one for one in _shippings(order) if one]
    prices = []
    for one in ways:
        discounted = node(node(one, "discountedPrice"), "value")
        prices.append(_gross(one | {"price": discounted} if discounted else one, "price"))
    return sum(prices, ZERO) if ways else None


def _customer(order: Node) -> dict[str, Any]:
    """Commercetools' own id of the customer (a guest has none), and whether a company buys."""
    ref = ident(order, "customerId")
    customer = {"ref": f"commercetools:{ref}"} if ref else {}
    if order.get("businessUnit"):
        customer["kind"] = "business"
    if node(order, "billingAddress").get("company"):
        customer["invoice_address"] = "business"
    return customer


def _state(message: Node, key: str) -> Iterable[ShopFact]:
    """`Confirmed` and `Cancelled` are facts of the order system; `Open` and `Complete` are none."""
    kind = STATES.get(text(message, "orderState"))
    if kind is None:
        return ()
    id = f"message:{required(message, 'id')}"
    return (ShopFact(order=key, type=kind, id=id, at=when(message, "createdAt"), data={}),)


# -- deliveries -----------------------------------------------------------------------------------


def _delivered(message: Node, key: str) -> Iterable[ShopFact]:
    """Deliveries and parcels that are added."""
    delivery, parcel = node(message, "delivery"), node(message, "parcel")
    return _delivery(delivery | {"parcels": [parcel]} if parcel else delivery, key)


def _delivery(delivery: Node, key: str) -> list[ShopFact]:
    """`Shipped` for each parcel: without one, nothing says that the goods are on their way."""
    facts = []
    for parcel in rows(delivery, "parcels"):
        tracking, id = node(parcel, "trackingData"), required(parcel, "id")
        if tracking.get("isReturn") is True:
            continue
        items = rows(parcel, "items") or rows(delivery, "items")
        at, lines = when(parcel, "createdAt"), [required(one, "id") for one in items]
        carrier, number = text(tracking, "carrier"), text(tracking, "trackingId")
        facts.append(shipped(key, at, f"parcel:{id}", id, carrier, number, lines))
    return facts


def _removed(message: Node, key: str) -> Iterable[ShopFact]:
    """Parcels that were taken out again were never sent."""
    parcel = node(message, "parcel")
    facts: list[ShopFact] = []
    for one in [parcel] if parcel else rows(node(message, "delivery"), "parcels"):
        tracking, at = node(one, "trackingData"), when(message, "createdAt")
        carrier, number = text(tracking, "carrier"), text(tracking, "trackingId")
        facts += not_shipped(key, at, f"parcel:{required(one, 'id')}", carrier, number)
    return facts


# -- returns and payments -------------------------------------------------------------------------


def _returned(message: Node, key: str) -> Iterable[ShopFact]:
    infos = message.get("returnInfo")
    told = [infos] if isinstance(infos, dict) else rows(message, "returnInfo")
    return [fact for one in told for fact in _return(one, key)]


def _return(info: Node, key: str) -> list[ShopFact]:
    """`ReturnReceived` for what has come back; why something is advised to, nobody says."""
    facts = []
    for item in rows(info, "items"):
        if text(item, "shipmentState") in CAME_BACK:
            at, lines = (
                _came_back_at(info, item),
                [required(item, "lineItemId", "customLineItemId")],
            )
            facts.append(ShopFact(
                order=key, type="ReturnReceived", id=f"return:{required(item, 'id')}:{iso(at)}",
                at=at, data={"lines": lines},
            ))  # fmt: skip
    return facts


def _came_back_at(info: Node, item: Node) -> datetime:
    """The day of the return where it is given, else when the item was last told otherwise."""
    at = moment(info, "returnDate")
    return at or when(item, "lastModifiedAt", "createdAt")


def _payment_added(message: Node, key: str) -> Iterable[ShopFact]:
    return _payment(node(message, "paymentRef") or node(message, "payment"), key, "")


def _payment(payment: Node, key: str, currency: str) -> list[ShopFact]:
    """Charges and refunds that succeeded, where the payment is expanded (`obj`) and says when."""
    facts = []
    for one in rows(node(payment, "obj"), "transactions"):
        kind = MONEY.get(text(one, "type"))
        at = moment(one, "timestamp")
        if kind is None or text(one, "state") != "Success" or at is None:
            continue
        amount = node(one, "amount")
        if currency and text(amount, "currencyCode").upper() != currency:
            raise Refused("amount.currencyCode: is another than the order's")
        data = {"amount": exact(_amount(amount), "amount")}
        id = f"transaction:{required(one, 'id')}"
        facts.append(ShopFact(order=key, type=kind, id=id, at=at, data=data))
    return facts


# -- money ----------------------------------------------------------------------------------------


def _amount(money: Node) -> Decimal:
    """Cents by the currency's digits; `highPrecision` has an amount with more of them."""
    precise = text(money, "type") == "highPrecision"
    name = "preciseAmount" if precise else "centAmount"
    if money.get(name) is None:
        raise Refused(f"{name}: is missing")
    whole = _number(money[name], name)
    digits = money.get("fractionDigits", 2)
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= MOST_DIGITS:
        raise Refused(f"fractionDigits: is no whole number from 0 to {MOST_DIGITS}")
    if whole != whole.to_integral_value():
        raise Refused(f"{name}: is no whole number")
    return whole.scaleb(-digits)


def _number(found: Any, name: str) -> Decimal:
    if isinstance(found, bool) or not isinstance(found, (int, Decimal)):
        raise Refused(f"{name}: is no number")
    if (number := Decimal(found)) and number.adjusted() > FAR:
        raise Refused(f"{name}: is larger than any order")
    return number


FAR = 25
MOST_DIGITS = 20
PAYMENTS = {
    "PaymentCreated", "PaymentTransactionAdded", "PaymentTransactionStateChanged",
}  # fmt: skip
MONEY = {"Charge": "PaymentReceived", "Refund": "RefundPaid"}
STATES = {"Confirmed": "OrderConfirmed", "Cancelled": "CancellationConfirmed"}
CAME_BACK = ("Returned", "BackInStock", "Unusable")
TELL: dict[str, Callable[[Node, str], Iterable[ShopFact]]] = {
    "OrderCreated": _created, "OrderImported": _created, "OrderStateChanged": _state,
    "DeliveryAdded": _delivered, "ParcelAddedToDelivery": _delivered, "DeliveryRemoved": _removed,
    "ParcelRemovedFromDelivery": _removed, "ReturnInfoAdded": _returned,
    "ReturnInfoSet": _returned, "OrderPaymentAdded": _payment_added,
}  # fmt: skip
SILENT = {
    "OrderBillingAddressSet", "OrderBusinessUnitSet", "OrderCustomFieldAdded",
    "OrderCustomFieldChanged", "OrderCustomFieldRemoved", "OrderCustomTypeRemoved",
    "OrderCustomTypeSet", "OrderCustomLineItemAdded", "OrderCustomLineItemDiscountSet",
    "OrderCustomLineItemQuantityChanged", "OrderCustomLineItemRemoved", "OrderCustomerEmailSet",
    "OrderCustomerGroupSet", "OrderCustomerSet", "OrderDeleted", "OrderDiscountCodeAdded",
    "OrderDiscountCodeRemoved", "OrderDiscountCodeStateSet", "OrderEditApplied",
    "OrderLineItemAdded", "OrderLineItemDiscountSet", "OrderLineItemDistributionChannelSet",
    "OrderLineItemRemoved", "OrderPaymentStateChanged", "OrderPurchaseOrderNumberSet",
    "PurchaseOrderNumberSet", "OrderReturnShipmentStateChanged", "OrderShipmentStateChanged",
    "OrderShippingAddressSet", "OrderShippingInfoSet", "OrderShippingRateInputSet",
    "OrderStateTransition", "OrderStoreSet", "LineItemStateTransition",
    "CustomLineItemStateTransition", "DeliveryAddressSet", "DeliveryCustomFieldAdded",
    "DeliveryCustomFieldChanged", "DeliveryCustomFieldRemoved", "DeliveryCustomTypeRemoved",
    "DeliveryCustomTypeSet", "DeliveryItemsUpdated", "ParcelItemsUpdated",
    "ParcelMeasurementsUpdated", "ParcelTrackingDataUpdated",
}  # fmt: skip
"""Messages that tell no fact whole: most say how a resource is now called, addressed or marked,
and those about lines and parcels leave out what a fact would need: the order's export has it."""
