"""The tables of meanings: what they may say, and that what is only indicative costs nobody."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from adapters.carriers import FAMILY, Sighting, parcel_key
from adapters.carriers.meanings import (
    FACTS, NO_FEE_RESTS_ON, Table, fact_data, meaning, table, table_of,
)  # fmt: skip
from adapters.edge import fact_type, read_values
from domain.errors import VillkorError
from domain.facts import (
    AvailableForCollection, DeliveryAttempted, DeliveryFailed, ParcelReturned, PaymentReceived,
    Shipped, Unclaimed,
)  # fmt: skip
from domain.fields import Value
from tests.domain.story import Story, story

HEAD = 'version = 2026-11-21\ndocumentation = "Where the codes stand."\n'
SELLERS = ("allectra", "netzilla", "compumail", "sweeto", "gandalf")
LAST_DAY = date(2024, 3, 14)
WAITS = (AvailableForCollection(parcel="p1", until=LAST_DAY), "2024-03-07")
BEFORE: dict[str, Sequence[tuple[Value, str]]] = {
    "sent": (),
    "waiting": (WAITS,),
    "tried": ((DeliveryAttempted(parcel="p1", reason="nobody_home"), "2024-03-07"),),
    "refused": ((DeliveryFailed(parcel="p1", reason="refused"), "2024-03-08"),),
    "unclaimed": (
        WAITS, (Unclaimed(parcel="p1"), "2024-03-15"),
        (ParcelReturned(parcel="p1", return_cost=95_00), "2024-03-18"),
    ),
}  # fmt: skip
"""What a final code had told of the parcel before."""


def entry(**more: str) -> str:
    fields = {"code": '"C"', "from": "2020-01-01", "grade": '"final"', "says": '"It is so."',
              "where": '"page 1"'}  # fmt: skip
    told = "\n".join(f"{key} = {value}" for key, value in (fields | more).items() if value)
    return f"[[code]]\n{told}\n"


def loaded(*entries: str) -> Table:
    return table_of("test", HEAD + "\n".join(entries))


@pytest.mark.parametrize("source", FAMILY)
def test_every_table_loads_and_every_code_says_what_it_means_and_where_that_stands(
    source: str,
) -> None:
    read = table(source)
    assert read.documentation
    for ones in read.meanings.values():
        for one in ones:
            assert one.says.endswith(".")
            assert one.where
            assert one.since <= read.version


@pytest.mark.parametrize("source", FAMILY)
def test_what_a_code_becomes_is_a_fact(source: str) -> None:
    for ones in table(source).meanings.values():
        for one in ones:
            if one.fact is not None:
                read_values(fact_type(one.fact), {"parcel": "p1"} | dict(one.data))


@pytest.mark.parametrize("fact", [one for one in FACTS if one not in NO_FEE_RESTS_ON])
def test_a_code_that_is_not_final_cannot_carry_a_fee(fact: str) -> None:
    """It is refused at load, and with it the whole table."""
    for grade in ('"indicative"', '"ambiguous"'):
        with pytest.raises(VillkorError, match="no fee may rest on"):
            loaded(entry(grade=grade, fact=f'"{fact}"'))
    assert loaded(entry(fact=f'"{fact}"'))


def test_an_ambiguous_code_becomes_no_fact_and_only_a_final_one_takes_back() -> None:
    for wrong in (
        {"grade": '"ambiguous"', "fact": '"InTransit"'},
        {"grade": '"indicative"', "takes_back": '"Collected"'},
        {"fact": '"OrderPlaced"'}, {"grade": '"sure"'}, {"colour": '"red"'}, {"says": ""},
        {"where": ""}, {"from": ""},
    ):  # fmt: skip
        with pytest.raises(VillkorError, match=r"test\.toml"):
            loaded(entry(**wrong))
    with pytest.raises(VillkorError, match="version"):
        table_of("test", 'documentation = "Somewhere."\ncode = []')
    with pytest.raises(VillkorError, match="two meanings from one day"):
        loaded(entry(), entry())


def test_a_meaning_holds_from_its_day_until_the_next() -> None:
    """Days are Stockholm's; before the first, a code is unknown."""
    read = loaded(entry(), entry(**{"from": "2025-01-01", "says": '"It is otherwise."'}))
    assert read.of("C", date(2019, 12, 31)) is None
    assert read.of("D", date(2025, 1, 1)) is None
    told = [read.of("C", day) for day in (date(2024, 12, 31), date(2025, 1, 1))]
    assert [one.says for one in told if one] == ["It is so.", "It is otherwise."]


def test_the_first_code_that_the_table_knows_decides() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    one = Sighting(source="bring", tracking="1", event="e", at=at, codes=("NEW", "DELIVERED"))
    found = meaning(one)
    assert found is not None
    assert found.code == "DELIVERED"


def test_only_the_facts_own_fields_are_handed_on() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    data = {"until": "2025-01-09", "parcel": "x", "signed": "y"}
    said = {code: Sighting(source="bring", tracking="1", event="e", at=at, codes=(code,), data=data)
            for code in ("READY_FOR_PICKUP", "DELIVERED", "DEVIATION")}  # fmt: skip
    told = {}
    for code, one in said.items():
        found = meaning(one)
        assert found is not None
        told[code] = fact_data(one, found)
    assert told == {"READY_FOR_PICKUP": {"until": "2025-01-09"}, "DELIVERED": {}, "DEVIATION": {}}


def shipped(seller: str, before: str) -> Story:
    one = story(seller, kind="business" if seller == "gandalf" else "consumer", freight=79_00)
    one.told(PaymentReceived(amount=1079_00), at="2024-03-04T11:00")
    one.told(Shipped(parcel="p1", carrier="dhl", tracking="T", cost=79_00), at="2024-03-05")
    for fact, at in BEFORE[before]:
        one.told(fact, at=at)
    return one


@pytest.mark.parametrize("seller", SELLERS)
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("fact", NO_FEE_RESTS_ON)
def test_what_an_indicative_code_may_become_raises_no_fee_at_any_seller(
    seller: str, before: str, fact: str
) -> None:
    """Whenever it is told, no fee is there, or larger, that would not be without it."""
    without = shipped(seller, before).until("2024-06-20").fees()
    for at in ("2024-03-06", "2024-03-10", "2024-03-14T20:00", "2024-03-20", "2024-05-20"):
        one = shipped(seller, before)
        one.told(read_values(fact_type(fact), {"parcel": "p1"}), at=at)
        fees = one.until("2024-06-20").fees()
        assert {kind: fee for kind, fee in fees.items() if fee > without.get(kind, 0)} == {}


@pytest.mark.parametrize(("carrier", "expected"), [
    ("PostNord Sverige AB", "postnord"), ("dhl_parcel_de", "dhl"), ("DHL eCommerce", "dhl"),
    ("dhl_unified", "dhl"), ("Posten", "bring"), ("Mybring", "bring"), ("DB Schenker", "dsv"),
    ("Canada Post", "canada_post"), ("Budbee", "budbee"),
])  # fmt: skip
def test_a_carrier_is_the_same_whatever_shops_call_it(carrier: str, expected: str) -> None:
    assert parcel_key(carrier, "ab 12-3") == (expected, "AB123")


def test_an_sscc_is_one_number_whoever_says_it() -> None:
    """It has a check digit of its own; other numbers are a carrier's."""
    valid = "373400000000000018"
    told = {parcel_key(one, f"(00) {valid}") for one in ("DHL", "epcis", "gls")}
    assert told == {("sscc", valid)}
    assert parcel_key("DHL", "373400000000000019") == ("dhl", "373400000000000019")
