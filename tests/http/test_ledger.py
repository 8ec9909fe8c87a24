"""The ledger over HTTP: as JSON and as CSV, by month and as of a day, for those who keep books."""

import asyncio
import csv
import io
import json
import re
from contextlib import suppress
from typing import Any

import pytest

from adapters.access import Role
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked as on
from adapters.ingest import ingest
from adapters.messages import Message
from projections.posting_rules import CHART
from tests.asked import client, token

AT = "/v1/ledger"
SHEETS = ("trial-balance", "accounts/1510", "customers", "sellers", "vat", "ageing")


def rows(text: str) -> list[dict[str, str]]:
    """A sheet's rows by column; it begins with the mark of UTF-8."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def decimals(text: str) -> list[dict[str, str]]:
    """A sheet for a Swedish Excel, its decimal commas as points."""
    found = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    amounts = re.compile(r"-?\d+,\d+")
    assert any(amounts.fullmatch(cell) for row in found for cell in row.values())
    return [
        {name: cell.replace(",", ".") if amounts.fullmatch(cell) else cell
         for name, cell in row.items()} for row in found
    ]  # fmt: skip


async def test_the_trial_balance_comes_to_nought(desk: Desk):
    """Of all sellers and of each; as of a day, in a month, and as CSV."""
    async with client(desk, Role.ACCOUNTANT) as accountant:

        async def asked(**of: str) -> Any:
            answer = await accountant.get(f"{AT}/trial-balance", params=of)
            return answer.raise_for_status().json()

        whole, month = await asked(), await asked(month="2026-09")
        early, own = await asked(as_of="2026-08-31"), await asked(seller="sweeto")
        sheet = rows((await accountant.get(f"{AT}/trial-balance.csv")).text)
    for one in (whole, month, early, own):
        assert one["total"] == 0
        assert all(abs(each["closing"]) == 0 for each in one["sellers"])
    assert len(whole["accounts"]) > len(early["accounts"]) > 0
    assert any(one["opening"] for one in month["accounts"])
    assert [one["seller"] for one in own["sellers"]] == ["sweeto"]
    assert sum(round(100 * float(one["closing"])) for one in sheet) == 0
    assert sum(len(one["accounts"]) for one in whole["sellers"]) == len(sheet)


async def test_a_statement_is_read_page_by_page_backwards(desk: Desk):
    """Each page goes on from the balance of the one before it."""
    async with client(desk, Role.ACCOUNTANT) as accountant:
        found: list[Any] = []
        asked: dict[str, Any] = {"seller": "allectra", "limit": 7}
        while True:
            page = (await accountant.get(f"{AT}/accounts/1510", params=asked)).json()
            [one], found = page["statements"], page["entries"] + found
            assert page["entries"][-1]["balance"] == pytest.approx(
                one["brought_forward"] + sum(each["amount"] for each in page["entries"])
            )
            if one["earlier"] is None:
                break
            asked["before"] = one["earlier"]
        whole = await accountant.get(f"{AT}/accounts/1510.csv", params={"seller": "allectra"})
        unclear = await accountant.get(
            f"{AT}/accounts/1510", params={"before": asked["before"]}
        )  # fmt: skip
    assert len(found) == one["total_entries"] == len(rows(whole.text)) - 2
    assert [one["row"] for one in rows(whole.text)] == [
        "opening",
        *["entry"] * len(found),
        "closing",
    ]
    assert found[-1]["balance"] == one["closing"]
    assert unclear.status_code == 422
    assert "one seller's statement" in unclear.json()["detail"]


async def test_every_table_comes_as_csv_too(desk: Desk):
    """Behind `.csv`, or to whoever would rather have it; with an entity tag of its own."""
    async with client(desk, Role.AUDITOR) as auditor:
        for name in SHEETS:
            shown = await auditor.get(f"{AT}/{name}")
            sheet = await auditor.get(f"{AT}/{name}.csv")
            rather = await auditor.get(
                f"{AT}/{name}", headers={"Accept": "text/csv, application/json;q=0.5"}
            )
            either = await auditor.get(f"{AT}/{name}", headers={"Accept": "*/*"})
            excel = await auditor.get(f"{AT}/{name}.csv", params={"for": "excel"})
            again = await auditor.get(
                f"{AT}/{name}.csv", headers={"If-None-Match": sheet.headers["etag"]}
            )
            assert shown.headers["content-type"] == either.headers["content-type"]
            assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
            assert rather.content == sheet.content
            assert rows(sheet.text), name
            assert decimals(excel.text) == rows(sheet.text), name
            assert (again.status_code, again.content) == (304, b"")


async def test_subledgers_come_to_their_accounts(desk: Desk):
    async with client(desk, Role.ACCOUNTANT, "allectra") as accountant:
        balances = (await accountant.get(f"{AT}/trial-balance")).json()["accounts"]
        customers = (await accountant.get(f"{AT}/customers", params={"limit": 3})).json()
        ageing = (await accountant.get(f"{AT}/ageing")).json()
        at_the_end, of_a_month = [
            (await accountant.get(f"{AT}/ageing", params=asked)).json()
            for asked in ({"as_of": "2026-10-31"}, {"month": "2026-10"})
        ]
        sheet = rows((await accountant.get(f"{AT}/vat.csv")).text)
        sellers = (await accountant.get(f"{AT}/sellers")).json()["sellers"]
        vat = (await accountant.get(f"{AT}/vat?from=2026-01&to=2026-12")).json()
        accounts = (await accountant.get(f"{AT}/accounts")).json()["accounts"]
    closing = {one["account"]: one["closing"] for one in balances}
    assert len(customers["customers"]) == 3
    assert customers["sums"][0]["owes"] == closing[1510] == ageing["ageing"][0]["total"]
    assert customers["sums"][0]["owed"] == -closing[2420]
    assert at_the_end == of_a_month != ageing
    assert {one["rate_percent"] for one in sheet if one["vat"] == "0.00"} >= {""}
    assert "0" not in {one["rate_percent"] for one in sheet}
    assert sellers[0]["bank"] == closing[1930]
    assert vat["tax"] == pytest.approx(-sum(closing[one] for one in closing if 2610 <= one < 2640))
    assert [one["account"] for one in accounts] == list(CHART)


async def test_customers_are_read_page_by_page(desk: Desk):
    """Of each seller from its own cursor on; every page has the sums of all."""
    async with client(desk, Role.ACCOUNTANT) as accountant:

        async def asked(**of: str) -> Any:
            answer = await accountant.get(f"{AT}/customers", params={"limit": "2"} | of)
            return answer.raise_for_status().json()

        first, whole = await asked(), (await accountant.get(f"{AT}/customers.csv")).text
        for sums in first["sums"]:
            found, page = [], await asked(seller=sums["seller"])
            while True:
                found += page["customers"]
                [own] = page["sums"]
                assert own | {"next": 0} == sums | {"next": 0}
                if own["next"] is None:
                    break
                page = await asked(cursor=own["next"])
            assert [one["customer"] or "" for one in found] == [
                row["customer"] for row in rows(whole) if row["seller"] == sums["seller"]
            ]
        of_another = await accountant.get(
            f"{AT}/customers", params={"cursor": first["sums"][0]["next"], "seller": "sweeto"}
        )
    assert of_another.status_code == 422


async def test_months_say_whether_they_are_closed(desk: Desk):
    """Page by page where there are more than are asked for."""
    async with client(desk, Role.ACCOUNTANT, "sweeto") as accountant:
        periods = (await accountant.get(f"{AT}/periods")).raise_for_status().json()["periods"]
        paged, asked = list[Any](), dict[str, Any](limit=2)
        while True:
            page = (await accountant.get(f"{AT}/periods", params=asked)).json()
            paged += page["periods"]
            if page["next"] is None:
                break
            asked["cursor"] = page["next"]
    assert paged == periods
    assert {one["seller"] for one in periods} == {"sweeto"}
    assert {one["state"] for one in periods} == {"open"}


async def test_what_a_month_learned_afterwards_is_listed(own_desk: Desk):
    """What happened in it and was booked later, page by page, and what its balances lack by it."""
    asked = {"seller": "allectra", "month": "2026-10"}
    late = [
        Message(json.dumps({
            "specversion": "1.0", "id": f"late-{day}", "source": "/late/allectra",
            "type": "PaymentReceived", "seller": "allectra", "subject": "ALL-0011",
            "time": f"2026-10-{day}T12:00:00+01:00", "data": {"amount": amount},
            "recordedtime": "2026-11-20T12:00:00+01:00",
        }).encode(), f"test:{day}")
        for day, amount in ((29, 100.0), (30, 39.0))
    ]  # fmt: skip
    async with client(own_desk, Role.ACCOUNTANT, "allectra") as accountant:

        async def told(**more: str) -> Any:
            answer = await accountant.get(f"{AT}/late", params=asked | more)
            return answer.raise_for_status().json()

        before = await told()
        async with own_desk.session.writer() as app:
            await ingest(app, late, own_desk.now)
        whole, first = await told(), await told(limit="1")
        behind = await told(limit="1", cursor=first["next"])
        sheet = rows((await accountant.get(f"{AT}/late.csv", params=asked)).text)
        another = await told(month="2026-07")
    fresh = [one for one in whole["entries"] if one not in before["entries"]]
    assert [(one["occurred"], one["booked"], one["period"], one["amount"]) for one in fresh] == [
        ("2026-10-29", "2026-11-20", "2026-11", 100.0),
        ("2026-10-30", "2026-11-20", "2026-11", 39.0),
    ]
    assert first["entries"] + behind["entries"] == whole["entries"][:2]
    assert len(sheet) == len(whole["entries"])
    lacks = [
        {one["account"]: one["amount"] for one in found["accounts"]} for found in (before, whole)
    ]
    assert lacks[1][1930] - lacks[0].get(1930, 0) == 139
    assert all(one["period"] > "2026-07" for one in another["entries"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("trial-balance?moth=2026-09", "moth: is no parameter of this operation"),
        ("trial-balance.csv?for=word", "for: Input should be 'programs' or 'excel'"),
        ("late?seller=allectra&month=2026-13", "month: '2026-13' is not a month"),
        ("trial-balance?month=2026-13", "month: '2026-13' is not a month, like 2026-09"),
        ("trial-balance?month=2026-09&from=2026-08", "month: it is one month"),
        ("trial-balance?from=2026-09&to=2026-08", "to: 2026-08 is before 2026-09"),
        ("accounts/1510?before=here", "'here' is no place in a statement"),
        ("ageing?as_of=0", "as_of: is not a day, like 2026-09-30"),
        ("accounts/1511", "1511 is no account of the chart"),
    ],
)
async def test_a_question_that_cannot_be_meant_is_refused(desk: Desk, asked: str, said: str):
    async with client(desk, Role.ACCOUNTANT) as accountant:
        answer = await accountant.get(f"{AT}/{asked}")
    assert answer.status_code == (404 if "1511" in asked else 422)
    assert answer.json()["detail"].startswith(said)


async def test_who_keeps_no_books_sees_none(desk: Desk):
    for role in (Role.AGENT, Role.OPERATOR):
        async with client(desk, role) as somebody:
            for name in (*SHEETS, "periods", "accounts"):
                assert (await somebody.get(f"{AT}/{name}")).status_code == 403, name


@pytest.mark.parametrize("path", [f"{AT}/trial-balance.csv", f"{AT}/trial-balance"])
async def test_who_does_not_read_the_answer_holds_no_connection(desk: Desk, path: str):
    """The transaction has ended before the body is sent."""
    secret, sending = await token(desk, Role.ACCOUNTANT), asyncio.Event()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "server": ("villkor", 80), "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"villkor"), (b"authorization", f"Bearer {secret}".encode())],
    }  # fmt: skip

    said = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        return next(said, None) or await asyncio.Future()

    async def send(told: Any) -> None:
        assert told.get("status", 200) == 200
        if told["type"] == "http.response.body":
            sending.set()
            await asyncio.Future()

    answering = asyncio.create_task(application(on(desk))(scope, receive, send))
    try:
        await asyncio.wait({answering, waiting := asyncio.create_task(sending.wait())},
                           return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        assert waiting.done()
        assert desk.reader.pool.get_idle_size() == desk.reader.pool.get_size()
    finally:
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
