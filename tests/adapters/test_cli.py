"""The command line: data to stdout, talk to stderr, exit codes, JSON, and errors as sentences."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from adapters.cli.commands import COMMANDS, loaded
from adapters.messages import Message
from adapters.partitions import PARTITIONS
from adapters.postgres import beside
from adapters.postgres.store import Store
from tests.command import answer, run
from tests.facts import life, message, placed

ROOT = Path(__file__).parents[2]
VILLKOR = Path(sys.executable).parent / "villkor"


@pytest.fixture
def told(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation, and a file of facts for it."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-06-01T12:00")
    file = tmp_path / "facts.jsonl"
    facts = [*life("allectra", "A-1"), message("Shipped", "allectra", "A-1", "bad", parcel="")]
    file.write_bytes(b"".join(one.value + b"\n" for one in facts))
    return file


def test_ingest_counts_and_a_file_told_twice_changes_nothing(
    told: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = answer(capsys, "ingest", str(told))
    assert first == {"taken": 7, "duplicates": 0, "waiting": 0, "parked": 1}
    assert answer(capsys, "ingest", str(told)) == first | {"taken": 0, "duplicates": 7}


def test_an_order_is_shown_explained_and_booked(
    told: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", str(told))
    assert answer(capsys, "orders")["orders"][0]["order_id"] == "A-1"
    shown = answer(capsys, "show", "A-1")
    [fee] = [one for one in shown["outcomes"] if one["outcome"] == "Fee"]
    assert (fee["kind"], fee["amount"]) == ("unclaimed", 445.0)
    [why] = answer(capsys, "explain", "A-1", "unclaimed")["explanations"]
    assert why["en"][0] != why["sv"][0]
    assert any("ALL-6.4-3" in line for line in why["en"])
    ledger = answer(capsys, "ledger")
    assert ledger["total"] == 0
    assert sum(round(one["balance"] * 100) for one in ledger["accounts"]) == 0
    for command in (["orders"], ["show", "A-1"], ["explain", "A-1"], ["sla"], ["ledger"],
                    ["ledger", "1510"], ["dead-letters", "list"], ["terms", "list"]):  # fmt: skip
        code, out, _ = run(capsys, *command)
        assert (code, max(map(len, out.splitlines()), default=0) <= 80) == (0, True), command


def test_the_past_is_shown_as_it_was(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--as-of is when it was true in the world, --known-at what was known then."""
    run(capsys, "ingest", str(told))

    def fees(*when: str) -> list[float]:
        outcomes = answer(capsys, "show", "A-1", *when)["outcomes"]
        return [one["amount"] for one in outcomes if one["outcome"] == "Fee"]

    assert fees("--as-of", "2024-03-10") == []
    assert fees("--as-of", "2024-03-17") == [350.0]
    assert fees("--as-of", "2024-05-01", "--known-at", "2024-03-17") == [350.0]
    assert fees("--as-of", "2024-05-01") == [445.0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["orders", "--seller", "foo"], "nobody is called 'foo'; there are allectra, "),
        (["sla", "--seller", "foo"], "nobody is called 'foo'; there are allectra, "),
        (["ledger", "--seller", "foo"], "nobody is called 'foo'; there are allectra, "),
        (["ledger", "1510", "--seller", "foo"], "nobody is called 'foo'; there are allectra, "),
        (["ledger", "customers", "--seller", "foo"], "nobody is called 'foo'; there are allectra"),
        (["ledger", "9999"], "9999 is no account of the chart; there are 1510, 1930"),
    ],
)
def test_what_nothing_is_called_is_an_error_that_lists_what_there_is(
    told: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A seller with terms is known before its first order, an account of the chart without one."""
    run(capsys, "ingest", str(told))
    code, out, err = run(capsys, *arguments)
    assert (code, out, sentence in err) == (1, "", True), err
    for known in (["--seller", "gandalf"], ["--seller", "allectra"]):
        assert run(capsys, arguments[0], *known)[::2] == (0, "")
    assert run(capsys, "ledger", "8313")[::2] == (0, "")


def test_a_status_that_no_order_has_is_said_beside_the_answer(
    told: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", str(told))
    code, _, err = run(capsys, "orders", "--status", "foo")
    assert (code, "no order is 'foo'; there are returned" in err) == (0, True)


def test_verify_and_rebuild_find_nothing(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "ingest", str(told))
    assert run(capsys, "verify")[0] == 0
    checked = answer(capsys, "rebuild", "--check")
    assert (checked["differing"], checked["differences"]) == (0, [])
    assert " ".join(run(capsys, "rebuild", "--check")[1].split()).endswith("; 0 differences")
    code, out, _ = run(capsys, "rebuild")
    assert (code, "differences" in out) == (0, False)
    assert answer(capsys, "verify")["differences"] == []


def test_a_rebuild_goes_on_beside_a_worker_but_not_beside_another(
    told: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", str(told))
    with asyncio.Runner() as runner:
        worker = runner.run(Store.open(database))
        runner.run(worker.claim(range(PARTITIONS), "a worker"))
        done = answer(capsys, "rebuild")
        assert done["rows"]["orders"] == 1
        assert set(done) == {"events", "rows", "held_seconds", "broken"}  # it compared nothing
        assert "writers were held for " in run(capsys, "rebuild", "sla")[2]
        other = runner.run(asyncpg.connect(database))
        runner.run(other.execute(beside.ALONE))
        code, _, err = run(capsys, "rebuild")
        assert (code, err) == (4, "villkor: another rebuild is at work; wait until it has ended\n")
        assert run(capsys, "rebuild", "--check")[0] == 0
        runner.run(other.close())
        runner.run(worker.close())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_as_its_own_help_begins(name: str) -> None:
    said = loaded(name).help.split("\n\n")[0]
    assert " ".join(said.split()) == COMMANDS[name][1]


def test_what_there_is_to_ask_is_listed_without_loading_it() -> None:
    """All commands' modules take seconds to import."""
    heavy = {"asyncpg", "pydantic", "rich.console", "structlog", "holidays", "adapters.app"}
    asked = "import sys; from adapters.cli import main; print(main(['--help']), "
    asked += f"{heavy!r} & {{*sys.modules}})"
    said = subprocess.check_output([sys.executable, "-c", asked], text=True)
    assert said.endswith("0 set()\n")
    assert all(f"\n  {name} " in said for name in COMMANDS)


async def _acts(database: str) -> list[str]:
    """What people did, as the log has it."""
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("select type from events where source = 'villkor:acts'")
    await connection.close()
    return [row["type"] for row in rows]


def test_dead_letters_are_listed_shown_retried_and_discarded(
    told: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", str(told))
    [letter] = answer(capsys, "dead-letters", "list")["dead_letters"]
    id = str(letter["id"])
    assert letter["order_id"] == "A-1"
    assert "parcel" in letter["sentence"]
    assert '"parcel": ""' in answer(capsys, "dead-letters", "show", id)["value"]
    assert "1 parked" in run(capsys, "dead-letters", "retry", id)[1]
    away = answer(capsys, "dead-letters", "discard", id, "--reason", "a test", "--by", "Ada")
    assert away == {"discarded": 1}
    assert answer(capsys, "dead-letters", "list")["dead_letters"] == []
    assert asyncio.run(_acts(database)) == ["LettersDiscarded"]
    code, _, err = run(capsys, "dead-letters", "retry", id)
    assert (code, err.startswith("villkor: nothing of the kind is parked")) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["show", "NOPE"], 1, "villkor: there is no order 'NOPE'; `villkor orders` lists them\n"),
        (["show", "A-1", "--as-of", "soon"], 2, "--as-of: 'soon' is not a time"),
        (["ingest", "/nowhere.jsonl"], 1, "villkor: /nowhere.jsonl cannot be read: No such file"),
        (["check", "/nowhere"], 1, "villkor: /nowhere is not there"),
        (["rebuild", "nothing"], 1, "villkor: there is no read model 'nothing'; there are"),
        (["terms", "show", "XYZ-1"], 1, "villkor: nothing is called 'XYZ-1'"),
        (["teleport"], 2, "No such command"),
        (["orders", "--limit", "0"], 2, "Invalid value"),
    ],
)
@pytest.mark.usefixtures("told")
def test_an_error_is_one_sentence(
    arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got, _, err = run(capsys, *arguments)
    assert got == code
    assert sentence in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("VILLKOR_LOG", "loud", "VILLKOR_LOG: 'loud' is not `json` or `console`"),
        ("VILLKOR_NOW", "soon", "VILLKOR_NOW: 'soon' is not a time"),
        ("VILLKOR_DATABASE", "mysql://x", "VILLKOR_DATABASE must be a URL like postgresql"),
        ("VILLKOR_COLOUR", "red", "VILLKOR_COLOUR is not a setting; there are VILLKOR_DATABASE"),
    ],
)
@pytest.mark.usefixtures("told")
def test_a_setting_that_is_not_understood_is_an_error_at_start(
    name: str, value: str, sentence: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv(name, value)
    code, _, err = run(capsys, "orders")
    assert (code, sentence in err) == (1, True)


def test_check_reports_expected_and_got(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = (ROOT / "tests" / "scenarios" / "allectra.yaml").read_text().split("\n---\n")[0]
    (tmp_path / "good.yaml").write_text(scenario)
    assert run(capsys, "check", str(tmp_path))[:2] == (0, "1 passed, 0 failed\n")
    (tmp_path / "bad.yaml").write_text(scenario.replace("445.00", "444.00") + "\n---\nid: [\n")
    code, out, _ = run(capsys, "check", str(tmp_path / "bad.yaml"))
    assert (code, "expected" in out, "cannot be read" in out) == (3, True, True)
    result = answer(capsys, "check", str(tmp_path / "bad.yaml"))
    assert (result["passed"], result["failed"]) == (0, 2)


def test_check_speaks_no_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = (ROOT / "tests" / "scenarios" / "allectra.yaml").read_text().split("\n---\n")[0]
    file = tmp_path / "one.yaml"
    for text, said in (
        (scenario.replace("type: Unclaimed", "type: Unclamed"), "cannot be told: type: 'Unclamed'"),
        (scenario.replace("  seller: ", "  sellr: "), "cannot be told: "),
        (f"{scenario}\ntariff: 3\n", "a part of it is of another kind than asked for"),
        (scenario.split("expect:")[0] + "expect: {fees: []}\n", "not expected {clauses: [ALL-6"),
    ):
        file.write_text(text)
        code, out, _ = run(capsys, "check", str(file))
        assert (code, said in out) == (3, True), out
        assert not [word for word in ("raised", "Error", "Because(", "{'") if word in out], out


def test_check_of_nothing_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.yaml").touch()
    for path in (tmp_path / "empty.yaml", tmp_path):
        code, _, err = run(capsys, "check", str(path))
        assert (code, err) == (1, f"villkor: {path}: no scenario is there\n")


def test_the_demo_killed_in_the_middle_ends_in_the_same_numbers(home: Path) -> None:
    """kill -9 of program and server at some moment, then again: the same as undisturbed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VILLKOR_")}

    def environment(name: str) -> dict[str, str]:
        return kept | {"VILLKOR_HOME": str(home / name)}

    def finished(name: str) -> list[str]:
        done = subprocess.run(
            [VILLKOR, "demo"], env=environment(name), check=True, capture_output=True, text=True
        )
        return done.stdout.splitlines()

    postmaster = home / "killed" / "postgres" / "postmaster.pid"
    for seconds, also_the_server in ((1.0, False), (1.3, True)):
        killed = subprocess.Popen(
            [VILLKOR, "demo"], env=environment("killed"), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not postmaster.exists():
            time.sleep(0.02)
        time.sleep(seconds)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        if also_the_server:
            os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)
    assert finished("killed")[1:] == finished("whole")[1:]
    done = subprocess.run(
        [VILLKOR, "demo", "--json"], env=environment("whole"), check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert (told["taken"], told["in_all"]["orders"], told["ledger_total"]) == (0, 240, 0)
    assert told["order"]["order"] == "ALL-0004"
    [fee] = [one for one in told["order"]["outcomes"] if one["outcome"] == "Fee"]
    assert (fee["kind"], fee["amount"]) == ("unclaimed", 445.0)
    assert (len(told["deadlines"]), [one["reason"] for one in told["dead_letters"]]) == (
        5, ["refused"],
    )  # fmt: skip


@pytest.fixture
def cart(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cart of two sellers' orders, one of them unclaimed, and a word about the customer."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-06-01T12:00")
    first, *rest = life("allectra", "A-1")
    both = [
        Message(one.value.replace(b'"payment"', b'"cart": "K-9", "payment"'), one.place)
        for one in (first, placed("gandalf", "G-1"))
    ]
    word = message("CreditLimitExceeded", "gandalf", "customer:c-1", "over", 30)
    file = tmp_path / "cart.jsonl"
    file.write_bytes(b"".join(one.value + b"\n" for one in [*both, *rest, word]))
    return file


def test_a_cart_is_seen_as_one(cart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "ingest", str(cart))
    shown = answer(capsys, "cart", "K-9")
    orders = {one["order_id"]: one for one in shown["orders"]}
    assert set(orders) == {"A-1", "G-1"}
    assert (orders["A-1"]["fees"], orders["G-1"]["status"]) == (445.0, "blocked")
    assert {one["party"] for one in orders["G-1"]["deadlines"]} <= {"seller", "customer"}
    [total] = shown["totals"]
    assert (total["currency"], total["orders"], total["goods"]) == ("SEK", 2, 2000.0)
    code, out, _ = run(capsys, "cart", "K-9")
    assert (code, "2 orders in SEK: goods 2000.00" in out) == (0, True)
    code, _, err = run(capsys, "cart", "K-0")
    assert (code, err) == (
        1,
        "villkor: no order has the cart 'K-0'; `villkor orders` lists orders\n",
    )


def test_a_customer_is_shown_with_its_orders(
    cart: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", str(cart))
    shown = answer(capsys, "show", "customer:c-1", "--seller", "gandalf")
    assert [one["order_id"] for one in shown["orders"]] == ["G-1"]
    assert {one["type"] for one in shown["facts"]} == {"OrderJoined", "CreditLimitExceeded"}
    early = answer(
        capsys, "show", "customer:c-1", "--seller", "gandalf", "--as-of", "2024-03-04T12:00"
    )
    assert [one["type"] for one in early["facts"]] == ["OrderJoined"]
    assert "CreditLimitExceeded" in run(
        capsys, "show", "customer:c-1", "--seller", "gandalf"
    )[1]  # fmt: skip
    assert "say --seller" in run(capsys, "show", "customer:c-1")[2]
    assert "nothing was told" in run(capsys, "show", "customer:c-2")[2]
    assert run(capsys, "explain", "customer:c-1")[0] == 1
    found = answer(capsys, "verify")
    assert (found["orders"], found["customers"], found["differences"]) == (2, 2, [])
