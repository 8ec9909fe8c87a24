"""`villkor quote`: figures, clauses and arithmetic; no database is needed."""

import json
from typing import Any

import pytest

from adapters.cli import main

QUOTE = "quote"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VILLKOR_NOW", "2024-06-01T12:00")
    monkeypatch.setenv("VILLKOR_DATABASE", "postgresql://nobody@localhost:1/none")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main([QUOTE, *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code, out, err = run(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_cart(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--seller", "sweeto", "--goods", "400.00")
    assert code == 0
    assert "total           459.00" in out
    assert "400.00 goods + 59.00 delivery = 459.00" in out
    assert "SWE-frakt-1" in out
    assert max(map(len, out.splitlines())) <= 80
    free = answer(capsys, "--seller", "sweeto", "--goods", "400.01")
    assert (free["shipping"], free["total"], free["vat"]) == (0, 400.01, "included")


def test_a_rate_a_tariff_and_a_reading(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--seller", "allectra", "--goods", "2500", "--method", "express"]
    assert answer(capsys, *asked)["shipping"] is None
    more = [*asked, "--rate", "EUR=11.20", "--tariff", "express=129"]
    assert answer(capsys, *more)["shipping"] == 0
    alone = answer(capsys, *more, "--reading", "allectra-free-shipping-scope=standard_only")
    assert (alone["shipping"], alone["total"]) == (129, 2629)
    assert alone["readings"] == {"allectra-free-shipping-scope": "standard_only"}


def test_a_credit(capsys: pytest.CaptureFixture[str]) -> None:
    quote = answer(capsys, "--plan", "klarna_account", "--amount", "10000", "--months", "12")
    assert (quote["seller"], quote["instalment"], quote["total"]) == ("allectra", 955, 11458)
    assert (quote["effective_rate"], quote["schedule"][-1]) == (29.22, 953)
    assert quote["en"] != quote["sv"]
    part = ["--seller", "sweeto", "--plan", "part_payment", "--amount", "5000", "--months", "24"]
    assert answer(capsys, *part)["offered"] is False
    assert "order values over 5000.00" in run(capsys, *part)[1]


def test_a_dispute(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--seller", "gandalf", "--dispute", "50000", "--currency", "EUR"]
    assert answer(capsys, *asked)["forum"] == "arbitration"
    _, out, _ = run(capsys, *asked)
    assert "under GAN-7-1" in out


def test_terms_of_another_day(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "--seller", "allectra", "--goods", "1", "--date", "2020-10-10")
    assert code == 1
    assert "2020-10-11" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "say one of --goods, --plan and --dispute"),
        ("--goods 1", "seller: what is asked is not one seller's alone"),
        ("--seller nobody --goods 1", "there are no terms for 'nobody'"),
        ("--seller sweeto --goods 1 --dispute 2", "say one of"),
        ("--seller sweeto --goods 1 --months 3", "--months does not belong to --goods"),
        ("--seller sweeto --goods -1", "goods: '-1' is negative"),
        ("--seller sweeto --goods 1.005", "has more than two decimals"),
        ("--seller sweeto --plan part_payment --months 3", "amount: a quote needs one"),
        ("--seller sweeto --plan part_payment --amount 900", "is not a number of months"),
        ("--seller gandalf --plan part_payment --amount 9 --months 3", "know no credit"),
        ("--seller gandalf --dispute 1 --currency euro", "'euro' is not a currency"),
        ("--seller sweeto --goods 1 --rate EUR", "'EUR' is not NAME=VALUE"),
        ("--seller sweeto --goods 1 --rate EUR=0", "'0' is not a rate"),
        ("--seller sweeto --goods 1 --rate EUR=x", "'x' is not a number"),
        ("--seller sweeto --goods 1 --tariff courier=x", "'x' is not an amount"),
        ("--seller sweeto --goods 1 --reading no=one", "no: no such reading"),
        ("--seller sweeto --goods 1 --date soon", "'soon' is not a day"),
    ],
)
def test_an_error_is_one_sentence(
    arguments: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments.split())
    assert (code, out) == (1, "")
    assert sentence in err
    assert err.count("\n") == 1
