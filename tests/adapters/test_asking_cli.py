"""The commands that ask about other times and other terms: `show` of the past, and `what-if`."""

import json
from pathlib import Path

import pytest

from adapters.terms import TERMS
from tests.command import answer, run
from tests.facts import life, message

ROOT = Path(__file__).parents[2]
ASKED = ("show", "A-1", "--known-at", "2024-03-17T12:00")
READING = ("what-if", "--reading", "allectra-unclaimed-freight=round_trip")


@pytest.fixture
def told(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Path:  # fmt: skip
    """An installation with an unclaimed parcel; its folder."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-06-01T12:00")
    monkeypatch.setenv("VILLKOR_HOME", str(tmp_path / "home"))
    file = tmp_path / "facts.jsonl"
    back = message("Retracted", "allectra", "A-1", "oops", 1000, 1000, fact="paid")
    lives = [*life("allectra", "A-1"), back, *life("sweeto", "S-1")]
    file.write_bytes(b"".join(one.value + b"\n" for one in lives))
    run(capsys, "ingest", str(file))
    return tmp_path


@pytest.mark.usefixtures("told")
def test_the_past_has_all_that_the_present_has(capsys: pytest.CaptureFixture[str]) -> None:
    present = answer(capsys, "show", "A-1")
    past = answer(capsys, *ASKED)
    assert set(past) == {*present, "seller", "as_of", "known_at", "ahead", "raised"}
    assert set(past["order"]) == set(present["order"])
    for table in ("parcels", "timeline", "deadlines", "lines", "ledger"):
        assert set(past[table][0]) == set(present[table][0]), table
    assert (past["order"]["status"], present["order"]["status"]) == ("unclaimed", "returned")
    assert (past["order"]["paid"], present["order"]["paid"]) == (1049.0, 0.0)
    assert {one["account"]: one["balance"] for one in past["ledger"]}[1930] == 1049.0
    assert past["terms"] == present["terms"]
    assert past["lines"] == present["lines"]
    assert past["lines"][0]["amount"] == 1000.0
    today = answer(capsys, "show", "A-1", "--known-at", "2024-06-01T12:00")
    assert {name: today[name] for name in present} == present


@pytest.mark.usefixtures("told")
def test_people_see_what_was_owed_and_what_stood_raised(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "show", "A-1", "--as-of", "2024-03-17", "--known-at", "2024-05-01")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    owed, raised = out.split("What stood raised by what was recorded")
    assert "allectra A-1 as of 2024-03-17 23:59 known at 2024-05-01 23:59" in owed
    assert "fee unclaimed p1 350.00" in owed
    assert "fee unclaimed p1 445.00" in raised
    assert "Kundfordringar" in raised
    assert "pinned 2024-03-04" in owed
    known = run(capsys, *ASKED)[1]
    assert "What stood raised\n" in known
    assert "TermsPinned" in known
    ahead = run(capsys, *ASKED, "--as-of", "2024-05-01")[1]
    assert "looks ahead: had nothing more become known until then" in ahead


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("A-1", "--known-at", "2024-01-01"), "was not known at 2024-01-01T23:59:59.999999+01:00"),
        (("A-1", "--as-of", "2024-01-01"), "had not been placed at 2024-01-01T23:59:59.999999"),
        (("A-1", "--as-of", "2024-07-01"), "is yet to come, now is 2024-06-01T12:00:00+02:00"),
        (("A-1", "--known-at", "2024-07-01"), "is yet to come"),
        (("customer:c-1", "--seller", "allectra", "--known-at", "2024-01-01"), "was not known at"),
        (("customer:c-1", "--seller", "allectra", "--as-of", "2024-01-01"), "nothing of allectra "),
        (("customer:c-1", "--seller", "allectra", "--as-of", "2024-07-01"), "is yet to come"),
    ],
)
@pytest.mark.usefixtures("told")
def test_what_cannot_be_answered_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ((), ("--json",)):
        code, out, err = run(capsys, "show", *arguments, *form)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert sentence in err


def test_what_if_lists_orders_krona_and_accounts(
    told: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, *READING)
    assert code == 3
    assert max(map(len, out.splitlines())) <= 80
    assert "2 orders, 1 under other terms, 1 of them otherwise on 2024-06-01 12:00" in out
    assert "79.00" in out
    assert "445.00   524.00" in out
    assert "in all fees of 445.00 would be 524.00 SEK" in out
    found = answer(capsys, *READING)
    assert (found["orders"], found["concerned"], found["undecided"]) == (2, 1, [])
    [order] = found["differing"]
    [change] = order["changes"]
    assert (change["outcome"], change["what"], change["difference"]) == (
        "fee unclaimed:p1", "otherwise", 79.0
    )  # fmt: skip
    assert [one["difference"] for one in found["accounts"]] == [79.0, -15.8, -63.2]
    assert found["question"]["readings"] == {"allectra-unclaimed-freight": "round_trip"}
    assert found["kinds"][0]["difference"] == found["totals"][0]["difference"] == 79.0
    assert list((told / "home" / "what-if").iterdir()) == [], "what was kept is not needed any more"


def test_what_if_under_a_draft_and_on_a_day(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = told / "sweeto.toml"
    text = (TERMS / "sweeto.toml").read_text("utf-8")
    file.write_text(text.replace('250.00, clause = "SWE-outlost-1"', '1.00, clause = "S-1"'))
    found = answer(capsys, "what-if", "--terms", str(file))
    assert [(one["before"], one["after"]) for one in found["kinds"]] == [(250.0, 1.0)]
    file.write_text(text)
    assert run(capsys, "what-if", "--terms", str(file))[0] == 0
    same = ("what-if", "--date", "2024-03-04", "--seller", "sweeto")
    assert run(capsys, *same)[0] == 0
    kept = told / "kept.jsonl"
    assert run(capsys, *same, "--resume", str(kept))[0] == 0
    assert json.loads(kept.read_bytes().splitlines()[0])["question"]["seller"] == "sweeto"
    assert "partitions that were done already" in run(capsys, *same, "--resume", str(kept))[2]


def test_what_if_of_a_shop_with_terms_of_its_own(
    told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its terms are those of the folder; a draft lies elsewhere."""
    text = (ROOT / "deploy" / "terms" / "template.toml").read_text("utf-8")
    for folder in ("terms", "drafts"):
        (told / folder).mkdir()
    (told / "terms" / "nordlys.toml").write_text(text, "utf-8")
    draft = told / "drafts" / "nordlys.toml"
    draft.write_text(text.replace("150.00", "175.00"), "utf-8")
    monkeypatch.setenv("VILLKOR_TERMS", str(told / "terms"))
    facts = told / "nordlys.jsonl"
    facts.write_bytes(b"".join(one.value + b"\n" for one in life("nordlys", "N-1")))
    run(capsys, "ingest", str(facts))
    found = answer(capsys, "what-if", "--terms", str(draft))
    assert [(one["seller"], one["difference"]) for one in found["kinds"]] == [("nordlys", 25.0)]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "nothing is supposed; say --terms, --reading or --date"),
        (("--reading", "x=y"), 1, "there is no reading 'x'; there are allectra-"),
        (("--terms", "ikea"), 1, "there are no terms of 'ikea'; there are those of allectra, "),
        (("--date", "1900-01-01"), 1, "which is that of contracts from"),
        (("--date", "2024-01-01", "--seller", "x"), 1, "no orders of 'x'; there are those of"),
        (("--date", "2024-01-01", "--at", "soon"), 2, "--at: 'soon' is not a time"),
    ],
)
@pytest.mark.usefixtures("told")
def test_a_question_that_nobody_can_answer_says_what_there_is(
    arguments: tuple[str, ...], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got, out, err = run(capsys, "what-if", *arguments)
    assert (got, out, err.count("\n")) == (code, "", 1)
    assert sentence in err
