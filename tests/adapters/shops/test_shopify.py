"""Shopify: which facts follow from which bodies, and under which ids."""

from decimal import Decimal
from typing import Any

import pytest

from domain.errors import Refused
from tests.adapters.shops.fixtures import body, one, told, types, without

ORDER = "shopify_order"


def placed(order: dict[str, Any]) -> dict[str, Any]:
    return one(told(ORDER, order), "OrderPlaced").data


def line(order: dict[str, Any], id: str) -> dict[str, Any]:
    return next(found for found in placed(order)["lines"] if found["line"] == id)


def test_an_order_is_placed_with_its_lines_delivery_and_customers_number() -> None:
    fact = one(told(ORDER, topic="orders/create"), "OrderPlaced")
    assert fact.order == "5610001"
    assert fact.data["currency"] == "SEK"
    assert fact.data["shipping"] == {"price": Decimal("49.00")}
    assert fact.data["payment"] == {"method": "swish"}
    assert fact.data["customer"] == {"ref": "shopify:207119"}
    assert [found["line"] for found in fact.data["lines"]] == ["14001", "14002", "14003"]


def test_discounts_are_taken_off_the_price_of_a_piece() -> None:
    assert line(body(ORDER), "14001")["unit_price"] == Decimal("224.10")


def test_vat_is_that_of_the_lines_own_taxes() -> None:
    rates = [found["vat_rate"] for found in placed(body(ORDER))["lines"]]
    assert rates == [Decimal(25), Decimal(6), Decimal(0)]


def test_a_line_of_no_pieces_is_no_line() -> None:
    assert "14004" not in str(placed(body(ORDER)))


def test_a_gift_card_and_a_tip_say_what_they_are() -> None:
    order = body(ORDER)
    order["line_items"][1]["tip"] = {"payment_gateway": "swish", "payment_method": "swish"}
    assert line(order, "14003")["category"] == "gift_card"
    assert line(order, "14002")["category"] == "tip"


def test_prices_without_tax_are_told_with_it() -> None:
    """An order's `prices` are how all its amounts are told, and payments are told with VAT."""
    order = body(ORDER)
    order["taxes_included"] = False
    data = placed(order)
    assert "prices" not in data
    assert data["lines"][0]["unit_price"] == Decimal("268.92")  # (448.20 + 89.64) / 2
    assert data["shipping"] == {"price": Decimal("58.80")}


def test_lines_without_taxes_of_their_own_have_the_orders_only_rate() -> None:
    order = body(ORDER)
    order["tax_lines"] = order["tax_lines"][:1]
    for found in order["line_items"]:
        del found["tax_lines"]
    assert {found["vat_rate"] for found in placed(order)["lines"]} == {Decimal(25)}


def test_amounts_are_in_the_shops_currency_and_not_in_the_customers() -> None:
    order = body(ORDER)
    order["line_items"][0]["price"] = None
    assert line(order, "14001")["unit_price"] == Decimal("224.10")


def test_duties_are_a_line_of_their_own() -> None:
    order = body(ORDER)
    money = {"amount": "30.00", "currency_code": "SEK"}
    order["line_items"][0]["duties"] = [{"id": "1", "shop_money": money, "tax_lines": []}]
    duties = line(order, "14001:duties")
    assert (duties["category"], duties["unit_price"]) == ("duties", Decimal("30.00"))


@pytest.mark.parametrize("absent", ["customer", "billing_address", "shipping_lines", "tax_lines",
                                    "refunds", "fulfillments", "processed_at", "note"])  # fmt: skip
@pytest.mark.parametrize("how", ["null", "missing"])
def test_what_is_optional_may_be_absent(absent: str, how: str) -> None:
    order = without(body(ORDER), absent) | ({absent: None} if how == "null" else {})
    assert types(told(ORDER, order)) == ["OrderPlaced", "OrderConfirmed"]


def test_a_guest_has_no_reference() -> None:
    assert "customer" not in placed(body(ORDER) | {"customer": None})


def test_a_company_is_told_as_a_flag() -> None:
    order = body(ORDER)
    order["billing_address"]["company"] = "Lindqvists Lampor AB"
    assert placed(order)["customer"] == {"ref": "shopify:207119", "invoice_address": "business"}
    order["company"] = {"id": 1, "location_id": 2}
    assert placed(order)["customer"]["kind"] == "business"


def test_a_test_order_tells_nothing() -> None:
    assert told(ORDER, body(ORDER) | {"test": True}) == ()


def test_an_order_is_confirmed_where_shopify_took_it_on_or_was_paid() -> None:
    order = body(ORDER) | {"confirmed": False, "financial_status": "authorized"}
    assert types(told(ORDER, order)) == ["OrderPlaced"]
    assert "OrderConfirmed" in types(told(ORDER, order | {"financial_status": "paid"}))
    assert "OrderConfirmed" in types(told(ORDER, order | {"confirmed": True}))


