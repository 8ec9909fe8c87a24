"""A real Kafka broker for tests: one KRaft node on free ports, with its data in a directory."""

import base64
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import pytest

HERE = Path(__file__).parent / "broker"
LIB = HERE / "lib"
START_SECONDS = 60
STOP_SECONDS = 20

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
"""


class Broker:
    """A broker that tests may stop, kill and start again, on the same ports and data."""

    users: tuple[str, ...] = ()
    """What formatting is told of users (`--add-scram ..`)."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.controller = free_ports(2)
        self.settings = home / "server.properties"
        self.process: subprocess.Popen[bytes] | None = None
        self.settings.write_text(
            SETTINGS.format(port=self.port, controller=self.controller, data=home / "data")
        )

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        if not (self.home / "data" / "meta.properties").exists():
            cluster = base64.urlsafe_b64encode(b"k" + uuid4().bytes[1:]).decode().rstrip("=")
            format = ("format", "-t", cluster, "-c", str(self.settings), "--ignore-formatted",
                      *self.users)  # fmt: skip
            subprocess.run(self._java("kafka.tools.StorageTool", *format), check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip
        with (self.home / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._java("kafka.Kafka", str(self.settings)), stdout=log, stderr=log
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop in good order."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def kill(self) -> None:
        """Stop as a machine does that loses power."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _java(self, main: str, *arguments: str) -> list[str]:
        return [
            "java", "-Xmx512m", "-XX:+UseSerialGC", f"-Dkafka.logs.dir={self.home}",
            f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
            "-cp", f"{LIB}/*", main, *arguments,
        ]  # fmt: skip

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("the broker did not start:\n" + (self.home / "broker.log").read_text())


class RunningBroker:
    """Somebody else's broker: it is used, and never stopped."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> None:
        pytest.skip("VILLKOR_TEST_KAFKA names a running broker, which a test may not restart")

    stop = kill = start


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def fetch_jars() -> None:
    """Copy the broker's jars to lib/, once, whole or not at all."""
    if LIB.exists():
        return
    partial = Path(mkdtemp(prefix="lib-", dir=HERE))
    subprocess.run(
        ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies",
         "-DincludeScope=runtime", f"-DoutputDirectory={partial}"],
        check=True,
    )  # fmt: skip
    try:
        partial.rename(LIB)
    except OSError:  # another process of the tests was faster
        shutil.rmtree(partial)
        assert LIB.exists()


def running_broker(home: Path, kind: type[Broker] = Broker) -> Broker | RunningBroker:
    """The broker that `VILLKOR_TEST_KAFKA` names, or one of our own, started."""
    if bootstrap := os.environ.get("VILLKOR_TEST_KAFKA"):
        return RunningBroker(bootstrap)
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            pytest.fail(f"{tool} is not on the path; or name a broker by VILLKOR_TEST_KAFKA")
    fetch_jars()
    broker = kind(home)
    broker.start()
    return broker
