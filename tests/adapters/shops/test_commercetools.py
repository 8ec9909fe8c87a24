"""Commercetools: which facts follow from which messages and results, and under which ids."""

import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.shops import translator
from domain.errors import Refused
from tests.adapters.shops.fixtures import body, one, told, types, without

CREATED, EXPORT = "commercetools_order_created", "commercetools_export"
STATE, PARCEL, RETURN = (
    "commercetools_state",
    "commercetools_parcel_cloudevent",
    "commercetools_return",
)
KEY = "0e0e0e0e-1111-4222-8333-444444444444"


def order(**changes: Any) -> dict[str, Any]:
    message = body(CREATED)
    message["order"] |= changes
    return message  # type: ignore[no-any-return]


def placed(message: dict[str, Any]) -> dict[str, Any]:
    return one(told(CREATED, message), "OrderPlaced").data


def sek(cents: int) -> dict[str, Any]:
    return {
        "type": "centPrecision",
        "currencyCode": "SEK",
        "centAmount": cents,
        "fractionDigits": 2,
    }


def test_an_order_is_placed_with_what_it_costs_vat_included() -> None:
    fact = one(told(CREATED), "OrderPlaced")
    assert fact.order == KEY
    prices = [(found["quantity"], found["unit_price"]) for found in fact.data["lines"]]
    assert prices == [(3, Decimal(1250)), (1, Decimal("12.50")), (1, Decimal(200))]
    assert fact.data["shipping"] == {"price": Decimal(50)}
    assert [found.get("name") for found in fact.data["lines"]] == [
        "Skrivbord",
        "Skruv",
        "Inbärning",
    ]


def test_cents_go_by_the_digits_of_the_currency() -> None:
    yen = sek(1250) | {"currencyCode": "JPY", "fractionDigits": 0}
    line = body(CREATED)["order"]["lineItems"][1] | {"totalPrice": yen, "quantity": 1}
    message = order(lineItems=[line], customLineItems=[])
    assert placed(message)["lines"][0]["unit_price"] == Decimal(1250)


def test_a_discount_on_the_total_is_shared_by_the_lines() -> None:
    less = {"discountedAmount": sek(30000), "discountedGrossAmount": sek(39625)}
    lines = placed(order(discountOnTotalPrice=less))["lines"]
    whole = sum(found["unit_price"] * found["quantity"] for found in lines)
    assert abs(whole - (Decimal("3962.50") - Decimal("396.25"))) <= Decimal("0.02")


def test_tax_that_is_not_in_the_price_is_added() -> None:
    lines = body(CREATED)["order"]["lineItems"]
    del lines[0]["taxedPrice"]
    assert placed(order(lineItems=lines))["lines"][0]["unit_price"] == Decimal(1250)


def test_a_guest_has_no_reference_and_a_company_is_a_flag() -> None:
    guest = order(anonymousId="a-1", businessUnit={"key": "b"}, billingAddress={"company": "S AB"})
    del guest["order"]["customerId"]
    assert placed(guest)["customer"] == {"kind": "business", "invoice_address": "business"}


def test_a_message_and_its_cloudevent_are_the_same() -> None:
    event = body(PARCEL)
    assert told(PARCEL, event["data"]) == told(PARCEL, event)
    assert one(told(PARCEL), "Shipped").data == {
        "parcel": "dddddddd-0001-4000-8000-000000000000", "carrier": "PostNord",
        "tracking": "UA123456789SE", "lines": ["aaaaaaaa-0001-4000-8000-000000000001"],
    }  # fmt: skip


def test_messages_and_the_export_tell_the_same() -> None:
    messages = [fact for name in (CREATED, PARCEL, RETURN) for fact in told(name)]
    paid = ["PaymentReceived", "RefundPaid"]
    exported = [fact for fact in told(EXPORT) if fact.type not in paid]
    assert sorted(map(repr, exported)) == sorted(map(repr, messages))


