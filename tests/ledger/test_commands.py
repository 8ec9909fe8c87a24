"""`villkor ledger` and `villkor decide`: what they say, their JSON, exit codes, and refusals."""

import asyncio
import shlex
from pathlib import Path

import pytest

from adapters.app import App
from adapters.cli import ledger_shown
from adapters.clock import Clock
from adapters.inbox import drain
from adapters.ledger.subledgers import SellerBalance
from adapters.postgres.store import Store
from adapters.terms import book
from domain.money import kronor
from tests.command import answer, run
from tests.facts import life, message, placed

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def told(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capsys
) -> str:  # fmt: skip
    """An installation with two orders, of which one's parcel nobody fetched; the file of them."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-06-01T12:00")
    file = tmp_path / "facts.jsonl"
    facts = [*life("allectra", "A-1"), *life("netzilla", "N-1")[:4]]
    file.write_bytes(b"".join(one.value + b"\n" for one in facts))
    run(capsys, "ingest", str(file))
    return str(file)


def tell(capsys: Capsys, tmp_path: Path, *hours: int) -> None:
    file = tmp_path / "more.jsonl"
    facts = [message("PaymentReceived", "allectra", "A-1", f"m{one}", one, amount=1.0)
             for one in hours]  # fmt: skip
    file.write_bytes(b"".join(one.value + b"\n" for one in facts))
    assert run(capsys, "ingest", str(file))[0] == 0


MARCH = ("--seller", "allectra", "--month", "2024-03")
CLOSE = ("ledger", "close", "--seller", "allectra", "--by", "Ann", "--reason", "bokslut")


# -- balances and statements ----------------------------------------------------------------------


def test_the_trial_balance_shows_that_it_comes_to_nought(told: str, capsys: Capsys) -> None:
    """Of all, of a month with what it opened with, and of each seller by itself."""
    for more in ((), ("--month", "2024-03"), ("--from", "2024-01", "--to", "2024-12"),
                 ("--as-of", "2024-03-06"), ("--each",)):  # fmt: skip
        code, out, _ = run(capsys, "ledger", *more)
        assert code == 0
        sums = [line for line in out.splitlines() if "sum" in line]
        assert sums
        assert all(" 0.00" in line for line in sums)
    shown = answer(capsys, "ledger")
    assert shown["total"] == 0
    assert {"account": 1510, "currency": "SEK", "balance": 445.0}.items() <= next(
        one.items() for one in shown["accounts"] if one["account"] == 1510
    )
    assert [one["seller"] for one in shown["sellers"]] == ["allectra", "netzilla"]
    april = answer(capsys, "ledger", "--seller", "allectra", "--month", "2024-04")
    assert {(one["opening"], one["closing"]) for one in april["accounts"]
            if one["account"] == 1510} == {(445.0, 445.0)}  # fmt: skip


def test_a_statement_opens_runs_and_closes(told: str, capsys: Capsys) -> None:
    code, out, _ = run(capsys, "ledger", "1510", "--month", "2024-03")
    assert code == 0
    assert "opening balance 0.00" in out
    assert "closing balance 445.00" in out
    [first, second] = answer(capsys, "ledger", "1510")["entries"]
    assert (first["amount"], first["balance"], first["contra"]) == (350.0, 350.0, [2611, 3590])
    assert (second["amount"], second["balance"], second["late"]) == (95.0, 445.0, False)


def test_the_command_of_the_page_before_can_be_pasted(
    told: str, capsys: Capsys, tmp_path: Path
) -> None:
    """With account, months, day and limit; of a seller's two currencies it is of the page's own."""
    euros = [
        placed("allectra", "A-2", currency="EUR"),
        *(message("PaymentReceived", "allectra", "A-2", f"e{one}", one, amount=1.0)
          for one in (2, 3)),
    ]  # fmt: skip
    file = tmp_path / "euros.jsonl"
    file.write_bytes(b"".join(one.value + b"\n" for one in euros))
    run(capsys, "ingest", str(file))
    tell(capsys, tmp_path, 30, 31)
    asked = ("--seller", "allectra", "--from", "2024-03", "--to", "2024-04", "--as-of",
             "2024-03-31", "--limit", "1")  # fmt: skip
    out = run(capsys, "ledger", "1930", *asked)[1].splitlines()
    [euro, krona] = [line for line in out if line.startswith("villkor ledger ")]
    assert krona.startswith(f"villkor ledger 1930 {' '.join(asked)} --before 2024-03:2024-03-19:")
    code, page, _ = run(capsys, *shlex.split(euro)[1:])
    assert (code, "1930 Företagskonto: allectra, EUR" in page) == (0, True)
    assert "SEK" not in page
    assert [line for line in page.splitlines() if line.startswith("villkor ")] == []
    seen = [line.split()[-1] for line in out if line.startswith("2024-03-")]
    assert seen == ["2.00", "1051.00"]
    _, page, _ = run(capsys, *shlex.split(krona)[1:])
    assert "1050.00" in page
    month = run(capsys, "ledger", "1510", "--month", "2024-03", "--limit", "1")[1]
    assert "villkor ledger 1510 --seller allectra --month 2024-03 --limit 1 --before " in month
    alone = run(capsys, "ledger", "1510", "--limit", "1")[1]
    assert "villkor ledger 1510 --seller allectra --limit 1 --before " in alone


def test_a_place_that_no_entry_has_is_an_error(told: str, capsys: Capsys) -> None:
    nowhere = ("--seller", "allectra", "--before", "2024-03:2024-03-05:300:1:1")
    code, out, err = run(capsys, "ledger", "1930", *nowhere)
    assert (code, out) == (1, "")
    assert "'2024-03:2024-03-05:300:1:1' is no place in a statement" in err


def test_what_happened_in_an_earlier_month_says_when(
    told: str, capsys: Capsys, tmp_path: Path
) -> None:
    """It was booked in another month than it happened in; so do the lines of one order."""
    file = tmp_path / "late.jsonl"
    late = message("PaymentReceived", "allectra", "A-1", "late", 400, 24 * 30, amount=1.0)
    file.write_bytes(late.value + b"\n")
    run(capsys, "ingest", str(file))
    for asked in (("1930", "--seller", "allectra"), ("--order", "A-1")):
        _, out, _ = run(capsys, "ledger", *asked)
        assert out.count("occurred") == 1
        assert "occurred 2024-03-21" in out
    [entry] = answer(capsys, "ledger", "late", *MARCH)["entries"]
    assert (entry["occurred"], entry["booked"], entry["period"]) == (
        "2024-03-21", "2024-04-03", "2024-04",
    )  # fmt: skip
    code, out, _ = run(capsys, "ledger", "late", *MARCH)
    assert (code, "2024-03-21   A-1" in out, "1930" in out) == (0, True, True)
    run(capsys, *CLOSE, "--month", "2024-04")
    run(capsys, *CLOSE, "--month", "2024-03")
    run(capsys, *CLOSE, "--month", "2024-04")
    later = message("PaymentReceived", "allectra", "A-1", "later", 400, 24 * 31, amount=1.0)
    file.write_bytes(later.value + b"\n")
    run(capsys, "ingest", str(file))
    _, out, _ = run(capsys, "ledger", "1930", "--seller", "allectra", "--month", "2024-05")
    for words in ("occurred 2024-03-21", "booked 2024-04-04", "closed: in 2024-05"):
        assert words in out


def test_sellers_fit_eighty_columns_whatever_they_come_to(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No number is broken over two lines."""
    largest = [999_999_999_99, -999_999_999_98, -999_999_999_97, -999_999_999_96,
               -999_999_999_95, -999_999_999_94]  # fmt: skip
    row = SellerBalance(None, "nordkabel", "SEK", 100_000, *largest)
    ledger_shown.sellers([row], json=False)
    out, _ = capsys.readouterr()
    assert max(map(len, out.splitlines())) <= 80
    for amount in largest:
        assert kronor(amount) in out.split()
    for name in ("nordkabel", "1510", "2420", "income", "VAT"):
        assert name in out.split()
    assert "100000 orders" in out


