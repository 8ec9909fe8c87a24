"""Webhooks: who is believed, what is kept of what they send, and what they are answered."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from adapters.clock import Clock
from adapters.http import webhooks
from adapters.http.app import application
from adapters.http.destinations import ToLog, Unavailable, Webhook
from adapters.http.health import health
from adapters.http.limits import LARGEST
from adapters.http.webhooks import Webhooks
from adapters.metrics import Metrics
from adapters.postgres.store import Store
from adapters.senders import Senders, senders

SECRET = b"a secret of the shop"
TOKEN = "a token of the carrier"
PERSON = "Ada Lovelace"


def gls(code: str = "12.0") -> dict[str, Any]:
    """A parcel of GLS, and who it is for."""
    event = {"code": code, "eventDateTime": "2026-03-02T09:00:00+0100"}
    return {"parcels": [{"requested": "GLS1", "events": [event], "consignee": PERSON}]}


def order(id: int = 1001) -> dict[str, Any]:
    """An order of Shopify, and whose it is."""
    return {
        "id": id, "created_at": "2026-03-01T10:00:00+01:00", "currency": "SEK",
        "financial_status": "pending", "taxes_included": True, "total_price": "549.00",
        "total_tax": "109.80", "email": "ada@example.org",
        "customer": {"id": 7, "first_name": "Ada", "last_name": "Lovelace"},
        "shipping_address": {"name": PERSON, "address1": "Storgatan 1"},
        "shipping_lines": [{"price": "49.00", "tax_lines": [{"price": "9.80", "rate": 0.25}]}],
        "line_items": [
            {"id": 1, "sku": "S", "quantity": 1, "price": "500.00", "name": "Lampa",
             "tax_lines": [{"price": "100.00", "rate": 0.25}]},
        ],
    }  # fmt: skip


def signed(body: bytes, header: str = "X-Shopify-Hmac-Sha256") -> dict[str, str]:
    """The headers of a shop that knows its secret."""
    signature = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
    return {header: signature, "X-Shopify-Topic": "orders/create",
            "X-Shopify-Shop-Domain": "ours.myshopify.com"}  # fmt: skip


@dataclass
class Memory:
    """A destination that remembers, or is away."""

    kept: list[Webhook] = field(default_factory=list)
    away: bool = False

    async def put(self, webhook: Webhook) -> None:
        if self.away:
            raise Unavailable
        self.kept.append(webhook)

    async def ready(self) -> str | None:
        return "it is away" if self.away else None


@pytest.fixture
def known(tmp_path: Path) -> Senders:
    (tmp_path / "secret").write_bytes(SECRET + b"\n")
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "senders.toml").write_text("""
        gls = {token_file = "token"}
        ups = {token_file = "token"}
        [shopify]
        "ours.myshopify.com" = {seller = "netzilla", secret_file = "secret"}
        "mute.myshopify.com" = {seller = "netzilla"}
        [woocommerce]
        "shop.example.org" = {seller = "allectra", secret_file = "secret"}
        [commercetools]
        ours = {seller = "sweeto", secret_file = "secret"}
    """)
    return senders(tmp_path / "senders.toml")


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def http(
    known: Senders, memory: Memory, metrics: Metrics
) -> AsyncIterator[httpx.AsyncClient]:
    app = application([*Webhooks(known, memory, metrics).routes(), *health(memory.ready, metrics)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://villkor") as client:
        yield client


@pytest.fixture
def logged() -> Any:
    capture = LogCapture()
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[capture])
    yield capture.entries
    structlog.configure(processors=before)


def problem(answer: httpx.Response, status: int) -> str:
    """The sentence of a problem detail."""
    assert (answer.status_code, answer.headers["content-type"]) == (
        status, "application/problem+json",
    ), answer.text  # fmt: skip
    told = answer.json()
    assert (told["status"], told["type"]) == (status, "about:blank")
    assert told["title"]
    return str(told["detail"])


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        ("gls", {"Authorization": f"Bearer {TOKEN}"}),
        ("gls", {"X-Villkor-Token": TOKEN}),
        ("ups", {"credential": TOKEN}),
    ],
)
async def test_a_carrier_is_known_by_its_token(
    http: httpx.AsyncClient, memory: Memory, source: str, headers: dict[str, str]
) -> None:
    status = {"activityStatus": {"type": "I", "code": "OR"}, "trackingNumber": "1Z12345E0205271688"}
    body = gls() if source == "gls" else status
    answer = await http.post(f"/webhooks/carriers/{source}", json=body, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    [kept] = memory.kept
    assert (kept.kind, kept.source) == ("carrier", source)


async def test_of_a_carriers_body_only_what_is_read_is_kept(
    http: httpx.AsyncClient, memory: Memory
) -> None:
    await http.post("/webhooks/carriers/gls", json=gls(), headers={"X-Villkor-Token": TOKEN})
    [kept] = memory.kept
    assert kept.key == b"gls/GLS1"
    assert b"12.0" in kept.value
    assert PERSON.encode() not in kept.value


async def test_a_shop_is_known_by_its_signature(http: httpx.AsyncClient, memory: Memory) -> None:
    """Over the bytes as they came; the path names the shop, or the sender's header does."""
    body = json.dumps(order(), indent=1).encode()
    for path in ("shopify", "shopify/ours.myshopify.com"):
        answer = await http.post(f"/webhooks/shops/{path}", content=body, headers=signed(body))
        assert answer.status_code == 200
    for kept in memory.kept:
        assert (kept.kind, kept.source, kept.key) == ("shop", "shopify", b"1001")
        assert (kept.topic, kept.shop) == ("orders/create", "ours.myshopify.com")
        assert b"500.00" in kept.value
        assert not [word for word in (b"Ada", b"Storgatan", b"example.org") if word in kept.value]


