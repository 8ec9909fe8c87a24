"""A shop writes its own terms in one TOML file, with no Python, and lives under them."""

from pathlib import Path
from shutil import copy

import pytest

from tests.command import answer, run
from tests.facts import life

ROOT = Path(__file__).parents[2]
SCENARIO = """
id: NORD-1
title: Nobody collects the parcel
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
        (b"[a]\nb = [{ from = '2025-01-01', value = 1, clause = 'x' }]", "begins on no day"),
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


@pytest.mark.parametrize("clause", ["ALL-6.4-3", "KKrL-19a", "N-1"])
def test_a_clause_is_of_one_document(
    folder: Path, capsys: pytest.CaptureFixture[str], clause: str
) -> None:
    """A shop's file cannot say otherwise what another's clause or a statute says."""
    own = (folder / "nordlys.toml").read_text("utf-8").replace('"N-', '"S-')
    entry = f'"{clause}" = {{ rule = "r", place = "enforced" }}'
    (folder / "shop.toml").write_text(own.replace("[clauses]", f"[clauses]\n{entry}"), "utf-8")
    for command in (("terms", "show", "N-1"), ("terms", "coverage"), ("doctor",)):
        code, out, err = run(capsys, *command)
        assert (code, f"shop.toml: {clause} is a" in " ".join((out + err).split())) == (1, True)


def test_notes_are_printed_and_are_no_fault(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "nordlys.toml"
    shorter = file.read_text("utf-8").replace('30, clause = "N-3"', '10, clause = "N-3"')
    file.write_text(shorter, "utf-8")
    code, out, _ = run(capsys, "terms", "check", str(file))
    assert code == 0
    assert "note: line " in out
    assert out.endswith("nordlys.toml: no faults, 1 note\n")
    [note] = answer(capsys, "terms", "check", str(file))["notes"]
    assert "withdrawal.days (N-3) = 10 is worse than the statute's 14" in note


def test_the_marketplace_is_one_that_is_known(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(folder / "nordlys.toml")
    for command in (("check", file), ("diff", "sweeto", "sweeto")):
        code, _, err = run(capsys, "terms", *command, "--marketplace", "foo")
        assert (code, "there are no terms of 'foo'; there are those of" in err) == (1, True)
    code, out, _ = run(capsys, "terms", "check", file, "--marketplace", "sweeto")
    assert (code, "is no marketplace by its terms" in out) == (3, True)


def test_coverage_of_one_seller_speaks_of_that_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shop's clauses are proven by nothing, which is no fault of the others."""
    assert run(capsys, "terms", "coverage", "sweeto")[0] == 0
    faults = answer(capsys, "terms", "coverage", "nordlys")["faults"]
    assert faults
    assert all(fault.startswith("N-") for fault in faults)
    assert run(capsys, "terms", "coverage")[0] == 3
    for words in (("coverage",), ("diff", "sweeto", "sweeto")):
        code, _, err = run(capsys, "terms", *words, "--scenarios", "/nope")
        assert (code, err) == (
            1, "villkor: /nope is not there; name a scenario file or a folder of them\n"
        )  # fmt: skip


def test_values_are_written_as_people_read_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "amount 200.00, currency EUR" in run(capsys, "terms", "show", "ALL-0-1")[1]
    for seller in ("allectra", "sweeto", "nordlys"):
        out = run(capsys, "terms", "coverage", seller)[1]
        assert not {"Decimal", "True", "False", "()", "{'"} & {
            part for part in ("Decimal", "True", "False", "()", "{'") if part in out
        }


def test_the_doctor_finds_a_faulty_file_and_orders_without_terms(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-04-01T12:00")
    facts, file = folder / "facts.jsonl", folder / "nordlys.toml"
    facts.write_bytes(b"".join(one.value + b"\n" for one in life("nordlys", "N-1001")))
    run(capsys, "ingest", str(facts))
    assert run(capsys, "doctor")[0] == 0
    good = file.read_text("utf-8")
    file.write_text(good.replace("floor  ", "flor  "), "utf-8")
    bad = [one["what"] for one in answer(capsys, "doctor")["findings"] if not one["fine"]]
    assert any("nordlys.toml is at fault: line" in one for one in bad)
    assert any(f"`villkor terms check {file}` lists all" in one for one in bad)
    file.write_text(good, "utf-8")
    monkeypatch.delenv("VILLKOR_TERMS")
    code, out, _ = run(capsys, "doctor")
    assert code == 1
    assert "1 orders are of nordlys, of which there are no terms: name the folder" in " ".join(
        out.split()
    )
