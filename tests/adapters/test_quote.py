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


REFUSED, USAGE = 1, 2


@pytest.mark.parametrize(
    ("arguments", "expected", "sentence"),
    [
        ("", USAGE, "say one of --goods, --plan and --dispute"),
        ("--goods 1", REFUSED, "seller: what is asked is not one seller's alone"),
        ("--seller nobody --goods 1", REFUSED, "there are no terms for 'nobody'"),
        ("--seller sweeto --goods 1 --dispute 2", USAGE, "say one of"),
        ("--seller sweeto --goods 1 --months 3", USAGE, "--months does not belong to --goods"),
        ("--seller sweeto --goods -1", USAGE, "goods: '-1' is negative"),
        ("--seller sweeto --goods abc", USAGE, "--goods: 'abc' is not an amount"),
        ("--seller sweeto --goods 1.005", USAGE, "has more than two decimals"),
        ("--seller sweeto --plan part_payment --months 3", USAGE, "--plan needs --amount"),
        ("--seller sweeto --plan part_payment --amount 900", USAGE, "--plan needs --months"),
        ("--seller sweeto --plan part_payment --amount x --months 3", USAGE, "--amount: 'x' is"),
        ("--seller gandalf --plan part_payment --amount 9 --months 3", REFUSED, "know no credit"),
        ("--seller gandalf --dispute x", USAGE, "--dispute: 'x' is not an amount"),
        ("--seller gandalf --dispute 1 --currency euro", REFUSED, "'euro' is not a currency"),
        ("--seller sweeto --goods 1 --rate EUR", USAGE, "'EUR' is not NAME=VALUE"),
        ("--seller sweeto --goods 1 --rate EUR=0", USAGE, "'0' is not a rate"),
        ("--seller sweeto --goods 1 --rate EUR=x", USAGE, "'x' is not a number"),
        ("--seller sweeto --goods 1 --rate eur=11", USAGE, "'eur' is not a currency such as EUR"),
        ("--seller sweeto --goods 1 --rate XTS=11", REFUSED, "nobody reads XTS; there are EUR"),
        ("--seller sweeto --goods 1 --tariff courier=x", USAGE, "'x' is not an amount"),
        ("--seller sweeto --goods 1 --tariff bogus=1", REFUSED, "there are bulky_letter, courier"),
        ("--seller sweeto --goods 1 --tariff standard=79", REFUSED, "print the price of this"),
        ("--seller sweeto --goods 1 --method courier --tariff reminder=9", REFUSED, "say courier="),
        ("--seller gandalf --goods 1 --tariff standard=79", REFUSED, "one price of all transport"),
        ("--seller gandalf --dispute 1 --tariff standard=79", REFUSED, "looks up nothing"),
        ("--seller sweeto --goods 1 --reading no=one", REFUSED, "no: no such reading"),
        ("--seller sweeto --goods 1 --date soon", USAGE, "'soon' is not a day"),
        ("--seller sweeto --goods 1 --date 2021-13-01", USAGE, "is not a day such as"),
    ],
)
def test_an_error_is_one_sentence(
    arguments: str, expected: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments.split())
    assert (code, out) == (expected, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_price_that_the_terms_leave_open_is_looked_up_by_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["--seller", "gandalf", "--goods", "100"]
    assert answer(capsys, *asked)["shipping"] is None
    assert answer(capsys, *asked, "--tariff", "transport=79")["total"] == 179
    several = ["--tariff", "courier=99", "--tariff", "letter=19"]
    asked = ["--seller", "netzilla", "--goods", "100", "--method", "letter"]
    assert answer(capsys, *asked, *several)["total"] == 119


def test_figures_that_mean_little_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """95.00 and three notification fees of 29.00 on a credit of 100.00."""
    asked = ["--seller", "sweeto", "--plan", "part_payment", "--amount", "100", "--months", "3"]
    code, out, _ = run(capsys, *asked)
    words = " ".join(out.split())
    assert code == 0
    assert "effective, % over 1000" in words
    assert "an effective rate of > 1000 %" in words
    assert "the credit costs 182.00 for 100.00: more than the credit itself" in words
    assert "if it is agreed from 2025-03-01 on" in words
    late = answer(capsys, *asked, "--date", "2025-03-01")["notes"]
    assert any("the most that a consumer may be made to pay since 2025" in one for one in late)
    small = ["--plan", "klarna_account", "--amount", "100", "--months", "1"]
    assert any("at the least 4.17 is to be paid a month" in one
               for one in answer(capsys, *small)["notes"])  # fmt: skip
    fair = ["--plan", "klarna_account", "--amount", "10000", "--months", "12"]
    assert not any("credit costs" in one for one in answer(capsys, *fair)["notes"])
