"""What holds for the bodies of every shop: persons stay in them, and nothing else goes wrong."""

import json
import random
from typing import Any

import pytest

from adapters.shops import ShopFact, kept, translator
from domain.errors import Refused, Unreadable
from tests.adapters.shops.fixtures import FOLDER, NAMES, PERSONS, body, system, taken, told

NOISE: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 0.1, "", "Astrid Lindqvist", "1e400", [], {}, [[]], "\ud800", "\0",
    {"Astrid": "Lindqvist"}, "9" * 5000, "2026-13-40", ["Astrid"],
)  # fmt: skip


def raw(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def bodies_of_persons() -> set[str]:
    return {name for name in NAMES if any(one in raw(name).decode() for one in PERSONS)}


def test_the_bodies_are_full_of_persons() -> None:
    everything = "".join(raw(name).decode() for name in NAMES)
    assert [one for one in PERSONS if one not in everything] == []
    assert len(bodies_of_persons()) > len(NAMES) / 2


@pytest.mark.parametrize("name", NAMES)
def test_no_person_leaves_the_translator(name: str) -> None:
    said = repr(told(name)) + kept(system(name), raw(name)).decode()
    assert [one for one in PERSONS if one in said] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_domain_takes_every_fact(name: str) -> None:
    for fact in told(name):
        taken(fact)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_of_a_body_tells_the_same_facts(name: str) -> None:
    once = kept(system(name), raw(name))
    assert translator(system(name))(once, None) == told(name)
    assert kept(system(name), once) == once


@pytest.mark.parametrize("name", NAMES)
def test_order_spacing_and_unknown_fields_do_not_matter(name: str) -> None:
    def stirred(found: Any) -> Any:
        if isinstance(found, dict):
            pairs = [(key, stirred(value)) for key, value in reversed(found.items())]
            return dict(pairs) | {"unheard_of": {"name": "Astrid"}}
        return [stirred(one) for one in found] if isinstance(found, list) else found

    value = json.dumps(stirred(body(name)), indent=3).encode()
    assert translator(system(name))(value, None) == told(name)


@pytest.mark.parametrize("shop", ["shopify", "woocommerce", "commercetools"])
@pytest.mark.parametrize("value", [
    b"", b"\xff", b"null", b"[1]", b"{}", b'"Astrid"', b"[" * 100_000, b'{"a": NaN}',
    b'{"id": 1e999999}', b'{"id": ' + b"9" * 5000 + b"}", b"<order/>",
])  # fmt: skip
def test_what_is_no_body_is_refused(shop: str, value: bytes) -> None:
    """Where JSON cannot be read nothing of it is kept but its size and digest."""
    with pytest.raises(Refused) as refused:
        translator(shop)(value, None)
    if isinstance(refused.value, Unreadable):
        assert set(json.loads(kept(shop, value))) == {"bytes", "sha256"}
    assert "Astrid" not in str(refused.value) + kept(shop, value).decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_body_gone_wrong_gives_facts_or_a_refusal(name: str) -> None:
    """And what is kept of it gives the same, which a retry rests on."""
    rng = random.Random(name)
    for _ in range(400):
        value = json.dumps(gone_wrong(body(name), rng)).encode()
        small = kept(system(name), value)
        assert outcome(name, value) == outcome(name, small)


def gone_wrong(found: Any, rng: random.Random) -> Any:
    """A body with one to three values replaced, or left out, wherever they are."""
    for _ in range(rng.randint(1, 3)):
        place = found
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            if not keys:
                break
            key = rng.choice(list(keys))
            if isinstance(place[key], (dict, list)) and place[key] and rng.random() < 0.8:
                place = place[key]
                continue
            if rng.random() < 0.2:
                del place[key]
            else:
                place[key] = rng.choice(NOISE)
            break
    return found


def outcome(name: str, value: bytes) -> tuple[ShopFact, ...] | str:
    try:
        return translator(system(name))(value, None)
    except Refused as refused:
        sentence = str(refused)
        assert not any(one in sentence for one in PERSONS), sentence
        return sentence