async def test_woocommerce_signs_likewise_and_its_ping_is_answered(
    http: httpx.AsyncClient, memory: Memory
) -> None:
    """A ping has neither a signature nor a shop; nothing is written down of it."""
    ping = await http.post(
        "/webhooks/shops/woocommerce", content=b"webhook_id=12",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert (ping.status_code, memory.kept) == (200, [])
    body = (
        b'{"id": 5, "status": "pending", "line_items": [], "date_created_gmt": "2026-03-01T10:00"}'
    )
    headers = signed(body, "X-WC-Webhook-Signature") | {
        "X-WC-Webhook-Source": "https://shop.example.org/", "X-WC-Webhook-Topic": "order.updated",
    }  # fmt: skip
    answer = await http.post("/webhooks/shops/woocommerce", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    [kept] = memory.kept
    assert (kept.topic, kept.shop) == ("order.updated", "shop.example.org")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("carriers/gls", {}),
        ("carriers/gls", {"X-Villkor-Token": TOKEN + "x"}),
        ("carriers/gls", {"X-Villkor-Token": ""}),
        ("carriers/gls", {"Authorization": TOKEN}),
        ("carriers/gls", {"Authorization": f"Basic {TOKEN}"}),
        ("shops/shopify/ours.myshopify.com", {}),
        ("shops/shopify/ours.myshopify.com", signed(b"another body")),
        ("shops/shopify/ours.myshopify.com", {"X-Shopify-Hmac-Sha256": "å"}),
        ("shops/shopify/mute.myshopify.com", signed(json.dumps(gls()).encode())),
        ("shops/woocommerce/shop.example.org", signed(json.dumps(gls()).encode())),
        ("shops/commercetools/ours", {}),
    ],
)
async def test_who_is_not_believed_is_not_told_why(
    http: httpx.AsyncClient, memory: Memory, logged: list[dict[str, Any]], path: str,
    headers: dict[str, str],
) -> None:  # fmt: skip
    """Nothing is written; the log says why, and says no secret."""
    content = json.dumps(gls()).encode()
    raw = {name: text.encode() for name, text in headers.items()}
    answer = await http.post(f"/webhooks/{path}", content=content, headers=raw)
    assert problem(answer, 401) == "the sender is not known by this"
    assert memory.kept == []
    [said] = [one for one in logged if one["event"] == "webhook not believed"]
    assert said["reason"].startswith("its") or "secret_file" in said["reason"]
    assert TOKEN not in str(logged)
    assert SECRET.decode() not in str(logged)


@pytest.mark.parametrize(
    "path",
    ["carriers/nobody", "carriers/postnord", "shops/magento", "shops/shopify/theirs.example.org",
     "shops/shopify"],
)  # fmt: skip
async def test_a_sender_that_there_is_not_is_not_found(
    http: httpx.AsyncClient, memory: Memory, path: str
) -> None:
    """Which senders there are is nobody's business."""
    answer = await http.post(f"/webhooks/{path}", json={}, headers={"X-Villkor-Token": TOKEN})
    assert "there is no such sender" in problem(answer, 404)
    assert "myshopify" not in answer.text
    assert memory.kept == []


@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"[1", b"\xff", b'{"parcels": 3}'])
async def test_what_is_no_body_of_its_sender_is_refused(
    http: httpx.AsyncClient, memory: Memory, content: bytes
) -> None:
    answer = await http.post(
        "/webhooks/carriers/gls", content=content, headers={"X-Villkor-Token": TOKEN}
    )
    assert problem(answer, 400)
    assert memory.kept == []


async def test_a_body_that_is_too_large_is_read_no_further(
    http: httpx.AsyncClient, memory: Memory
) -> None:
    """Whatever length it says, or does not say."""
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b" " * 65536

    for content in (b" " * (LARGEST + 1), endless()):
        answer = await http.post(
            "/webhooks/carriers/gls", content=content, headers={"X-Villkor-Token": TOKEN}
        )
        assert problem(answer, 413) == f"a body has {LARGEST} bytes at most"
    assert given <= LARGEST / 65536 + 2
    assert memory.kept == []


