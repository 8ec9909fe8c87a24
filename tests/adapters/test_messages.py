"""What is understood at the edge, and what is refused there, with a sentence that helps."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.messages import Message, Understood, understand
from domain.errors import Refused, UnknownType, Unreadable
from domain.facts import OrderPlaced, Shipped

SHIPPED = {
    "specversion": "1.0", "id": "m-1", "source": "/warehouse/allectra", "type": "Shipped",
    "seller": "allectra", "subject": "A-1001", "time": "2024-03-05T09:00:00+01:00",
    "datacontenttype": "application/json",
    "data": {"parcel": "p1", "carrier": "postnord", "tracking": "T1", "cost": 79.00},
}  # fmt: skip


def told(*, data: Any = None, **attributes: Any) -> Understood:
    event = SHIPPED | attributes | ({} if data is None else {"data": data})
    return understand(Message(json.dumps(event).encode(), "here:1"))


def test_a_cloud_event_is_a_fact_of_an_order() -> None:
    one = told()
    assert one.key == "allectra/A-1001"
    assert one.told.fact == Shipped(parcel="p1", carrier="postnord", tracking="T1", cost=7900)
    assert one.told.at == one.told.recorded_at == datetime(2024, 3, 5, 8, tzinfo=UTC)


def test_the_data_are_kept_byte_for_byte() -> None:
    raw = json.dumps(SHIPPED | {"data": 0}).replace('"data": 0', '"data": {  "parcel":"p1"}')
    assert understand(Message(raw.encode(), "here:1")).body == b'{  "parcel":"p1"}'


def test_what_became_known_later_says_so_itself() -> None:
    known = told(recordedtime="2024-03-09T08:00Z").told.recorded_at
    assert known == datetime(2024, 3, 9, 8, tzinfo=UTC)


def test_the_transports_own_time_comes_first() -> None:
    appended = datetime(2024, 3, 7, tzinfo=UTC)
    raw = json.dumps(SHIPPED | {"recordedtime": "2024-03-09T08:00Z"}).encode()
    assert understand(Message(raw, "t[0]@1", appended)).told.recorded_at == appended


def test_unknown_attributes_of_the_envelope_are_kept() -> None:
    assert told(traceparent="00-ab").extensions == {"traceparent": "00-ab"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"type": "Teleported"}, "type: 'Teleported' is not a fact that is known here"),
        ({"data": {"parcel": "p1", "cost": -5}}, "cost: -5 is negative"),
        ({"data": {"parcel": "p1", "cost": 5.001}}, "cost: 5.001 has more than two decimals"),
        ({"data": {"carrier": "dhl"}}, "parcel: is missing"),
        ({"type": "OrderPlaced", "data": {"lines": [
            {"line": "1", "unit_price": 5}, {"line": "2", "unit_price": 5, "vat_rate": 100}]}},
         "lines.2.vat_rate: 100 % is no rate of VAT"),
        ({"type": "OrderChanged", "data": {"lines": [
            {"line": "1", "unit_price": 5, "vat_rate": 100}]}},
         "lines.1.vat_rate: 100 % is no rate of VAT"),
        ({"data": {"parcel": "p1", "colour": "red"}},
         "colour: 'red' is in a field that is not known here"),
        ({"data": {"parcel": 7}}, "parcel: 7 is refused: input should be a valid string"),
        ({"data": []}, "data: \\[\\] is refused"),
        ({"time": "yesterday"}, "time: 'yesterday' is not a time in ISO 8601"),
        ({"time": "9999-12-31T23:59Z"}, "time: .* lies outside the years 1990 to 2199"),
        ({"id": ""}, "id: must have 1 to 200 bytes, has 0"),
        ({"subject": "x" * 201}, "subject: must have 1 to 200 bytes, has 201"),
        ({"seller": "a/b"}, "seller: 'a/b' holds a slash"),
        ({"data": {"parcel": "p\u00001"}}, "data: holds a NUL character"),
    ],
)  # fmt: skip
def test_what_no_order_could_take_is_refused_naming_field_and_value(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=f"^{sentence}"):
        told(**change)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"skrap", "not JSON: invalid character"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not a CloudEvent"),
        (b"{}", "not a CloudEvent: .*specversion"),
        (json.dumps(SHIPPED | {"specversion": "0.3"}).encode(), "specversion: '0.3' is not 1.0"),
        (json.dumps(SHIPPED | {"id": 7}).encode(), "not a CloudEvent"),
    ],
)
def test_bytes_that_are_no_message_are_refused(value: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=f"^{sentence}"):
        understand(Message(value, "here:1"))


def test_refusals_are_grouped_by_reason() -> None:
    assert (Refused.reason, Unreadable.reason, UnknownType.reason) == (
        "refused", "unreadable", "unknown_type",
    )  # fmt: skip


ORDER = {
    "customer": {"type": "private", "age": 17, "organisation_number": "556000-0000"},
    "lines": [{"line": "1", "unit_price": 100.0}],
}


def test_what_is_personal_lies_beside_the_fact() -> None:
    """Age and number leave the fact and its bytes; what follows from them stays."""
    one = told(type="OrderPlaced", data=ORDER)
    assert isinstance(one.told.fact, OrderPlaced)
    customer = one.told.fact.customer
    assert (customer.age, customer.organisation_number) == (None, None)
    assert (customer.of_age, customer.registered) == (False, True)
    assert {part.field for part in one.personal} == {"customer.age", "customer.organisation_number"}
    assert b"556000" not in one.body
    assert json.loads(one.body)["customer"]["of_age"] is False


def test_equal_personal_values_have_different_digests() -> None:
    digests = {
        part.digest for _ in range(2) for part in told(type="OrderPlaced", data=ORDER).personal
    }
    assert len(digests) == 4


@pytest.mark.parametrize("ref", ["a@b.se", "+46701234567", "19900101-1234", "0701234567"])
def test_a_reference_that_looks_like_a_person_is_refused(ref: str) -> None:
    order = ORDER | {"customer": {"kind": "consumer", "ref": ref}}
    with pytest.raises(Refused, match=r"^customer\.ref: .* looks like"):
        told(type="OrderPlaced", data=order)


def test_an_order_told_for_another_seller_is_refused() -> None:
    with pytest.raises(
        Refused, match=r"^seller: 'sweeto' in data, but the message says 'allectra'"
    ):
        told(type="OrderPlaced", data=ORDER | {"seller": "sweeto"})


@pytest.mark.parametrize(
    ("type", "data"),
    [
        ("Shipped", '{"parcel": "p1", "cost": "1e99999999"}'),
        ("Shipped", '{"parcel": "p1", "cost": "1e-99999999"}'),
        ("Shipped", '{"parcel": "p1", "cost": "0.01000000000000000000000000000001"}'),
        ("Shipped", '{"parcel": "p1", "cost": "1_000"}'),
        (
            "OrderPlaced",
            '{"lines": [{"line": "1", "unit_price": 5}, {"line": "1", "unit_price": 6}]}',
        ),
        ("OrderPlaced", '{"lines": [], "customer": {"age": 1e30}}'),
        ("Shipped", '{"parcel": "' + "\U0001d54f" * 60 + '"}'),
        ("AvailableForCollection", '{"parcel": "p1", "until": "9999-12-31"}'),
        ("ReturnAssessed", '{"value_loss_percent": 1e-300}'),
        ("InspectionCompleted", '{"rma": "r", "result": "defect", "technician_minutes": [1e19]}'),
        ("OrderConfirmed", '{"placed_at": "0001-01-01T00:00:00+10:00"}'),
        ("OrderPlaced", '{"lines": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("OrderChanged", '{"lines": []}'),
        ("Shipped", "null"),
    ],
    ids=str,
)
def test_what_would_break_later_is_refused_at_the_edge(type: str, data: str) -> None:
    """Far exponents, endless nesting, names too long for an index, times beyond the calendar."""
    raw = json.dumps(SHIPPED | {"type": type, "data": 0}).replace('"data": 0', f'"data": {data}')
    with pytest.raises(Refused):
        understand(Message(raw.encode(), "here:1"))


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"])
def test_a_time_at_the_edge_of_the_calendar_is_refused(time: str) -> None:
    with pytest.raises(Refused, match=r"^time: "):
        told(time=time)


def test_a_field_told_twice_cannot_hide_a_person() -> None:
    """The bytes are kept as told, so what stands under the first of two equal keys would stay."""
    raw = json.dumps(SHIPPED | {"type": "WithdrawalNotified", "data": 0})
    raw = raw.replace('"data": 0', '"data": {"statement": "I am Anna", "statement": null}')
    with pytest.raises(Refused, match=r"^data: the field 'statement' comes twice"):
        understand(Message(raw.encode(), "here:1"))


def test_about_a_customer_only_what_concerns_customers_is_told() -> None:
    assert told(type="CreditLimitExceeded", subject="customer:c-1", data={}).order == "customer:c-1"
    with pytest.raises(Refused, match=r"^type: Shipped is no fact about a customer"):
        told(subject="customer:c-1")
