"""Security of the wire to Kafka: on a real broker that asks for it."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.cli import main
from adapters.kafka.clients import Kafka
from adapters.kafka.topics import Topic, administrator, create, ensure
from adapters.settings import Settings
from domain.errors import VillkorError
from tests.kafka.broker import RunningBroker, running_broker
from tests.kafka.secure import PASSWORD, USER, SecureBroker


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    one = running_broker(tmp_path_factory.mktemp("secure"), SecureBroker)
    if isinstance(one, RunningBroker):
        pytest.skip("VILLKOR_TEST_KAFKA names a running broker, whose security is its own")
    assert isinstance(one, SecureBroker)
    yield one
    one.stop()


@pytest.fixture(autouse=True)
def said_goodbye() -> Iterator[None]:
    """TLS ends when the broker has said goodbye too, for which aiokafka waits no longer than its
    loop goes on: the socket is the collector's then, and not a later test's."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def environment(secure: SecureBroker, mechanism: str) -> dict[str, str]:
    return {
        "VILLKOR_KAFKA": f"localhost:{secure.port}", "VILLKOR_KAFKA_CA": f"{secure.home}/ca.pem",
        "VILLKOR_KAFKA_SASL": mechanism, "VILLKOR_KAFKA_USER": USER,
        "VILLKOR_KAFKA_PASSWORD_FILE": f"{secure.home}/password",
    }  # fmt: skip


def with_certificate(secure: SecureBroker) -> dict[str, str]:
    return {
        "VILLKOR_KAFKA": f"localhost:{secure.mutual}", "VILLKOR_KAFKA_CA": f"{secure.home}/ca.pem",
        "VILLKOR_KAFKA_CERT": f"{secure.home}/client.pem",
        "VILLKOR_KAFKA_KEY": f"{secure.home}/client.key",
    }  # fmt: skip


async def goes_through(kafka: Kafka, topic: str) -> bytes:
    """Creates a topic, writes a record and reads it: every kind of client."""
    async with administrator(kafka) as admin:
        await ensure(admin, [Topic(topic, 1)])
    async with kafka.producer() as producer:
        await producer.send_and_wait(topic, b"fact")
    async with kafka.consumer(auto_offset_reset="earliest") as consumer:
        consumer.subscribe([topic])
        record = await consumer.getone()
    return bytes(record.value)


@pytest.mark.parametrize("mechanism", ["plain", "scram-sha-256", "scram-sha-512"])
async def test_sasl_over_tls(secure: SecureBroker, mechanism: str) -> None:
    settings = Settings.read(environment(secure, mechanism))
    assert await goes_through(Kafka.of(settings), f"sasl-{mechanism}") == b"fact"


async def test_a_certificate_of_our_own_is_shown_where_the_broker_asks(
    secure: SecureBroker,
) -> None:
    settings = Settings.read(with_certificate(secure))
    assert await goes_through(Kafka.of(settings), "mutual") == b"fact"


async def test_a_broker_of_another_authority_is_not_spoken_to(secure: SecureBroker) -> None:
    told = environment(secure, "plain") | {"VILLKOR_KAFKA_CA": f"{secure.home}/stranger.pem"}
    with pytest.raises(VillkorError, match="Kafka at localhost"):
        await create(Settings.read(told))


@pytest.mark.parametrize("mechanism", ["plain", "scram-sha-512"])
def test_a_wrong_password_is_refused_and_never_printed(
    secure: SecureBroker, tmp_path: Path, mechanism: str, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    wrong = tmp_path / "wrong"
    wrong.write_text("opensesame")
    told = environment(secure, mechanism) | {"VILLKOR_KAFKA_PASSWORD_FILE": str(wrong)}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert main(["-v", "topics", "create"]) == 1
    said = "".join(capfd.readouterr())
    assert "Kafka at localhost" in said
    assert "opensesame" not in said
    assert "opensesame" not in repr(Settings.read(told))


def test_the_right_password_is_not_printed_either(
    secure: SecureBroker, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(secure, "scram-sha-256").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VILLKOR_LOG", "json:debug")
    assert main(["-v", "topics", "create"]) == 0
    assert PASSWORD not in "".join(capfd.readouterr())
