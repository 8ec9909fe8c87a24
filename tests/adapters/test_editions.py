"""Two editions side by side: what differs, and whom it would hit."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.cli import main

ROOT = Path(__file__).parents[2]
SWEETO = ROOT / "domain" / "terms" / "sweeto.toml"


def diff(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main(("terms", "diff", *arguments, "--json"))
    return code, json.loads(capsys.readouterr().out)


def test_an_edition_differs_from_itself_in_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    found = diff(capsys, "sweeto@2024-01-01", "sweeto@2024-06-01")
    assert found == (0, {"values": [], "scenarios": [], "orders": []})


def test_a_higher_fee_shows_with_every_order_that_it_hits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = 'value = 250.00, clause = "SWE-outlost-1" }'
    new = f'{old}, {{ from = 2026-10-01, value = 299.00, clause = "SWE-outlost-1" }}'
    draft = tmp_path / "sweeto.toml"
    draft.write_text(SWEETO.read_text("utf-8").replace(old, new), "utf-8")
    code, found = diff(capsys, "sweeto@2026-09-30", str(draft))
    assert code == 3
    assert found["values"] == [
        ["unclaimed.floor", "250.00 (SWE-outlost-1)", "299.00 (SWE-outlost-1)"]
    ]
    changes = [change for _, changes in found["scenarios"] for change in changes]
    assert ["fee unclaimed:p1", "250.00", "299.00"] in changes
    assert all(key.startswith("sweeto/SWE-") for key, _ in found["orders"])
    assert {tuple(change) for _, changes in found["orders"] for change in changes} == {
        ("fee unclaimed:p1", "250.00", "299.00")
    }


def test_a_new_statute_is_a_difference_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The presumption of the act of 2022 is two years, of the one before it six months."""
    _, found = diff(capsys, "sweeto@2022-04-30", "sweeto@2022-05-01")
    assert "law.sale.presumption" in {name for name, _, _ in found["values"]}
    assert any(
        change[0].startswith("deadline presumption")
        for _, changes in found["scenarios"] for change in changes
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        ("ikea", "there are no terms of 'ikea'"),
        ("gandalf@soon", "'soon' is not a day"),
        ("nowhere/gandalf.toml", "is not there"),
    ],
)
def test_what_cannot_be_compared_is_said(
    one: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("terms", "diff", one, "gandalf")) == 1
    assert sentence in capsys.readouterr().err