async def test_a_body_that_does_not_come_holds_up_nothing(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "READ_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await http.post(
        "/webhooks/carriers/gls", content=slow(), headers={"X-Villkor-Token": TOKEN}
    )
    assert problem(answer, 408)


async def test_what_cannot_be_kept_is_asked_for_again(
    http: httpx.AsyncClient, memory: Memory
) -> None:
    memory.away = True
    headers = {"X-Villkor-Token": TOKEN}
    answer = await http.post("/webhooks/carriers/gls", json=gls(), headers=headers)
    assert problem(answer, 503) == "What was sent cannot be kept just now; send it again."
    assert int(answer.headers["retry-after"]) > 0
    assert problem(await http.get("/health/ready"), 503) == "it is away"
    assert (await http.get("/health/live")).status_code == 200


async def test_a_request_is_a_line_without_its_query_or_body(
    http: httpx.AsyncClient, logged: list[dict[str, Any]]
) -> None:
    await http.post(f"/webhooks/carriers/gls?token={TOKEN}&a=b", json=gls())
    await http.get("/nothing%0Ahere")
    answered = [one for one in logged if one["event"] == "answered"]
    assert [(one["method"], one["path"], one["status"]) for one in answered] == [
        ("POST", "/webhooks/carriers/gls", 401), ("GET", "/nothing%0Ahere", 404),
    ]  # fmt: skip
    assert all(one["ms"] >= 0 for one in answered)
    assert TOKEN not in str(logged)
    assert PERSON not in str(logged)


async def test_a_fault_is_an_answer_and_quotes_nothing(
    http: httpx.AsyncClient, memory: Memory, logged: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async def failing(webhook: Webhook) -> None:
        raise RuntimeError(f"{webhook.value!r}")

    monkeypatch.setattr(memory, "put", failing)
    answer = await http.post(
        "/webhooks/carriers/gls", json=gls(), headers={"X-Villkor-Token": TOKEN}
    )
    assert "the log of the server knows more" in problem(answer, 500)
    [fault] = [one for one in logged if one["event"] == "fault"]
    assert (fault["error"], "GLS1" in str(logged)) == ("RuntimeError", False)


async def test_a_body_on_which_its_translator_fails_is_kept_for_a_better_one(
    http: httpx.AsyncClient, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.carriers.gls.translate", lambda body: 1 // 0)
    headers = {"X-Villkor-Token": TOKEN}
    answer = await http.post("/webhooks/carriers/gls", json=gls(), headers=headers)
    assert (answer.status_code, len(memory.kept)) == (200, 1)


async def test_what_is_not_there_is_a_problem_too(http: httpx.AsyncClient) -> None:
    assert (
        problem(await http.get("/nowhere"), 404) == "GET /nowhere is nothing that can be asked here"
    )
    answer = await http.get("/webhooks/carriers/gls")
    assert problem(answer, 405)
    assert answer.headers["allow"] == "POST"


async def test_webhooks_are_counted_by_sender_and_status(
    http: httpx.AsyncClient, metrics: Metrics
) -> None:
    """A sender that there is not has no name there: anybody could make up thousands."""
    headers = {"X-Villkor-Token": TOKEN}
    await http.post("/webhooks/carriers/gls", json=gls(), headers=headers)
    await http.post("/webhooks/carriers/gls", json=gls())
    await http.post("/webhooks/carriers/made-up", json=gls())
    text = (await http.get("/metrics")).text
    for sender, status in (("gls", 200), ("gls", 401), ("unknown", 404)):
        line = f'villkor_webhooks_total{{sender="{sender}",status="{status}"}} 1.0'
        assert line in text.splitlines()


@pytest.fixture
async def to_log(
    known: Senders, store: Store, metrics: Metrics
) -> AsyncIterator[httpx.AsyncClient]:
    app = application(Webhooks(known, ToLog(store, known, Clock()), metrics).routes())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://villkor") as client:
        yield client


async def test_without_kafka_what_was_acknowledged_lies_in_the_database(
    to_log: httpx.AsyncClient, store: Store
) -> None:
    """A shop's facts in the inbox of their writer; a carrier's sighting, which waits."""
    body = json.dumps(order()).encode()
    sent = await to_log.post("/webhooks/shops/shopify", content=body, headers=signed(body))
    assert sent.status_code == 200, sent.text
    values = [row[0] for row in await store.pool.fetch("select value from inbox")]
    assert any(b'"OrderPlaced"' in one for one in values), values
    assert not [one for one in values if b"Lovelace" in one]
    await to_log.post("/webhooks/carriers/gls", json=gls(), headers={"X-Villkor-Token": TOKEN})
    assert await store.pool.fetchval("select number from sightings") == "GLS1"


async def test_without_its_database_nothing_is_acknowledged(
    to_log: httpx.AsyncClient, store: Store
) -> None:
    await store.pool.close()
    answer = await to_log.post(
        "/webhooks/carriers/gls", json=gls(), headers={"X-Villkor-Token": TOKEN}
    )
    assert problem(answer, 503)
