"""What is read of Shopify's bodies; everything else stays in them."""

from adapters.shops.reading import Shape, given, plain, plains

_AMOUNT: Shape = {"amount": plain, "currency_code": plain, "currency": plain}
_SET: Shape = {"shop_money": _AMOUNT, "presentment_money": _AMOUNT}
_TAXES: Shape = {"price": plain, "price_set": _SET, "rate": plain}
_ALLOCATIONS: Shape = {"amount": plain, "amount_set": _SET}
_DUTIES: Shape = {"price_set": _SET, "shop_money": _AMOUNT, "tax_lines": _TAXES}
_LINE: dict[str, Shape] = {
    "id": plain, "sku": plain, "name": plain, "title": plain, "quantity": plain, "price": plain,
    "price_set": _SET, "total_discount": plain, "discount_allocations": _ALLOCATIONS,
    "tax_lines": _TAXES, "duties": _DUTIES, "gift_card": plain, "tip": given,
}  # fmt: skip
_SHIPPING: Shape = {
    "price": plain, "discounted_price": plain, "discount_allocations": _ALLOCATIONS,
    "tax_lines": _TAXES, "is_removed": plain,
}  # fmt: skip
_TRANSACTION: dict[str, Shape] = {
    "id": plain, "order_id": plain, "kind": plain, "status": plain, "amount": plain,
    "amount_set": _SET, "total_unsettled_set": _SET, "currency": plain, "created_at": plain,
    "processed_at": plain, "test": plain,
}  # fmt: skip
_REFUND: dict[str, Shape] = {
    "id": plain, "order_id": plain, "created_at": plain, "processed_at": plain,
    "refund_line_items": {
        "id": plain, "quantity": plain, "line_item_id": plain, "restock_type": plain,
        "subtotal_set": _SET,
    },
    "refund_shipping_lines": {"subtotal_amount_set": _SET},
    "order_adjustments": {"amount_set": _SET}, "total_duties_set": _SET,
    "transactions": _TRANSACTION,
}  # fmt: skip
_FULFILLMENT: dict[str, Shape] = {
    "id": plain, "order_id": plain, "status": plain, "created_at": plain, "tracking_company": plain,
    "tracking_number": plain, "tracking_numbers": plains, "line_items": _LINE,
}  # fmt: skip
_EVENT: dict[str, Shape] = {
    "id": plain, "order_id": plain, "fulfillment_id": plain, "status": plain, "happened_at": plain,
}  # fmt: skip
_GIVEN_ADDRESS: Shape = {"company": given}
_ORDER: dict[str, Shape] = {
    "id": plain, "created_at": plain, "processed_at": plain, "cancelled_at": plain,
    "cancel_reason": plain, "confirmed": plain, "currency": plain, "financial_status": plain,
    "test": plain, "source_name": plain, "taxes_included": plain, "total_price": plain,
    "total_price_set": _SET, "total_tax": plain, "tax_lines": _TAXES, "line_items": _LINE,
    "shipping_lines": _SHIPPING,
    "payment_gateway_names": plains, "gateway": plain, "customer": {"id": plain},
    "billing_address": _GIVEN_ADDRESS, "company": given, "refunds": _REFUND,
    "fulfillments": _FULFILLMENT, "transactions": _TRANSACTION,
}  # fmt: skip
_RETURN_LINE: Shape = {
    "return_reason": plain, "fulfillment_line_item": {"line_item": {"id": plain}},
    "returnReason": plain, "fulfillmentLineItem": {"lineItem": {"id": plain}},
}  # fmt: skip
_RETURN: dict[str, Shape] = {
    "id": plain, "status": plain, "order_id": plain, "order": {"id": plain}, "created_at": plain,
    "createdAt": plain, "requestApprovedAt": plain, "return_line_items": _RETURN_LINE,
    "returnLineItems": {"nodes": _RETURN_LINE, "edges": {"node": _RETURN_LINE}},
}  # fmt: skip
_KINDS: dict[str, dict[str, Shape]] = {
    "order": _ORDER, "fulfillment": _FULFILLMENT, "refund": _REFUND, "transaction": _TRANSACTION,
    "fulfillment_event": _EVENT, "return": _RETURN,
}  # fmt: skip
_BARE = {name: shape for kind in (*_KINDS.values(), _ORDER) for name, shape in kind.items()}
SHAPE: Shape = {
    **_BARE, **{f"{kind}s": shape for kind, shape in _KINDS.items()}, **_KINDS,
    "order_edit": {"id": plain, "order_id": plain},
}  # fmt: skip
