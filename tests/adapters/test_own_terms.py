"""A shop writes its own terms in one TOML file, with no Python, and lives under them."""

import json
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from adapters.cli import main
from tests.facts import life

ROOT = Path(__file__).parents[2]
SCENARIO = """
id: NORD-1
title: Nobody collects the parcel, and then the customer changes his mind
clauses: [N-2]
order:
  seller: nordlys
  customer: {kind: consumer}
  placed_at: 2025-03-03T10:00
  confirmed_at: 2025-03-03T10:05
  lines: [{line: "1", sku: LAMP-1, category: lamps, unit_price: 800.00}]
  shipping: {method: standard, price: 49.00}
  payment: {method: card}
facts:
  - {type: PaymentReceived, at: 2025-03-03T10:05, amount: 849.00}
  - {type: Shipped, at: 2025-03-04, parcel: p1, carrier: postnord, tracking: T1}
  - {type: AvailableForCollection, at: 2025-03-06, parcel: p1}
  - {type: Unclaimed, at: 2025-03-14, parcel: p1}
as_of: 2025-03-15
expect:
  fees: [{kind: unclaimed, amount: 150.00, clauses: [N-2]}]
  refunds: []
  deadlines: [{kind: collection, due: 2025-03-13}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of terms with those of a shop that nobody has heard of."""
    copy(ROOT / "deploy" / "terms" / "template.toml", tmp_path / "nordlys.toml")
    monkeypatch.setenv("VILLKOR_TERMS", str(tmp_path))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(run(capsys, *arguments, "--json")[1])


def test_its_terms_are_listed_checked_and_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sellers = answer(capsys, "terms", "list")["sellers"]
    assert "nordlys" in {one["seller"] for one in sellers}
    assert run(capsys, "terms", "check", str(folder / "nordlys.toml"))[0] == 0
    assert "150" in run(capsys, "terms", "show", "N-2")[1]


def test_its_own_scenarios_prove_its_clauses(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = folder / "nordlys.yaml"
    scenario.write_text(SCENARIO, "utf-8")
    assert run(capsys, "check", str(scenario))[0] == 0
    found = answer(capsys, "terms", "coverage", "nordlys", "--scenarios", str(scenario))
    proven = {one["clause"] for one in found["clauses"] if one["scenarios"]}
    assert {"N-1", "N-2"} <= proven
    assert any(fault.startswith("N-6 is marked enforced") for fault in found["faults"])


def test_its_orders_live_under_them(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-04-01T12:00")
    facts = folder / "facts.jsonl"
    facts.write_bytes(b"".join(one.value + b"\n" for one in life("nordlys", "N-1001")))
    assert answer(capsys, "ingest", str(facts))["taken"] == 7
    outcomes = answer(capsys, "show", "N-1001")["outcomes"]
    [fee] = [one for one in outcomes if one["outcome"] == "Fee"]
    assert (fee["kind"], fee["amount"]) == ("unclaimed", 150.0)


def test_what_is_installed_cannot_be_put_aside(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sweeto.toml").write_text("", "utf-8")
    code, _, err = run(capsys, "terms", "list")
    assert (code, "the terms of sweeto are installed already" in err) == (1, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "shop.toml: holds no dated value"),
        (bytes(range(256)), "shop.toml is not text in UTF-8"),
        (b"[a]\nb = [{ from = 2024-01-01T00:00:00, value = 1, clause = 'x' }]", "begins at a time"),
        (b"readings = 3\n[a]\nb = [{ from = 2024-01-01, value = 1, clause = 'x' }]", "[readings]"),
        (b"a = 3", "shop: a is not a table"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], text: bytes, said: str
) -> None:
    (folder / "shop.toml").write_bytes(text)
    code, _, err = run(capsys, "terms", "list")
    assert (code, err.count("\n")) == (1, 1)
    assert said in err


def test_a_file_may_begin_with_the_mark_of_its_encoding(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As editors on Windows write it."""
    file = folder / "nordlys.toml"
    before = run(capsys, "terms", "check", str(file))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert run(capsys, "terms", "check", str(file)) == before


def test_terms_of_a_day_before_them_cannot_be_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "terms", "diff", "sweeto@1900-01-01", "sweeto")
    assert code == 1
    assert "terms of sweeto are known from" in err
