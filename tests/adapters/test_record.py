"""The auditor's record: what decided, what fell and to what, and where each figure is from."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.cli import main
from tests.facts import life, message, placed


def told(
    folder: Path, facts: list[Any], capsys: pytest.CaptureFixture[str], order: str, outcome: str
) -> dict[str, Any]:
    """The record of one outcome, once these facts were ingested."""
    file = folder / "facts.jsonl"
    file.write_bytes(b"".join(one.value + b"\n" for one in facts))
    assert main(("ingest", str(file))) == 0
    capsys.readouterr()
    assert main(("explain", order, outcome, "--json")) == 0
    [explanation] = json.loads(capsys.readouterr().out)["explanations"]
    record: dict[str, Any] = explanation["record"]
    return record


@pytest.fixture(autouse=True)
def installation(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-06-01T12:00")


def test_each_figure_is_from_a_message_or_from_the_terms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = told(tmp_path, life("allectra", "A-1"), capsys, "A-1", "unclaimed")
    steps = {
        step["label"]: (step["amount"], {each["id"] for each in step["sources"]})
        for step in record["steps"]
    }
    assert steps == {
        "floor": (350.0, {"unclaimed.floor"}), "return_freight": (95.0, {"returned"}),
    }  # fmt: skip
    assert {one["id"] for one in record["messages"]} == {"placed", "unclaimed", "returned"}
    assert [one["event"] for one in record["raised"]] == ["FeeRaised", "FeeAdjusted"]
    readings = {one["reading"]: one for one in record["readings"]}
    assert readings["allectra-unclaimed-freight"]["chosen"] == "return_leg"
    assert "round_trip" in readings["allectra-unclaimed-freight"]["options"]


def test_mandatory_law_stands_first_and_the_term_that_fell_says_to_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sweeto prints one year for complaints; a consumer has the statute's three."""
    facts = [
        placed("sweeto", "S-1"),
        message("OrderConfirmed", "sweeto", "S-1", "confirmed", 1),
        message("Shipped", "sweeto", "S-1", "shipped", 24, parcel="p1", carrier="dhl"),
        message("Delivered", "sweeto", "S-1", "delivered", 48, parcel="p1"),
    ]
    record = told(tmp_path, facts, capsys, "S-1", "complaint_period:p1")
    first, *rest = record["grounds"]
    assert (first["rank"], first["role"]) == ("mandatory law", "bounded")
    assert first["id"].startswith("KKL-")
    [fell] = [ground for ground in rest if ground["role"] == "fell"]
    assert fell["id"].startswith("SWE-reklamation-")
    assert fell["rank"] == "sweeto"
    assert fell["fell_to"].startswith("KKL-")
    assert fell["says"]


def test_a_marketplace_stands_behind_its_merchant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = [
        placed("shed", "M-1", marketplace="allectra"),
        *(one for one in life("shed", "M-1") if b'"placed"' not in one.value),
    ]
    record = told(tmp_path, facts, capsys, "M-1", "unclaimed")
    assert "allectra" in {ground["rank"] for ground in record["grounds"]}


def test_the_record_is_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(tmp_path, life("allectra", "A-1"), capsys, "A-1", "unclaimed")
    assert main(("explain", "A-1", "unclaimed")) == 0
    out = capsys.readouterr().out
    assert "350.00 floor, from the terms (unclaimed.floor)" in out
    assert "95.00 return freight, from ParcelReturned returned of /test/allectra" in out
    assert max(map(len, out.splitlines())) <= 80
