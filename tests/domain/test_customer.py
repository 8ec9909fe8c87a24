"""Consumer or business, where nobody said: by the seller's own definition."""

from typing import Any

import pytest

from domain.customer import derived
from domain.fields import Customer
from tests.domain.story import story

NUMBER = "556000-0000"


def consumer(seller: str, customer: Customer, **readings: str) -> bool:
    return story(seller, customer=customer, readings=readings).order.state.consumer


@pytest.mark.parametrize(
    ("type", "number", "address", "type_and_either", "both_or_address"),
    [
        ("business", NUMBER, "private", "business", "business"),
        ("business", None, "business", "business", "business"),
        ("business", None, "private", "consumer", "consumer"),
        ("private", NUMBER, "private", "consumer", "consumer"),
        ("private", None, "business", "consumer", "business"),
        (None, None, None, "consumer", "consumer"),
    ],
)
def test_compumail_groups_type_number_and_address(
    type: Any, number: str, address: Any, type_and_either: str, both_or_address: str
) -> None:
    """COM-2-34, whose grouping is open."""
    customer = Customer(type=type, organisation_number=number, invoice_address=address)
    expected = {"type_and_either": type_and_either, "both_or_address": both_or_address}
    for option, kind in expected.items():
        readings = {"com-business-definition": option}
        assert consumer("compumail", customer, **readings) == (kind == "consumer")


def test_what_was_told_beats_every_definition() -> None:
    told = Customer(kind="consumer", type="business", organisation_number=NUMBER)
    assert consumer("compumail", told)


def test_terms_without_a_definition_take_the_type_unless_the_address_contradicts_it() -> None:
    assert not consumer("netzilla", Customer(type="business"))
    assert not consumer("netzilla", Customer(type="business", organisation_number=NUMBER,
                                             invoice_address="private"))  # fmt: skip
    assert consumer("netzilla", Customer(type="business", invoice_address="private"))
    assert consumer("netzilla", Customer())


def test_an_organisation_number_without_a_type_is_a_companys() -> None:
    """Sole traders are companies too (ALL-2.8-2); an order marked as private is nobody's trade."""
    assert not consumer("allectra", Customer(organisation_number=NUMBER))
    assert not consumer("allectra", Customer(organisation_number=NUMBER,
                                             invoice_address="business"))  # fmt: skip
    assert consumer("allectra", Customer(organisation_number=NUMBER, invoice_address="private"))
    assert consumer("allectra", Customer(type="private", organisation_number=NUMBER))


def test_the_number_itself_is_never_needed() -> None:
    customer = derived(Customer(organisation_number=NUMBER, age=17))
    assert (customer.registered, customer.of_age) == (True, False)
    assert derived(Customer(registered=True)).registered
