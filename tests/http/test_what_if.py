"""What-if over HTTP: the same answer as the command's, of the token's sellers, and bounded."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.access import Role
from adapters.http.desk import Desk
from adapters.terms import TERMS
from adapters.what_if import few
from adapters.what_if.log import what_if
from adapters.what_if.plain import plain
from adapters.what_if.supposed import asked
from tests.asked import client

READING = {"allectra-unclaimed-freight": "round_trip"}
SUPPOSED = {"seller": "allectra", "readings": READING}


async def test_a_seller_is_answered_as_by_the_command(own_desk: Desk) -> None:
    """Orders, kronor and accounts that would differ; and nothing is written."""
    store, book = own_desk.session.store, own_desk.book
    question = asked(book, None, ["allectra-unclaimed-freight=round_trip"], None, "allectra")
    whole = plain(await what_if(store, book, question, own_desk.now, processes=1))
    before = await store.cut("log")
    async with client(own_desk, Role.AUDITOR, "allectra") as auditor:
        told = (await auditor.post("/v1/what-if", json=SUPPOSED)).raise_for_status().json()
    told["orders"] = whole["orders"]  # the command goes through those of others too
    assert told == msgspec.json.decode(msgspec.json.encode(whole))
    assert [one["difference"] for one in told["totals"]] == [316.0]
    assert await store.cut("log") == before


async def test_one_order_is_answered_by_itself(desk: Desk) -> None:
    async with client(desk, Role.AUDITOR) as auditor:
        told = await auditor.post("/v1/what-if", json=SUPPOSED | {"order": "ALL-0004"})
        other = await auditor.post("/v1/what-if", json=SUPPOSED | {"order": "ALL-0005"})
        csv = {"accept": "text/csv"}
        sheet = await auditor.post("/v1/what-if", json=SUPPOSED, headers=csv)
    lines = sheet.text.splitlines()
    assert lines[0] == "\ufeffsupposed,allectra-unclaimed-freight read as round_trip"
    assert len([one for one in lines if one.startswith("allectra,ALL-")]) == 4
    [one] = told.json()["differing"]
    assert (one["order"], one["changes"][0]["amount_after"]) == ("ALL-0004", 524.0)
    assert (other.json()["orders"], other.json()["differing"]) == (1, [])


async def test_only_what_is_asked_about_is_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who waits waits until all orders of everybody were counted."""
    monkeypatch.delattr(few.Queries, "sellers")
    async with client(desk, Role.AUDITOR) as auditor:
        one = await auditor.post("/v1/what-if", json=SUPPOSED | {"order": "ALL-0004"})
        whole = await auditor.post("/v1/what-if", json=SUPPOSED)
        body = {"seller": "sweeto", "terms": "allectra", "date": "2026-06-18"}
        nobody = await auditor.post("/v1/what-if", json=body)
    assert (one.status_code, whole.status_code) == (200, 200)
    assert (nobody.status_code, "there are no orders of" in nobody.text) == (422, True)


async def test_a_draft_is_tried_out(desk: Desk) -> None:
    """Terms as a text, under the name of whose they are."""
    text = (TERMS / "allectra.toml").read_text()
    draft = text.replace("350", "400")
    body = {"seller": "allectra", "order": "ALL-0004", "terms": "allectra"}
    async with client(desk, Role.AUDITOR) as auditor:
        told = await auditor.post("/v1/what-if", json=body | {"draft": draft})
        same = await auditor.post("/v1/what-if", json=body | {"draft": text})
    assert told.json()["differing"][0]["changes"][0]["amount_after"] == 495.0
    assert same.json()["differing"] == []


async def test_of_many_orders_the_command_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few, "MOST", 3)
    async with client(desk, Role.AUDITOR) as auditor:
        told = await auditor.post("/v1/what-if", json=SUPPOSED)
    assert told.status_code == 409
    reading = "--reading allectra-unclaimed-freight=round_trip"
    assert f"`villkor what-if {reading} --seller allectra`" in told.json()["detail"]


@pytest.mark.parametrize(("status", "wrong"), [
    (422, {"readings": {}}), (422, {"readings": {"nonsense": "x"}}),
    (422, {"readings": {"allectra-unclaimed-freight": "x"}}),
    (422, {"terms": "nobody"}), (422, {"draft": "x"}), (422, {"terms": "allectra", "draft": "["}),
    (422, {"terms": "allectra", "draft": f"a{'.a' * 12_000} = 1"}),
    (422, {"date": "1900-01-01"}), (422, {"date": "soon"}), (404, {"order": "ALL-9999"}),
    (422, {"at": "0001-01-01T00:00:00+14:00"}), (422, {"at": 5}), (422, {"at": ["x"]}),
    (403, {"seller": "sweeto"}), (403, {"seller": "sweeto", "order": "SWE-0001"}),
])  # fmt: skip
async def test_what_cannot_be_supposed_is_refused(
    desk: Desk, status: int, wrong: dict[str, Any]
) -> None:
    """Nor is another seller's order."""
    async with client(desk, Role.AUDITOR, "allectra") as auditor:
        told = await auditor.post("/v1/what-if", json=SUPPOSED | wrong)
    assert told.status_code == status, told.text


async def test_no_file_of_the_server_is_read(desk: Desk, tmp_path: Path) -> None:
    """Though one be there: on the command line terms may name a file, here they may not."""
    file = tmp_path / "allectra.toml"
    file.write_text((TERMS / "allectra.toml").read_text())
    async with client(desk, Role.AUDITOR) as auditor:
        for terms in (str(file), f"allectra={file}"):
            told = await auditor.post("/v1/what-if", json=SUPPOSED | {"terms": terms})
            assert told.status_code == 422, told.text


async def test_who_may_not_ask_is_told_so(desk: Desk) -> None:
    async with client(desk, Role.AGENT) as agent:
        assert (await agent.post("/v1/what-if", json=SUPPOSED)).status_code == 403
