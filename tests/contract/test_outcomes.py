"""Outcomes as they go out: whole, the same every time, and CloudEvents by the SDK's own reading."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    from_structured_event,
)

from adapters.app import App
from adapters.kafka.outcomes import TYPES, Mode, encoded
from adapters.messages import Message
from adapters.partitions import partition_of
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from domain.errors import Corrupt
from tests.adapters.test_codec import SAMPLES, stored
from tests.facts import life, message, placed

MODES: tuple[Mode, ...] = ("structured", "binary")
AT = datetime(2024, 3, 5, 8, tzinfo=UTC)


def row(sample: dict[str, Any]) -> EventRow:
    """A stored sample as a row of the log."""
    one = stored(sample)
    return EventRow(
        3, 17, "allectra", "A-1/å", 7, one.type, one.schema, one.at, AT, one.source, one.id,
        one.body, one.meta, b"",
    )  # fmt: skip


def told(one: EventRow) -> dict[str, Any]:
    """What a consumer reads, amounts exact."""
    event: dict[str, Any] = json.loads(encoded(one).value, parse_float=Decimal)
    return event


def sdk(one: EventRow, mode: Mode) -> Any:
    """The event as the CloudEvents SDK reads it."""
    key, value, headers = encoded(one, mode)
    read = from_structured_event if mode == "structured" else from_binary_event
    return read(KafkaMessage(dict(headers), key.decode(), value))


OUTCOMES = [sample for sample in SAMPLES if sample["type"] in TYPES]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "sample", OUTCOMES, ids=[f"{number}-{one['type']}" for number, one in enumerate(OUTCOMES)]
)
def test_every_outcome_is_a_cloudevent_in_both_modes(sample: dict[str, Any], mode: Mode) -> None:
    """The SDK reads the same attributes and data in either; none of them is invented."""
    event = sdk(row(sample), mode)
    attributes = event.get_attributes()
    assert {name: attributes[name] for name in attributes if name != "partitionkey"} == {
        "specversion": "1.0", "id": "allectra/A-1/å/7", "source": "villkor:outcomes",
        "type": sample["type"], "subject": "A-1/å", "seller": "allectra", "time": AT,
        "datacontenttype": "application/json",
    }  # fmt: skip
    assert event.get_data() == json.loads(encoded(row(sample)).value)["data"]


@pytest.mark.parametrize("mode", MODES)
def test_a_record_has_the_key_of_its_order_and_the_place_in_the_log(mode: Mode) -> None:
    key, _, headers = encoded(row(OUTCOMES[0]), mode)
    assert key == "allectra/A-1/å".encode()
    assert dict(headers)["villkor-partition"] == b"3"
    assert dict(headers)["villkor-position"] == b"17"
    content = {"structured": b"application/cloudevents+json", "binary": b"application/json"}
    assert dict(headers)["content-type"] == content[mode]


def test_a_fact_is_no_outcome() -> None:
    [fact] = [sample for sample in SAMPLES if sample["type"] == "Shipped"][:1]
    with pytest.raises(Corrupt, match="Shipped is no outcome"):
        encoded(row(fact))


def test_an_outcome_in_a_form_that_is_not_known_is_not_guessed() -> None:
    with pytest.raises(Corrupt, match="has form 99"):
        encoded(row(OUTCOMES[0])._replace(schema=99))


def test_a_reason_whose_sentence_is_gone_is_told_by_its_name() -> None:
    """What was decided under rules that were another can still be sent."""
    sample = next(one for one in OUTCOMES if one["type"] == "FeeRaised")
    for gone in ({"rule": "of.old"}, {"inputs": {}}):
        body = json.loads(sample["body"])
        body["item"]["because"] |= gone
        event = told(row({**sample, "body": json.dumps(body)}))
        rule = body["item"]["because"]["rule"]
        assert event["data"]["explanation"] == {"en": rule, "sv": rule}


# -- an order's life, through the real road ---------------------------------------------------


async def raised_by(store: Store, app: App, facts: list[Message]) -> list[dict[str, Any]]:
    await app.handle(facts)
    rows = [row async for row in store.read_events(partition_of("allectra/A-1"))]
    return [told(row) for row in rows if row.type in TYPES]


def of_kind(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event["data"] | {"type": event["type"]} for event in events
            if event["data"].get("kind") == kind]  # fmt: skip


async def test_a_fee_says_what_why_and_how_much_more(store: Store, app: App) -> None:
    """Amounts are exact, and add up over the events of one key."""
    events = await raised_by(store, app, life("allectra", "A-1"))
    raised, adjusted = of_kind(events, "unclaimed")
    assert (raised["type"], raised["amount"], raised["change"]) == (
        "FeeRaised", Decimal("350.00"), Decimal("350.00"),
    )  # fmt: skip
    assert adjusted["key"] == raised["key"] == "fee unclaimed:p1"
    assert adjusted["amount"] == Decimal("445.00")
    assert adjusted["change"] == Decimal("95.00")
    assert adjusted["before"] == {"amount": Decimal("350.00"), "vat": raised["vat"]}
    assert adjusted["arithmetic"]["en"] == "350.00 lowest fee + 95.00 return freight = 445.00"
    assert adjusted["explanation"]["sv"] == "Paketet p1 hämtades inte ut."
    assert "ALL-6.4-3" in adjusted["because"]["clauses"]
    assert [part["amount"] for part in adjusted["because"]["steps"]] == [350, 95]
    assert adjusted["currency"] == "SEK"


async def test_an_outcome_names_the_message_that_caused_it(store: Store, app: App) -> None:
    """Or the clock, where time alone did."""
    facts = [*life("allectra", "A-1"), message("ReminderSent", "allectra", "A-1", "r", 400,
                                               invoice="f1")]  # fmt: skip
    events = await raised_by(store, app, facts)
    _, adjusted = of_kind(events, "unclaimed")
    assert adjusted["cause"]["by"] == "fact"
    assert (adjusted["cause"]["source"], adjusted["cause"]["id"]) == ("/test/allectra", "returned")
    assert adjusted["cause"]["version"] < adjusted["version"]
    lapsed = [event["data"] for event in events if event["type"] == "DeadlineLapsed"]
    assert lapsed[0]["cause"] == {"by": "clock"}


async def test_amounts_are_in_the_currency_of_the_order_also_when_it_is_taken_back(
    store: Store, app: App
) -> None:
    facts = [
        placed("allectra", "A-1", currency="EUR"), *life("allectra", "A-1")[1:],
        message("Retracted", "allectra", "A-1", "back", 500, fact="placed"),
        message("Retracted", "allectra", "A-1", "back2", 500, fact="confirmed"),
    ]  # fmt: skip
    events = await raised_by(store, app, facts)
    assert {event["data"]["currency"] for event in events} == {"EUR"}
    last = of_kind(events, "unclaimed")[-1]
    assert (last["type"], last["change"]) == ("FeeReversed", Decimal("-445.00"))
    assert "445,00 EUR" in last["arithmetic"]["sv"]


async def test_goods_are_called_by_their_names(store: Store, app: App) -> None:
    lines = [{"line": "1", "sku": "S", "name": "Lamp", "category": "home", "unit_price": 900.0}]
    facts = [
        placed("allectra", "A-1", lines=lines), *life("allectra", "A-1")[1:4],
        message("Delivered", "allectra", "A-1", "d", 48, parcel="p1"),
        message("ComplaintReported", "allectra", "A-1", "c", 60, lines=["1"]),
    ]  # fmt: skip
    events = await raised_by(store, app, facts)
    said = [event["data"]["explanation"]["en"] for event in events]
    assert any("Lamp" in one for one in said)


async def test_the_same_row_gives_the_same_bytes(store: Store, app: App) -> None:
    await app.handle(life("allectra", "A-1"))
    rows = [row async for row in store.read_events(partition_of("allectra/A-1"))]
    sent = [encoded(row) for row in rows if row.type in TYPES]
    assert sent == [encoded(row) for row in rows if row.type in TYPES]
    ids = [json.loads(one.value)["id"] for one in sent]
    assert len(set(ids)) == len(ids)


def test_changes_add_up_to_what_stands(outcomes: list[EventRow]) -> None:
    """Who keeps the sum of the changes of a key has the amount, and nothing once it fell away."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for one in outcomes:
        event = told(one)
        data = event["data"]
        if "change" in data:
            key = (event["seller"], event["subject"], data["key"])
            was = sums.get(key, Decimal(0))
            sums[key] = was + data["change"]
            gone = event["type"].endswith("Reversed")
            assert sums[key] == (0 if gone else data["amount"])
            assert data.get("before", {"amount": 0})["amount"] == was
    assert len(sums) > 50


def test_every_outcome_names_its_cause_and_explains_itself(outcomes: list[EventRow]) -> None:
    """Each fact that is named is a message of the demo; every amount's terms come to it."""
    for one in outcomes:
        data = told(one)["data"]
        assert data["cause"]["by"] == "clock" or data["cause"]["id"]
        assert data["explanation"]["en"] != data["because"]["rule"]
        if breakdown := data.get("breakdown"):
            assert sum(part["amount"] for part in breakdown) == data["amount"]