def test_a_page_names_the_one_before(told: str, capsys: Capsys) -> None:
    page = answer(capsys, "ledger", "1510", "--seller", "allectra", "--limit", "1")
    [earlier] = [one["earlier"] for one in page["statements"]]
    before = answer(capsys, "ledger", "1510", "--seller", "allectra", "--before", earlier)
    assert [one["amount"] for one in before["entries"] + page["entries"]] == [350.0, 95.0]
    code, _, err = run(capsys, "ledger", "1930", "--before", earlier)
    assert (code, "say --seller" in err) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [("--month", "2024-13"), ("--month", "2024-03", "--to", "2024-04"), ("--as-of", "yesterday"),
     ("--from", "2024-05", "--to", "2024-04"), ("--order", "A-1", "--month", "2024-03"),
     ("close", "--seller", "allectra", "--month", "March", "--by", "Ann", "--reason", "b"),
     ("close", "--seller", "allectra", "--month", "2024-03", "--by", "Ann"),
     ("close", "--seller", "allectra", "--month", "2024-03", "--by", "Ann", "--reason", " "),
     ("nonsense",)],
)  # fmt: skip
def test_what_is_not_understood_is_a_matter_of_usage(
    told: str, capsys: Capsys, arguments: tuple[str, ...]
) -> None:
    assert run(capsys, "ledger", *arguments)[0] == 2