def test_a_cancelled_order_is_confirmed_as_such_and_asked_for_where_the_customer_did() -> None:
    order = body(ORDER) | {"cancelled_at": "2026-03-02T12:00:00+01:00", "cancel_reason": "other"}
    assert "CancellationRequested" not in types(told(ORDER, order))
    fact = one(told(ORDER, order), "CancellationConfirmed")
    assert fact.at.isoformat() == "2026-03-02T11:00:00+00:00"
    customers = told(ORDER, order | {"cancel_reason": "customer"})
    assert one(customers, "CancellationRequested").at == fact.at


# -- ids ------------------------------------------------------------------------------------------


def test_webhooks_and_the_export_tell_the_same_messages() -> None:
    webhooks = [fact for name in ("order", "fulfillment", "refund") for fact in
                told(f"shopify_{name}")]  # fmt: skip
    assert set(map(repr, told("shopify_export"))) == set(map(repr, webhooks))


def test_an_order_that_grew_is_another_message_that_folds_later() -> None:
    order = body(ORDER)
    before = one(told(ORDER, order), "OrderPlaced")
    order["line_items"][0]["quantity"] = 12
    after = one(told(ORDER, order), "OrderPlaced")
    assert (before.at, before.id) < (after.at, after.id)


def test_pieces_cancelled_before_they_were_sent_change_the_order() -> None:
    order = body("shopify_export")["orders"][0]
    order["refunds"][0]["refund_line_items"][0]["restock_type"] = "cancel"
    changed = one(told(ORDER, order), "OrderChanged")
    assert [found["quantity"] for found in changed.data["lines"]] == [1, 1, 1]
    assert changed.data["lines"][0]["unit_price"] == Decimal("224.10")
    assert changed.at.isoformat() == "2026-03-12T13:00:00+00:00"


# -- fulfilments ----------------------------------------------------------------------------------

FULFILLMENT = "shopify_fulfillment"


def test_a_fulfilment_that_succeeded_is_a_parcel() -> None:
    fact = one(told(FULFILLMENT, topic="fulfillments/create"), "Shipped")
    assert fact.data == {
        "parcel": "25001", "lines": ["14001"], "carrier": "PostNord SE",
        "tracking": "00370712345678901230",
    }  # fmt: skip


@pytest.mark.parametrize("status", ["pending", "open", "error", "failure"])
def test_one_that_did_not_has_shipped_nothing(status: str) -> None:
    assert told(FULFILLMENT, body(FULFILLMENT) | {"status": status}) == ()


def test_each_number_is_a_parcel() -> None:
    several = body(FULFILLMENT) | {"tracking_numbers": ["A1", "A2"]}
    parcels = [(fact.data["parcel"], fact.data["tracking"]) for fact in told(FULFILLMENT, several)]
    assert parcels == [("25001", "A1"), ("25001:2", "A2")]


def test_a_number_told_later_is_another_message_of_the_same_parcel() -> None:
    bare = body(FULFILLMENT) | {
        "tracking_numbers": [], "tracking_number": None, "tracking_company": None,
    }  # fmt: skip
    before, after = one(told(FULFILLMENT, bare), "Shipped"), one(told(FULFILLMENT), "Shipped")
    assert before.id < after.id
    assert before.data["parcel"] == after.data["parcel"]


def test_a_cancelled_fulfilment_is_taken_back() -> None:
    facts = told(FULFILLMENT, body(FULFILLMENT) | {"status": "cancelled"})
    assert {fact.type for fact in facts} == {"Retracted"}
    assert one(told(FULFILLMENT), "Shipped").id in {fact.data["fact"] for fact in facts}


def test_the_carriers_word_by_way_of_the_shop_is_never_what_a_fee_rests_on() -> None:
    event = {"id": 9, "fulfillment_id": 25001, "order_id": 5610001,
             "happened_at": "2026-03-05T10:00:00+01:00"}  # fmt: skip
    expected = {"in_transit": ["InTransit"], "delivered": ["Delivered"], "ready_for_pickup": [],
                "attempted_delivery": [], "failure": []}  # fmt: skip
    for status, facts in expected.items():
        found = told(FULFILLMENT, event | {"status": status}, "fulfillment_events/create")
        assert types(found) == facts


# -- money ----------------------------------------------------------------------------------------


def test_a_payment_is_a_transaction_that_succeeded() -> None:
    sale = body("shopify_transaction")
    fact = one(told("shopify_transaction", sale, "order_transactions/create"), "PaymentReceived")
    assert (fact.id, fact.data) == ("transaction:31001", {"amount": Decimal("803.20")})
    for other in (
        {"status": "pending"},
        {"kind": "authorization"},
        {"kind": "void"},
        {"test": True},
    ):
        assert told("shopify_transaction", sale | other) == ()


