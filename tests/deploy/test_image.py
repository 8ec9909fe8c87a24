"""What the image holds: the wheel and the locked packages, in a fresh environment of their own.

The commands of the compose file run there, against a real broker and a real Postgres.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.kafka.bench import until
from tests.kafka.broker import Broker, RunningBroker, free_ports, running_broker

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def villkor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed as the Containerfile does."""
    home = tmp_path_factory.mktemp("image")
    ran(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home))
    ran(sys.executable, "-m", "venv", str(home / "venv"))
    pip = (str(home / "venv/bin/pip"), "install", "--quiet", "--disable-pip-version-check")
    ran(*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    (wheel,) = home.glob("*.whl")
    ran(*pip, "--no-deps", str(wheel))
    return home / "venv/bin/villkor"


@pytest.fixture(scope="module")
def broker_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The topics have their real names here, which no other test's broker should have."""
    one = running_broker(tmp_path_factory.mktemp("kafka"))
    if isinstance(one, RunningBroker):
        pytest.skip("VILLKOR_TEST_KAFKA names a running broker, whose topics are its own")
    assert isinstance(one, Broker)
    yield one.bootstrap
    one.stop()


def ran(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def running(*command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, cwd="/")
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_the_commands_of_the_compose_file_run_from_the_wheel_alone(
    villkor: Path, broker_of_its_own: str, database: str
) -> None:
    listen, metrics = free_ports(2)
    environment = {
        "PATH": os.environ["PATH"], "VILLKOR_DATABASE": database, "VILLKOR_LOG": "json:info",
        "VILLKOR_KAFKA": broker_of_its_own, "VILLKOR_LISTEN": f"127.0.0.1:{listen}",
        "VILLKOR_METRICS": f"127.0.0.1:{metrics}",
    }  # fmt: skip
    with running(str(villkor), "topics", "create", environment=environment) as create:
        assert await asyncio.to_thread(create.wait, 60) == 0
    with (
        running(str(villkor), "worker", environment=environment) as worker,
        running(str(villkor), "serve", environment=environment) as serve,
    ):
        for port in (listen, metrics):
            await until(lambda port=port: answers(port), 60, f"port {port} is ready")
        for process in (worker, serve):
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 30) == 0


async def answers(port: int) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
        except httpx.HTTPError:
            return False
    return answer.status_code == 200