def test_subledgers_are_shown(told: str, capsys: Capsys) -> None:
    """Each at 80 columns, with sums that are the accounts'."""
    for name in ("customers", "sellers", "vat", "ageing", "periods"):
        code, out, _ = run(capsys, "ledger", name)
        assert (code, max(map(len, out.splitlines())) <= 80) == (0, True), name
    shown = answer(capsys, "ledger", "customers", "--seller", "allectra")
    [summed] = shown["sums"]
    assert (summed["customers"], summed["owes"], summed["owed"]) == (1, 445.0, 0.0)
    assert answer(capsys, "ledger", "ageing", "--as-of", "2024-06-01")["ageing"][0]["total"] == 445
    for asked, day in ((MARCH, "2024-03-31"), (("--month", "2024-06"), "2024-06-01")):
        assert answer(capsys, "ledger", "ageing", *asked)["as_of"] == day
    vat = answer(capsys, "ledger", "vat", "--seller", "allectra")
    assert vat["base"] * 0.25 == pytest.approx(vat["tax"], abs=0.01)
    assert vat["tax"] == 298.8
    assert len(answer(capsys, "ledger", "sellers")["sellers"]) == 2


# -- one order ------------------------------------------------------------------------------------


def test_an_orders_money_adds_up_line_by_line(told: str, capsys: Capsys) -> None:
    code, out, _ = run(capsys, "ledger", "--order", "A-1")
    assert code == 0
    assert "comes to" in out
    [one] = answer(capsys, "ledger", "--order", "A-1")["currencies"]
    assert (one["paid_in"], one["repaid"], one["owed_by_customer"], one["comes_to"]) == (
        1049.0, 0.0, 445.0, 0.0,
    )  # fmt: skip
    assert one["paid_in"] - one["repaid"] == pytest.approx(
        sum(one["earned"].values()) - one["owed_by_customer"] + one["owed_to_customer"]
    )
    assert [line["owed"] for line in one["lines"]] == [-1049.0, 0.0, 350.0, 445.0]


# -- closing a month ------------------------------------------------------------------------------


def test_a_month_is_closed_by_whom_and_when(told: str, capsys: Capsys, tmp_path: Path) -> None:
    code, out, _ = run(capsys, *CLOSE, "--month", "2024-03")
    assert (code, "closed up to 2024-03 by Ann" in out) == (0, True)
    [march] = answer(capsys, "ledger", "periods", "--seller", "allectra")["periods"]
    assert (march["state"], march["by"], march["reason"]) == ("closed", "Ann", "bokslut")
    assert march["closed_at"].startswith("2024-06-01")
    again = ("ledger", "close", "--seller", "allectra", "--month", "2024-03", "--by", "Bo",
             "--reason", "again")  # fmt: skip
    code, out, _ = run(capsys, *again)
    assert (code, "was closed already by Ann, 2024-06-01" in " ".join(out.split())) == (0, True)
    assert answer(capsys, *again)["already"]
    assert answer(capsys, "ledger", "periods", "--seller", "allectra")["periods"][0] == march
    tell(capsys, tmp_path, 400)
    code, out, _ = run(capsys, "ledger", "1930", "--seller", "allectra", "--month", "2024-04")
    assert "closed: in 2024-04" in out
    [entry] = answer(
        capsys, "ledger", "1930", "--seller", "allectra", "--month", "2024-04"
    )["entries"]  # fmt: skip
    assert (entry["late"], entry["booked"], entry["period"]) == (True, "2024-03-21", "2024-04")
    code, out, _ = run(capsys, "verify")
    assert code == 0


@pytest.mark.parametrize(
    ("month", "seller", "sentence"),
    [("2024-06", "allectra", "2024-06 is not over before 2024-07-01"),
     ("2024-05", "allectra", "2024-03 of allectra is still open and has postings"),
     ("2024-03", "nobody", "nobody is called 'nobody'; there are allectra")],
)  # fmt: skip
def test_what_may_not_be_closed_is_refused(
    told: str, capsys: Capsys, month: str, seller: str, sentence: str
) -> None:
    code, _, err = run(
        capsys,
        "ledger",
        "close",
        "--seller",
        seller,
        "--month",
        month,
        "--by",
        "Ann",
        "--reason",
        "bokslut",
    )
    assert (code, sentence in err) == (4, True), err
    periods = answer(capsys, "ledger", "periods")["periods"]
    assert {one["state"] for one in periods} == {"open"}