def test_a_refund_that_failed_was_not_paid() -> None:
    facts = told("shopify_refund", topic="refunds/create")
    assert one(facts, "RefundPaid").data == {"amount": Decimal("224.10")}


def test_goods_that_are_put_back_into_stock_have_come_back() -> None:
    refund = body("shopify_refund")
    assert one(told("shopify_refund", refund), "ReturnReceived").data == {"lines": ["14001"]}
    for kind in ("no_restock", "cancel", "legacy_restock", None):
        refund["refund_line_items"][0]["restock_type"] = kind
        assert "ReturnReceived" not in types(told("shopify_refund", refund))


def test_a_refund_in_the_customers_currency_is_told_in_the_shops() -> None:
    refund = body("shopify_refund")
    refund["transactions"][0] |= {"amount": "22.41", "currency": "EUR"}
    assert one(told("shopify_refund", refund), "RefundPaid").data == {"amount": Decimal("224.10")}


def test_an_amount_in_another_currency_at_no_rate_is_refused() -> None:
    sale = body("shopify_transaction") | {"amount": "80.32", "currency": "EUR"}
    with pytest.raises(Refused, match=r"^amount: is in another currency"):
        told("shopify_transaction", sale)


@pytest.mark.parametrize("name", ["currency", "currency_code"])
def test_transactions_call_the_shops_currency_otherwise_than_other_sums(name: str) -> None:
    sale = body("shopify_transaction") | {"amount": "80.32", "currency": "EUR"}
    sale["total_unsettled_set"] = {"shop_money": {"amount": "0.0", name: "SEK"}}
    with pytest.raises(Refused, match=r"^amount: is in another currency"):
        told("shopify_transaction", sale)


def test_no_currency_is_none() -> None:
    """Shopify's test notifications say XXX."""
    sale = body("shopify_transaction")
    sale["total_unsettled_set"] = {"shop_money": {"amount": "0.0", "currency": "XXX"}}
    assert one(told("shopify_transaction", sale), "PaymentReceived").data["amount"] == Decimal(
        "803.20"
    )


def test_an_order_without_sums_in_both_currencies_takes_no_amount_in_another() -> None:
    paid = body("shopify_transaction") | {"currency": "EUR", "total_unsettled_set": None}
    order = without(body(ORDER), "total_price_set") | {"transactions": [paid]}
    with pytest.raises(Refused, match=r"^amount: is in another currency"):
        told(ORDER, order)


# -- returns, topics, forms -----------------------------------------------------------------------


def test_a_return_of_faulty_goods_that_says_when_asks_for_a_number_and_gets_it() -> None:
    facts = told("shopify_return")
    assert types(facts) == ["RmaRequested", "RmaIssued"]
    complaint = {"rma": "71001", "kind": "complaint", "lines": ["14001"]}
    assert facts[0].data == facts[1].data == complaint


def test_a_return_for_another_reason_is_no_complaint() -> None:
    found = body("shopify_return")
    found["return"]["returnLineItems"]["nodes"][0]["returnReason"] = "UNWANTED"
    assert told("shopify_return", found) == ()


def test_webhooks_about_returns_hold_no_time_and_tell_no_fact() -> None:
    assert told("shopify_return_webhook", topic="returns/request") == ()


@pytest.mark.parametrize(
    "topic", ["orders/edited", "orders/delete", "products/update", "app/uninstalled"]
)
def test_a_topic_that_tells_no_fact(topic: str) -> None:
    assert told(ORDER, topic=topic) == ()


@pytest.mark.parametrize("topic", ["orders/eaten", "moon/phase", "orders", ""])
def test_an_unknown_topic_is_refused(topic: str) -> None:
    with pytest.raises(Refused, match=r"^topic: "):
        told(ORDER, topic=topic)


@pytest.mark.parametrize("kind", ["order", "fulfillment", "refund", "transaction"])
def test_one_or_several_wrapped_or_bare_are_the_same(kind: str) -> None:
    name = f"shopify_{kind}"
    bare = body(name)
    for form in ({kind: bare}, {f"{kind}s": [bare]}, [bare]):
        assert told(name, form) == told(name)


@pytest.mark.parametrize(("change", "sentence"), [
    ({"id": None}, "id: is missing"),
    ({"line_items": None}, "line_items: is missing; orders are told whole"),
    ({"processed_at": None, "created_at": "Astrid"}, "created_at: is not a time in ISO 8601"),
    ({"line_items": "Astrid"}, "line_items: is neither an object nor a list"),
    ({"shipping_lines": [{"price": "Astrid"}]}, "price: is no amount of money"),
    ({"currency": {"Astrid": 1}}, "currency: is not of its kind"),
])  # fmt: skip
def test_a_refusal_names_the_field_and_nobody(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        told(ORDER, body(ORDER) | change, "orders/create")
    assert str(refused.value) == sentence
