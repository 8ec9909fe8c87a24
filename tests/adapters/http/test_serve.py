"""`villkor serve` as a user runs it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from adapters.app import App
from adapters.bodies import Intake
from adapters.doctor import findings
from adapters.postgres.store import Store
from adapters.senders import Senders
from tests.adapters.http.test_webhooks import PERSON, SECRET, order, signed
from tests.bodies import postnord, ships
from tests.carried import take, told
from tests.kafka.bench import ROOT, until
from tests.kafka.broker import free_ports


@pytest.fixture
def settings(database: str, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "senders.toml").write_text(
        '[shopify."ours.myshopify.com"]\nseller = "netzilla"\nsecret_file = "secret"\n'
    )
    [port] = free_ports(1)
    return {
        "VILLKOR_HOME": str(tmp_path), "VILLKOR_DATABASE": database, "VILLKOR_LOG": "json:info",
        "VILLKOR_SENDERS": str(tmp_path / "senders.toml"), "VILLKOR_LISTEN": f"127.0.0.1:{port}",
    }  # fmt: skip


def started(settings: dict[str, str]) -> "subprocess.Popen[str]":
    environment = {n: v for n, v in os.environ.items() if not n.startswith("VILLKOR_")} | settings
    with logged(settings).open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-c", "from adapters.cli import run; run()", "serve"],
            env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip


def logged(settings: dict[str, str]) -> Path:
    """Where a server's log goes."""
    return Path(settings["VILLKOR_HOME"]) / "log"


@asynccontextmanager
async def serving(settings: dict[str, str], said: list[str]) -> AsyncIterator[httpx.AsyncClient]:
    """A running server; what it logged is said at the end, which is in good order."""
    process = started(settings)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://{settings['VILLKOR_LISTEN']}", timeout=20
        ) as client:

            async def ready() -> bool:
                try:
                    return (await client.get("/health/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(ready)
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.communicate)
        log = logged(settings).read_text()
        said += log.splitlines()
    assert process.returncode == 0, log


async def test_a_webhook_is_in_the_log_soon_after_it_was_acknowledged(
    settings: dict[str, str], store: Store
) -> None:
    """Where there is no other writer, `serve` is it. SIGTERM lets it leave in good order."""
    body, said = json.dumps(order()).encode(), list[str]()
    async with serving(settings, said) as client:
        answer = await client.post("/webhooks/shops/shopify", content=body, headers=signed(body))
        assert answer.status_code == 200, answer.text

        async def counted() -> bool:
            text = (await client.get("/metrics")).text
            return 'villkor_messages_total{result="taken"} 1.0' in text

        await until(counted)
        assert await store.pool.fetchval("select count(*) from orders") == 1
    log = [json.loads(line) for line in said]
    assert [one["event"] for one in log].count("answered") == 1
    assert log[-1]["event"] == "left"
    assert PERSON not in str(said)
    assert await store.live_owners() == set()


async def test_beside_another_writer_it_hands_over(
    settings: dict[str, str], store: Store, app: App
) -> None:
    """What it acknowledged lies there until that writer takes it."""
    body, said = json.dumps(order()).encode(), list[str]()
    async with serving(settings, said) as client:
        answer = await client.post("/webhooks/shops/shopify", content=body, headers=signed(body))
        assert answer.status_code == 200

        async def waiting() -> bool:
            return '"waiting"' in logged(settings).read_text()

        await until(waiting)
    assert await store.pool.fetchval("select count(*) from inbox") == 1


async def test_what_waits_although_its_parcel_is_known_is_swept_up(
    settings: dict[str, str], store: Store, app: App
) -> None:
    """As a worker does where there is Kafka."""
    intake, said = Intake(store, Senders(), app.clock), list[str]()
    await take(app, intake, postnord())
    await app.handle([ships()])
    await store.pool.execute("update sightings set matched = false")
    await store.pool.execute("delete from inbox")
    await app.release()
    async with serving(settings, said):

        async def told_of() -> bool:
            return bool(await told(app))

        await until(told_of)
    assert any("waited although its parcel was known" in line for line in said)


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (None, "VILLKOR_READER does not say as whom to ask the database"),
        ("postgres", "row-level security does not apply; name villkor_reader"),
    ],
)
async def test_where_nobody_can_ask_webhooks_are_taken_all_the_same(
    settings: dict[str, str], role: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log and the doctor say why."""
    if role is not None:
        url = settings["VILLKOR_DATABASE"]
        settings["VILLKOR_READER"] = url.replace("://postgres@", f"://{role}@")
    body, log = json.dumps(order()).encode(), list[str]()
    async with serving(settings, log) as client:
        answer = await client.post("/webhooks/shops/shopify", content=body, headers=signed(body))
        assert answer.status_code == 200
        assert (await client.get("/v1/orders")).status_code == 404
    [warning] = [one for one in map(json.loads, log) if one["event"] == "no API"]
    assert said in warning["reason"]
    assert await doctor(settings, monkeypatch, "nobody can ask over HTTP: ") is (role is None)


async def test_where_somebody_can_ask_both_are_answered(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the role that owns nothing; the doctor says so."""
    url = settings["VILLKOR_DATABASE"]
    settings["VILLKOR_READER"] = url.replace("://postgres@", "://villkor_reader@")
    log = list[str]()
    async with serving(settings, log) as client:
        assert (await client.get("/v1/orders")).status_code == 401
        assert (await client.get("/sign-in")).status_code == 200
    assert "no API" not in str(log)
    assert await doctor(settings, monkeypatch, "`villkor serve` asks as villkor_reader")


async def doctor(settings: dict[str, str], patch: pytest.MonkeyPatch, begins: str) -> bool:
    """Whether what the doctor finds, and begins so, is good news."""
    for name, value in settings.items():
        patch.setenv(name, value)
    [one] = [one for one in await findings() if one.what.startswith(begins)]
    return one.fine


def test_an_address_that_is_taken_is_an_error(settings: dict[str, str]) -> None:
    settings["VILLKOR_LISTEN"] = "203.0.113.1:80"
    process = started(settings)
    process.communicate()
    said = logged(settings).read_text()
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith("villkor: nobody can listen at 203.0.113.1:80")
