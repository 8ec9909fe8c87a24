"""What happened in words: every fact and every change has a sentence, and none leaves a gap."""

import dataclasses
import re

from adapters.codec import KINDS
from adapters.asking import recorded_of
from adapters.narrated import CHANGES, SENTENCES, narrated, replaced
from adapters.postgres.store import Store
from domain.events import FactTold
from domain.facts import Retracted, Shipped
from domain.fields import Value
from domain.state import Told
from domain.vocabulary import BY_NAME
from tests.facts import START


def test_every_fact_and_every_change_has_its_sentence() -> None:
    assert set(SENTENCES) == set(BY_NAME)
    assert set(CHANGES) == set(KINDS)


def test_what_a_sentence_asks_of_a_fact_is_a_field_of_it() -> None:
    """A field by another name would leave a gap in silence."""
    for name, text in SENTENCES.items():
        fields = {one.name for one in dataclasses.fields(BY_NAME[name])}  # type: ignore[arg-type]
        asked = set(re.findall(r"\{(\w+)\}", text))
        assert asked - {"goods"} <= fields, name
        assert "goods" not in asked or "lines" in fields


def test_a_parcel_that_is_sent_again_replaces_what_was_said_of_it() -> None:
    """The last that stands: another parcel's does not count, nor one that was taken back."""

    def event(version: int, fact: Value, retracted: Told[Shipped] | None = None) -> FactTold:
        told = Told(fact, START, START, "/test", str(version))
        return FactTold("allectra/A-1", version, START, told, b"", retracted=retracted)

    first = event(3, Shipped(parcel="p1", lines=("1",)))
    back = event(8, Retracted(fact="7"), event(7, Shipped(parcel="p1")).told)
    events = [
        first, event(4, Shipped(parcel="p2")), event(6, Shipped(parcel="p1")),
        event(7, Shipped(parcel="p1")), back, event(9, Shipped(parcel="p1")),
    ]  # fmt: skip
    assert replaced(events) == {6: 3, 7: 6}


async def test_no_event_of_the_demo_leaves_a_gap_in_its_sentence(demo: str) -> None:
    store = await Store.open(demo)
    try:
        names = [
            tuple(row) for row in await store.pool.fetch("select seller, order_id from orders")
        ]
        streams = await store.streams(names)
    finally:
        await store.close()
    said = {narrated(one.event) for rows in streams.values() for one in recorded_of(rows)}
    for sentence in said:
        assert not set("{}[]") & set(sentence), sentence
        assert "  " not in sentence, sentence
        assert not sentence.endswith((" ", ".", ":", ",")), sentence
        assert sentence[0] == sentence[0].upper(), sentence
    assert "The fee changed (parcel not collected)" in said
    assert "The seller did not pay back the money by 2026-09-20" in said
    assert "The customer may withdraw from the purchase until 2026-12-14" in said
    assert "The customer is asked to report damage by 2026-11-23 (nothing is lost after it)" in said
    assert "The day for damage report passed, and nothing is lost by it" in said
    assert "Parcel p1 came back to the seller; the way back cost 95.00" in said