def test_a_live_writer_is_told_through_its_inbox(told: str, database: str) -> None:
    """While a worker lives the command hands the acts, and a decision, to it, and waits."""

    async def both() -> tuple[int, int]:
        store = await Store.open(database)
        app = await App.start(store, book(), "somewhere:1", Clock())
        await app.claim()

        async def writing() -> None:
            while True:
                await drain(app)
                await asyncio.sleep(0.05)

        from adapters.cli import main

        writer = asyncio.create_task(writing())
        codes = [
            await asyncio.to_thread(main, arguments)
            for arguments in (
                [*CLOSE, "--month", "2024-03"],
                ["decide", "A-1", "goodwill", "--amount", "10", "--by", "A", "--reason", "B"],
            )
        ]
        writer.cancel()
        await app.release()
        await store.close()
        return codes[0], codes[1]

    assert asyncio.run(both()) == (0, 0)


# -- who and what is unknown ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["customers", "sellers", "vat", "ageing", "periods"])
def test_a_seller_that_nobody_is_called_is_an_error_of_each(
    told: str, capsys: Capsys, name: str
) -> None:
    code, out, err = run(capsys, "ledger", name, "--seller", "foo")
    assert (code, out, "nobody is called 'foo'; there are allectra, " in err) == (1, "", True)
    assert run(capsys, "ledger", name, "--seller", "gandalf")[0] == 0


# -- beside the terms -----------------------------------------------------------------------------


def test_goodwill_is_decided_and_posted(told: str, capsys: Capsys) -> None:
    """On 3730 with its VAT; the customer is owed it."""
    code, out, _ = run(capsys, "decide", "N-1", "goodwill", "--amount", "100", "--by", "Ann",
                       "--reason", "came late")  # fmt: skip
    assert (code, "out of goodwill" in out) == (0, True)
    [one] = answer(capsys, "ledger", "--order", "N-1")["currencies"]
    assert one["earned"]["3730"] == -80.0
    assert (one["owed_to_customer"], one["comes_to"]) == (100.0, 0.0)
    shown = answer(capsys, "explain", "N-1", "goodwill")["explanations"]
    assert [one["amount"] for one in shown] == [100.0]


def test_freight_is_given_back_on_the_account_of_freight(told: str, capsys: Capsys) -> None:
    before = answer(capsys, "ledger", "--order", "N-1")["currencies"][0]["earned"]["3520"]
    assert before == 39.2
    assert run(capsys, "decide", "N-1", "freight", "--amount", "49.00", "--by", "Ann",
               "--reason", "promised")[0] == 0  # fmt: skip
    [one] = answer(capsys, "ledger", "--order", "N-1")["currencies"]
    assert "3520" not in one["earned"]
    assert one["owed_to_customer"] == 49.0


def test_an_agreed_fee_is_owed_by_the_customer(told: str, capsys: Capsys) -> None:
    assert run(capsys, "decide", "N-1", "agreed_fee", "--amount", "50", "--by", "Ann",
               "--reason", "engraving, by mail of 1 May")[0] == 0  # fmt: skip
    [one] = answer(capsys, "ledger", "--order", "N-1")["currencies"]
    assert (one["earned"]["3590"], one["owed_by_customer"]) == (40.0, 50.0)


def test_what_is_over_the_bound_is_refused(told: str, capsys: Capsys) -> None:
    code, out, _ = run(capsys, "decide", "N-1", "goodwill", "--amount", "1049.01", "--by", "Ann",
                       "--reason", "came late")  # fmt: skip
    assert (code, "more than the 1049.00" in " ".join(out.split())) == (4, True)
    assert answer(capsys, "ledger", "--order", "N-1")["currencies"][0]["owed_to_customer"] == 0


@pytest.mark.parametrize("missing", ["by", "reason"])
def test_a_decision_beside_the_terms_names_who_and_why(
    told: str, capsys: Capsys, tmp_path: Path, missing: str
) -> None:
    """By whichever way it comes: it is parked, naming what is missing."""
    data = {"about": "goodwill", "decision": "accepted", "amount": 1.0, "by": "A", "reason": "B"}
    del data[missing]
    file = tmp_path / "decision.jsonl"
    fact = message("DiscretionExercised", "netzilla", "N-1", "d", 30, **data)
    file.write_bytes(fact.value + b"\n")
    assert answer(capsys, "ingest", str(file))["parked"] == 1
    [letter] = answer(capsys, "dead-letters", "list")["dead_letters"]
    assert letter["sentence"].startswith(f"{missing}: is missing")


def test_the_doctor_says_what_is_kept_until_when(told: str, capsys: Capsys) -> None:
    _, out, _ = run(capsys, "doctor")
    text = " ".join(out.split())
    assert "those of 2024 until 2031-12-31" in text
    assert "nothing in the log is ever deleted by this program" in text
