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
    return subprocess.Popen(
        [sys.executable, "-c", "from adapters.cli import run; run()", "serve"],
        env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


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
        _, log = await asyncio.to_thread(process.communicate)
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
    assert await store.pool.fetchval("select count(*) from inbox") == 1
    assert any('"waiting"' in line for line in said)


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


def test_an_address_that_is_taken_is_an_error(settings: dict[str, str]) -> None:
    settings["VILLKOR_LISTEN"] = "203.0.113.1:80"
    process = started(settings)
    _, said = process.communicate()
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith("villkor: nobody can listen at 203.0.113.1:80")
