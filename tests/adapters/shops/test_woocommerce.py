"""WooCommerce: which facts follow from which bodies, and under which ids."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.shops import translator
from domain.errors import Refused
from tests.adapters.shops.fixtures import body, one, told, types, without

ORDER, REFUND = "woocommerce_order", "woocommerce_refund"


def placed(order: dict[str, Any]) -> dict[str, Any]:
    return one(told(ORDER, order), "OrderPlaced").data


def test_an_order_is_placed_confirmed_and_paid() -> None:
    facts = told(ORDER, topic="order.created")
    assert types(facts) == ["OrderPlaced", "OrderConfirmed", "PaymentReceived"]
    assert {fact.order for fact in facts} == {"8801"}
    assert facts[2].data == {"amount": Decimal("388.00")}
    assert facts[2].at.isoformat() == "2026-03-02T10:00:20+00:00"


def test_amounts_are_told_with_vat_and_add_up() -> None:
    data = placed(body(ORDER))
    prices = {found["line"]: found["unit_price"] for found in data["lines"]}
    assert prices == {"901": Decimal(100), "902": Decimal(112), "906": Decimal(27)}
    whole = sum(found["unit_price"] * found["quantity"] for found in data["lines"])
    assert whole + data["shipping"]["price"] == Decimal("388.00")


def test_vat_is_that_of_the_rates_or_of_what_the_tax_comes_to() -> None:
    order = body(ORDER)
    rates = [found["vat_rate"] for found in placed(order)["lines"]]
    assert rates == [Decimal(25), Decimal(12), Decimal(25)]
    for rate in order["tax_lines"]:
        del rate["rate_percent"]
    assert [found["vat_rate"] for found in placed(order)["lines"]] == rates


def test_a_fee_below_zero_is_a_discount_on_the_goods() -> None:
    order = body(ORDER)
    order["fee_lines"][0] |= {"total": "-21.60", "total_tax": "-5.40"}
    lines = placed(order)["lines"]
    assert [found["line"] for found in lines] == ["901", "902"]
    whole = sum(found["unit_price"] * found["quantity"] for found in lines)
    assert whole == Decimal(312 - 27) + Decimal("0.01")  # 182.69 is no sum of two equal prices


def test_a_price_is_rounded_only_where_that_hardly_matters() -> None:
    order = body(ORDER)
    order["line_items"][0] |= {"quantity": 1000, "total": "10.00", "total_tax": "2.50"}
    line = placed(order)["lines"][0]
    assert (line["quantity"], line["unit_price"]) == (1, Decimal("12.50"))


@pytest.mark.parametrize(("kind", "method"), [
    ("bacs", "advance"), ("cod", "cash"), ("stripe", "card"), ("klarna_payments", None),
])  # fmt: skip
def test_how_the_customer_pays_is_told_where_the_name_says_it(kind: str, method: str) -> None:
    payment = placed(body(ORDER) | {"payment_method": kind}).get("payment", {})
    assert payment.get("method") == method


def test_an_order_that_waits_for_its_money_is_not_confirmed() -> None:
    waits = {"status": "on-hold", "date_paid": None, "date_paid_gmt": None}
    assert types(told(ORDER, body(ORDER) | waits)) == ["OrderPlaced"]


def test_who_pays_on_delivery_has_an_order_at_once() -> None:
    cash = {"payment_method": "cod", "date_paid": None, "date_paid_gmt": None}
    facts = told(ORDER, body(ORDER) | cash)
    assert types(facts) == ["OrderPlaced", "OrderConfirmed"]
    later = told(ORDER, body(ORDER) | {"payment_method": "cod", "status": "completed"})
    assert one(later, "OrderConfirmed") == one(facts, "OrderConfirmed")


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft", "trash"])
def test_a_draft_is_no_order(status: str) -> None:
    assert told(ORDER, body(ORDER) | {"status": status}) == ()


def test_a_cancelled_order_is_confirmed_as_such() -> None:
    fact = one(told(ORDER, body(ORDER) | {"status": "cancelled"}), "CancellationConfirmed")
    assert fact.at.isoformat() == "2026-03-02T10:00:30+00:00"


def test_a_guest_has_no_reference_and_a_company_is_a_flag() -> None:
    order = body(ORDER) | {"customer_id": 0}
    assert "customer" not in placed(order)
    order["billing"]["company"] = "Gäss & Co"
    order["meta_data"].append({"id": 3, "key": "_vat_number", "value": "SE556000000001"})
    assert placed(order)["customer"] == {"invoice_address": "business", "registered": True}


def test_times_are_those_of_utc_where_they_are_told() -> None:
    local = without(body(ORDER), "date_created_gmt", "date_paid_gmt")
    assert placed(local)["placed_at"] == "2026-03-02T10:00:00Z"  # 11:00 in Stockholm
    zoned = body(ORDER) | {"date_created_gmt": "2026-03-02T12:00:00+02:00"}
    assert told(ORDER, zoned) == told(ORDER)


def test_parcels_of_the_tracking_extension_are_shipped() -> None:
    parcel = {"tracking_id": "9f1", "tracking_provider": "PostNord", "tracking_number": "TN1",
              "date_shipped": "1772530000", "tracking_link": "https://x"}  # fmt: skip
    order = body(ORDER)
    order["meta_data"].append({"key": "_wc_shipment_tracking_items", "value": [parcel]})
    fact = one(told(ORDER, order), "Shipped")
    assert fact.data == {"parcel": "9f1", "lines": ["901", "902"], "carrier": "PostNord",
                         "tracking": "TN1"}  # fmt: skip


def test_parcels_are_shipped_too_where_php_made_an_object_of_their_list() -> None:
    parcel = {"tracking_id": "9f1", "tracking_number": "TN1", "date_shipped": 1772530000}
    listed, gap = body("woocommerce_order"), body("woocommerce_order")
    listed["meta_data"].append({"key": "_wc_shipment_tracking_items", "value": [parcel]})
    gap["meta_data"].append({"key": "_wc_shipment_tracking_items", "value": {"1": parcel}})
    assert "Shipped" in types(told("woocommerce_order", gap))
    assert told("woocommerce_order", gap) == told("woocommerce_order", listed)


@pytest.mark.parametrize("change", [
    {"date_shipped": None}, {"date_shipped": "soon"}, {"tracking_id": "", "tracking_number": ""},
])  # fmt: skip
def test_a_parcel_that_does_not_say_when_or_which_keeps_the_order_from_nothing(
    change: dict[str, Any],
) -> None:
    parcel = {"tracking_id": "9f1", "tracking_number": "TN1", "date_shipped": 1772530000} | change
    order = body(ORDER)
    order["meta_data"].append({"key": "_wc_shipment_tracking_items", "value": [parcel]})
    assert told(ORDER, order) == told(ORDER)


@pytest.mark.parametrize("link", ["parent_id", "_links"])
def test_a_refund_names_its_order_by_parent_or_link(link: str) -> None:
    refund = without(body(REFUND), {"parent_id": "_links", "_links": "parent_id"}[link])
    fact = one(told(REFUND, refund), "RefundPaid")
    assert (fact.order, fact.id, fact.data) == ("8801", "refund:8850", {"amount": Decimal(100)})


def test_a_refund_that_names_no_order_is_refused() -> None:
    with pytest.raises(Refused, match=r"^parent_id: is missing"):
        told(REFUND, without(body(REFUND), "parent_id", "_links"))


def test_a_refund_left_to_be_paid_by_hand_is_not_known_to_be_paid() -> None:
    assert told(REFUND, body(REFUND) | {"refunded_payment": False}) == ()


def test_lists_are_what_stands_in_them() -> None:
    assert told(ORDER, [body(ORDER), body(REFUND)]) == told(ORDER) + told(REFUND)


def test_a_ping_tells_nothing() -> None:
    assert translator("woocommerce")(b"webhook_id=17", None) == ()


@pytest.mark.parametrize("topic", ["order.deleted", "product.updated", "action.some_hook"])
def test_a_topic_that_tells_no_fact(topic: str) -> None:
    assert told(ORDER, topic=topic) == ()


@pytest.mark.parametrize("topic", ["order.eaten", "subscription.created", "", "order"])
def test_an_unknown_topic_is_refused(topic: str) -> None:
    with pytest.raises(Refused, match=r"^topic: "):
        told(ORDER, topic=topic)