def test_the_messages_api_tells_what_the_messages_did() -> None:
    results = {"count": 2, "results": [body(CREATED), body(STATE)]}
    assert told(CREATED, results) == told(CREATED) + told(STATE)


@pytest.mark.parametrize(("state", "fact"), [
    ("Confirmed", ["OrderConfirmed"]), ("Cancelled", ["CancellationConfirmed"]),
    ("Open", []), ("Complete", []),
])  # fmt: skip
def test_states_that_are_facts(state: str, fact: list[str]) -> None:
    assert types(told(STATE, body(STATE) | {"orderState": state})) == fact


def test_payments_are_charges_and_refunds_that_succeeded() -> None:
    facts = told(EXPORT)
    assert one(facts, "PaymentReceived").data == {"amount": Decimal("3962.50")}
    assert one(facts, "RefundPaid").data == {"amount": Decimal(1250)}


def test_a_payment_that_names_no_order_is_refused() -> None:
    message = body(STATE) | {"resource": {"typeId": "payment", "id": "p"},
                             "type": "PaymentTransactionAdded"}  # fmt: skip
    with pytest.raises(Refused, match="names a payment and no order"):
        told(STATE, message)
    assert told(STATE, message | {"type": "PaymentStatusInterfaceCodeSet"}) == ()


@pytest.mark.parametrize(("state", "fact"), [
    ("Returned", ["ReturnReceived"]), ("Unusable", ["ReturnReceived"]),
    ("Advised", []), ("BackInStock", ["ReturnReceived"]),
])  # fmt: skip
def test_what_came_back_is_received(state: str, fact: list[str]) -> None:
    message = body(RETURN)
    message["returnInfo"]["items"][0]["shipmentState"] = state
    assert types(told(RETURN, message)) == fact


def test_a_parcel_back_is_none_that_was_sent() -> None:
    event = body(PARCEL)
    event["data"]["parcel"]["trackingData"]["isReturn"] = True
    assert told(PARCEL, event) == ()


def test_a_parcel_taken_out_again_was_never_sent() -> None:
    message = body(PARCEL)["data"]
    removed = without(message, "delivery") | {"type": "ParcelRemovedFromDelivery"}
    facts = told(PARCEL, removed)
    assert {fact.type for fact in facts} == {"Retracted"}
    assert one(told(PARCEL), "Shipped").id in {fact.data["fact"] for fact in facts}


def test_an_update_action_names_no_order() -> None:
    for action in ({"action": "addReturnInfo", "items": []}, {"version": 1, "actions": []}):
        with pytest.raises(Refused, match="an update action names no order"):
            told(STATE, action)


def test_other_resources_and_versions_tell_nothing() -> None:
    product = body(STATE) | {
        "resource": {"typeId": "product", "id": "p"},
        "type": "ProductPublished",
    }
    updated = {"notificationType": "ResourceUpdated", "resource": {"typeId": "order", "id": KEY}}
    assert told(STATE, product) == told(STATE, updated) == ()
    assert told(STATE, body(STATE) | {"type": "OrderShippingAddressSet"}) == ()


@pytest.mark.parametrize(("change", "sentence"), [
    ({"type": "OrderEaten"}, "^type: is none of commercetools"),
    ({"payloadNotIncluded": {"reason": "too large"}}, "^payloadNotIncluded: "),
    ({"resource": {"typeId": "order"}}, "^id: is missing"),
    ({"createdAt": "Selma"}, "^createdAt: is not a time in ISO 8601$"),
])  # fmt: skip
def test_what_is_not_understood_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        told(STATE, body(STATE) | change)


def test_money_without_digits_of_its_kind_is_refused() -> None:
    message = body(CREATED)
    message["order"]["customLineItems"][0]["totalPrice"] = sek(1) | {"fractionDigits": "two"}
    with pytest.raises(Refused, match=r"^fractionDigits: "):
        translator("commercetools")(json.dumps(message).encode(), None)
