"""The auditor's record: what decided, what fell and to what, and where each figure is from."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.cli import main
from adapters.origins import Sources
from adapters.terms import book
from domain.outcomes import Because
from domain.terms.values import Entry
from tests.facts import life, message, placed

TEMPLATE = Path(__file__).parents[2] / "deploy" / "terms" / "template.toml"


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
    fell, _ = [ground for ground in rest if ground["role"] == "fell"]
    assert {ground["id"] for ground in rest if ground["role"] == "fell"} == {
        "SWE-reklamation-1", "SWE-reklamation-4",
    }  # fmt: skip
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
    words = " ".join(out.split())
    assert "ALL-6.5-5 read by allectra-unclaimed-freight as return_leg " in words
    assert max(map(len, out.splitlines())) <= 80


def test_a_clause_that_a_chosen_reading_read_says_which_and_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = told(tmp_path, life("allectra", "A-1"), capsys, "A-1", "unclaimed")
    roles = {ground["id"]: (ground["role"], ground["readings"]) for ground in record["grounds"]}
    role, readings = roles["ALL-6.5-5"]
    assert role == "read"
    assert ["allectra-unclaimed-freight", "return_leg"] in readings
    assert all(bool(readings) == (role == "read") for role, readings in roles.values())


def test_goods_that_cost_what_the_terms_ask_for_are_not_where_a_fee_is_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nordlys.toml").write_text(TEMPLATE.read_text("utf-8"), "utf-8")
    monkeypatch.setenv("VILLKOR_TERMS", str(tmp_path))
    goods = [{"line": "1", "category": "lamps", "unit_price": 150.0}]
    facts = [
        placed("nordlys", "N-1", lines=goods, shipping={"method": "standard", "price": 150.0}),
        *life("nordlys", "N-1")[1:],
    ]
    record = told(tmp_path, facts, capsys, "N-1", "unclaimed")
    floor = next(step for step in record["steps"] if step["amount"] == 150.0)
    assert [one["type"] for one in floor["sources"]] == ["terms"]
    assert floor["certain"]


def printed(**entries: Any) -> Sources:
    """Only values of the terms, each under the clause that decided."""
    edition = book().edition("allectra", None, date(2024, 3, 4))
    own: dict[str, Entry | None] = {
        key.replace("__", "."): {"value": value, "clause": ["X-1"]}
        for key, value in entries.items()
    }
    because = Because(rule="unclaimed.fee", clauses=("X-1",))
    return Sources.of([], replace(edition, entries=own), book(), because)


def test_of_several_equal_values_the_policys_own_is_meant_and_else_none_for_certain() -> None:
    own = printed(unclaimed__floor=199, rma__floor=199).step("floor", 199_00)
    assert ([one.id for one in own.sources], own.certain) == (["unclaimed.floor"], True)
    other = printed(returns__floor=199, rma__floor=199).step("floor", 199_00)
    assert ([one.id for one in other.sources], other.certain) == (
        ["returns.floor", "rma.floor"], False,
    )  # fmt: skip


def test_what_is_called_otherwise_is_no_source_and_a_tables_amount_is() -> None:
    assert printed(returns__days=199).step("floor", 199_00).sources == ()
    [source] = printed(inspection__poor={"kind": "handling", "amount": 300}).step(
        "handling", 300_00
    ).sources  # fmt: skip
    assert source.id == "inspection.poor"


@pytest.mark.parametrize(("kind", "rank"), [("consumer", "mandatory law"), ("business", "law")])
def test_consumer_law_is_mandatory_for_consumers_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, rank: str
) -> None:
    facts = [
        placed("allectra", "A-2", customer={"kind": kind, "ref": "c-2"},
               payment={"method": "klarna_invoice"}),
        message("OrderConfirmed", "allectra", "A-2", "confirmed", 1),
        message("InvoiceIssued", "allectra", "A-2", "issued", 2, invoice="F1", amount=1049.0),
        message("ReminderSent", "allectra", "A-2", "reminded", 1400, invoice="F1"),
    ]  # fmt: skip
    record = told(tmp_path, facts, capsys, "A-2", "reminder")
    ranks = {ground["rank"] for ground in record["grounds"] if ground["id"].startswith("IL-")}
    assert ranks == {rank}


def test_a_question_shows_its_choices_and_nothing_that_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = [
        placed("compumail", "C-1"),
        message("OrderConfirmed", "compumail", "C-1", "confirmed", 1),
        message("Shipped", "compumail", "C-1", "shipped", 24, parcel="p1", carrier="dhl"),
        message("Delivered", "compumail", "C-1", "delivered", 48, parcel="p1"),
        message("RmaIssued", "compumail", "C-1", "issued", 60, rma="R1", kind="complaint"),
        message("InspectionCompleted", "compumail", "C-1", "found", 90, rma="R1", lines=["1"],
                result="mishandled", partner_cost=530.0),
    ]  # fmt: skip
    record = told(tmp_path, facts, capsys, "C-1", "partner_cost")
    assert record["steps"] == []
    assert main(("explain", "C-1", "decision")) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "a person decides: charge or waive, 0.00 to 530.00" in words
    assert "in all" not in words


def test_times_are_those_of_stockholm_and_lines_are_called_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goods = [{"line": "1", "name": "Kettle", "category": "home", "unit_price": 1000.0}]
    facts = [
        placed("sweeto", "S-2", lines=goods),
        message("OrderConfirmed", "sweeto", "S-2", "confirmed", 1),
        message("PaymentReceived", "sweeto", "S-2", "paid", 1, amount=1049.0),
        message("Shipped", "sweeto", "S-2", "shipped", 24, parcel="p1", carrier="dhl"),
        message("Delivered", "sweeto", "S-2", "delivered", 48, parcel="p1"),
        message("WithdrawalNotified", "sweeto", "S-2", "regret", 72, channel="email"),
    ]
    told(tmp_path, facts, capsys, "S-2", "refund withdrawal:1#regret")
    assert main(("explain", "S-2", "refund")) == 0
    out = capsys.readouterr().out
    words = " ".join(out.split())
    assert "told 2024-03-07 10:00, from WithdrawalNotified regret" in words
    assert "Withdrawn on 2024-03-07 10:00 from Kettle: " in words
    assert "Köpet av Kettle ångrades 2024-03-07 10:00" in words
    assert "+00:00" not in out
    assert main(("explain", "S-2", "refund", "--json")) == 0
    shown = json.loads(capsys.readouterr().out)["explanations"]
    [refund] = [one for one in shown if one["outcome"] == "Refund"]
    assert "1 000,00 kr varor + 49,00 kr frakt = 1 049,00 kr" in refund["sv"]


def test_a_name_that_is_none_is_answered_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(tmp_path, life("allectra", "A-1"), capsys, "A-1", "fee")
    assert main(("explain", "A-1", "nothing_such")) == 1
    names = capsys.readouterr().err.split("there is: ")[1].strip().split(", ")
    assert "unclaimed:p1" in names
    assert not [name for name in names if name.endswith(":") or name.startswith(":")]
    for name in names:
        assert main(("explain", "A-1", name)) == 0


def test_what_a_deduction_is_made_up_of_can_be_added_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Gandalf: ten per cent of the order, at least 200, and handling 100 and freight 149."""
    facts = [placed("gandalf", "G-1", customer={"kind": "business"}), *life("gandalf", "G-1")[1:]]
    record = told(tmp_path, facts, capsys, "G-1", "refund")
    inputs = {one["name"]: one for one in record["inputs"]}
    parts = [inputs[name] for name in ("seller_return_fee", "handling_fee", "return_freight")]
    assert [one["value"] for one in parts] == ["200.00", "100.00", "149.00"]
    assert inputs["fee"]["value"] == "449.00"
    assert [one["id"] for one in inputs["percent"]["sources"]] == ["seller_return.percent"]
    assert [one["id"] for one in inputs["handling_fee"]["sources"]] == ["uncollected.handling"]
    assert inputs["base_amount"]["value"] == "1049.00"


def test_interest_by_statute_names_each_reference_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = [
        placed("compumail", "C-2", customer={"kind": "business"}, payment={"method": "invoice"}),
        message("OrderConfirmed", "compumail", "C-2", "confirmed", 1),
        message("InvoiceIssued", "compumail", "C-2", "issued", 2, invoice="F1", amount=1049),
        message("PaymentReceived", "compumail", "C-2", "part", 1000, invoice="F1", amount=49),
        message("PaymentReceived", "compumail", "C-2", "paid", 8000, invoice="F1", amount=1000),
    ]
    monkeypatch.setenv("VILLKOR_NOW", "2025-06-01T12:00")
    record = told(tmp_path, facts, capsys, "C-2", "late_interest")
    rates = {
        one["name"]: (one["value"], one["sources"][0]["id"])
        for one in record["inputs"] if "reference" in one["name"]
    }  # fmt: skip
    assert rates["from_2024-04-04_reference_percent"] == (
        "4.00", "law.payment.reference@2024-01-01",
    )  # fmt: skip
    assert rates["from_2025-01-01_reference_percent"][0] == "3.00"
