"""What is kept of carriers' bodies tells the same as the whole, and of persons nothing."""

import json
from pathlib import Path
from xml.etree.ElementTree import SubElement, fromstring, tostring

import pytest

from adapters.carriers import FAMILY, translator
from adapters.carriers.kept import kept
from domain.errors import Unreadable, VillkorError
from tests.adapters.carriers.told import BODIES, SAMPLES

REAL = {"canadapost": "canada_post"}
"""How real bodies' files begin where it is not with the translator's name."""
PERSON = "Ada Lovelace, Storgatan 1"


def source_of(path: Path) -> str:
    return next(name for name in (*FAMILY, *REAL) if path.name.startswith(name))


FILES = sorted([*BODIES.iterdir(), *(one for one in SAMPLES.glob("*") if one.suffix != ".csv")])


@pytest.mark.parametrize("path", FILES, ids=lambda one: f"{one.parent.name}-{one.stem}")
def test_it_translates_to_the_same(path: Path) -> None:
    source, body = source_of(path), path.read_bytes()
    source = REAL.get(source, source)
    less = kept(source, body)
    assert translator(source)(less) == translator(source)(body)
    assert kept(source, less) == less


@pytest.mark.parametrize("source", FAMILY)
def test_every_carriers_bodies_can_be_reduced(source: str) -> None:
    assert any(path.name.startswith(source) for path in FILES)


def with_person(value: object) -> object:
    """A body in which everything is somebody's."""
    if isinstance(value, list):
        return [with_person(one) for one in value]
    if isinstance(value, dict):
        told = {name: with_person(inner) for name, inner in value.items()}
        return told | {"consignee": {"name": PERSON}, "signature": PERSON}
    return value


def xml_with_person(body: bytes) -> bytes:
    root = fromstring(body)
    for one in list(root.iter()):
        one.set("recipient", PERSON)
        SubElement(one, "signatory").text = PERSON
    return tostring(root)


@pytest.mark.parametrize("path", FILES, ids=lambda one: f"{one.parent.name}-{one.stem}")
def test_what_no_translator_reads_never_leaves_the_body(path: Path) -> None:
    """Wherever it stands: in fields of their own, and beside what is read."""
    source, body = source_of(path), path.read_bytes()
    is_xml = path.suffix == ".xml"
    told = xml_with_person(body) if is_xml else json.dumps(with_person(json.loads(body))).encode()
    assert b"Lovelace" in told
    assert b"Lovelace" not in kept(REAL.get(source, source), told)


@pytest.mark.parametrize("source", ["canada_post", "dhl_parcel_de"])
def test_what_is_nested_without_end_is_not_kept(source: str) -> None:
    with pytest.raises(Unreadable, match="nested too deep"):
        kept(source, b"<a>" * 100_000 + b"</a>" * 100_000)


def test_what_is_no_body_is_not_kept() -> None:
    for source, body in (("gls", b"{"), ("canada_post", b"<a"), ("ups", b"\xff")):
        with pytest.raises(Unreadable):
            kept(source, body)
    with pytest.raises(VillkorError, match="'nobody' is no carrier"):
        kept("nobody", b"{}")
