"""What happened in words: every fact and every change has a sentence, and none leaves a gap."""

import dataclasses
import re

from adapters.codec import KINDS
from adapters.asking import recorded_of
from adapters.narrated import CHANGES, SENTENCES, narrated
from adapters.postgres.store import Store
from domain.vocabulary import BY_NAME


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
    assert "The fee changed (unclaimed)" in said
    assert "Parcel p1 came back to the seller; the way back cost 95.00" in said
