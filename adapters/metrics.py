"""Metrics: what a process tells Prometheus, in a registry of its own (no global state).

Names follow Prometheus's conventions: base units, `_total` for what only grows.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Protocol

from aiokafka.errors import ProducerFenced
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from adapters.backlog import Backlog
from adapters.report import Report
from adapters.rules import rules_digest
from adapters.watchdog import Watchdog
from domain.errors import Fenced

CONTENT_TYPE = CONTENT_TYPE_LATEST
SIZES = (1, 10, 50, 100, 250, 500, 1000, 2000)
TIMES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
PLACE = ("topic", "partition")
FIGURES: dict[str, tuple[str, ...]] = {
    "dead_letters": ("Messages that are parked, by reason.", "reason"),
    "inbox_messages": ("Messages that wait for the writers of their partitions.",),
    "inbox_oldest_seconds": ("How long the oldest of them has waited.",),
    "sightings_waiting": ("What carriers said of parcels that no order has shipped yet.",),
    "sightings_overdue": (
        "Those of them that wait although an order has: none, or it is a fault.",
    ),
    "unknown_codes": ("What carriers said in codes that no table knows, by carrier.", "source"),
}
"""What is asked of the database: its words, and the name of its label."""


class Metrics:
    """The instruments of one process. `watchdog` and `backlog` are read when Prometheus asks."""

    def __init__(self, watchdog: Watchdog | None = None, backlog: Backlog | None = None) -> None:
        self.registry = CollectorRegistry()
        self.watchdog, self.backlog = watchdog or Watchdog(), backlog
        self.messages = Counter(
            "villkor_messages", "Messages, by what became of them.", ["result"],
            registry=self.registry,
        )  # fmt: skip
        self.lapsed = Counter(
            "villkor_lapsed", "Events that the passing of time raised.", registry=self.registry
        )
        self.refused = Counter(
            "villkor_commits_refused",
            "Commits that a fence refused, since another process owns the partition by now.",
            ["by"], registry=self.registry,
        )  # fmt: skip
        self.rebalances = Counter(
            "villkor_rebalances", "Times that the group shared out its partitions anew.",
            registry=self.registry,
        )  # fmt: skip
        self.batch_size = Histogram(
            "villkor_batch_messages", "Messages in a batch.", buckets=SIZES,
            registry=self.registry,
        )  # fmt: skip
        self.batch_seconds = Histogram(
            "villkor_batch_seconds", "From a batch in hand to its commit.", buckets=TIMES,
            registry=self.registry,
        )  # fmt: skip
        self.webhooks = Counter(
            "villkor_webhooks", "Webhooks, by sender and the status that answered them.",
            ["sender", "status"], registry=self.registry,
        )  # fmt: skip
        self.heads = Counter(
            "villkor_heads", "Chain heads of partitions, by whether they were written elsewhere.",
            ["result"], registry=self.registry,
        )  # fmt: skip
        for result in ("written", "failed"):
            self.heads.labels(result)
        for result in ("taken", "duplicate", "parked"):
            self.messages.labels(result)
        for by in ("postgres", "kafka"):
            self.refused.labels(by)
        self.registry.register(Build())
        self.registry.register(Reading(self.watchdog))
        if backlog is not None:
            self.registry.register(Waiting(backlog))

    def count(self, report: Report) -> None:
        """Add what became of a batch."""
        self.messages.labels("taken").inc(report.taken)
        self.messages.labels("duplicate").inc(report.duplicates)
        self.messages.labels("parked").inc(report.parked)
        self.lapsed.inc(report.lapsed)

    def failed(self, error: BaseException) -> None:
        """Note that a commit was refused, where that is what the error says."""
        if isinstance(error, Fenced):
            self.refused.labels("postgres").inc()
        elif isinstance(error, ProducerFenced):
            self.refused.labels("kafka").inc()

    async def told(self) -> bytes:
        """All of it in Prometheus's text form; a slow database does not hold it up."""
        if self.backlog is not None:
            await self.backlog.look()
        return generate_latest(self.registry)


class Build(Collector):
    """Which program this is, and which rules decide in it."""

    def collect(self) -> Iterator[Metric]:
        told = {"version": version("villkor"), "rules": rules_digest()}
        yield InfoMetricFamily("villkor_build", "The program and its rules.", told)


class Reading(Collector):
    """How far this process has read what is its to read, as the watchdog saw it last."""

    def __init__(self, watchdog: Watchdog) -> None:
        self.watchdog = watchdog

    def collect(self) -> Iterator[Metric]:
        position, end, lag, idle, oldest = families = (
            GaugeMetricFamily(
                "villkor_position", "Up to where it was taken, committed.", labels=PLACE
            ),
            GaugeMetricFamily("villkor_log_end", "Where it ends.", labels=PLACE),
            GaugeMetricFamily("villkor_lag_messages", "What is still to take.", labels=PLACE),
            GaugeMetricFamily(
                "villkor_idle_seconds", "Since it was last read on, while there is a lag.",
                labels=PLACE,
            ),
            GaugeMetricFamily(
                "villkor_oldest_message_seconds",
                "How long the oldest message that is still to take has waited at least.",
                labels=PLACE,
            ),
        )  # fmt: skip
        for seen in self.watchdog.seen:
            one, still = seen.standing, self.watchdog.idle(seen)
            place = (one.of, str(one.partition))
            held = 0.0 if one.oldest is None else (datetime.now(UTC) - one.oldest).total_seconds()
            position.add_metric(place, one.position)
            end.add_metric(place, one.end)
            lag.add_metric(place, one.lag)
            idle.add_metric(place, still)
            oldest.add_metric(place, max(held, still) if one.lag else 0.0)
        yield from families


class Relayed(Protocol):
    """What the relay of a process did so far."""

    @property
    def transactions(self) -> int: ...
    @property
    def published(self) -> int: ...
    @property
    def fenced(self) -> int: ...


class Publishing(Collector):
    """What goes out; how far each lane is stands with what is read."""

    def __init__(self, relay: Relayed) -> None:
        self.relay = relay

    def collect(self) -> Iterator[Metric]:
        for name, words, figure in (
            ("published", "Outcomes and dead letters that were published.", self.relay.published),
            ("transactions", "Transactions in which they were.", self.relay.transactions),
            ("fenced", "Times that another process had taken a lane over.", self.relay.fenced),
        ):
            yield CounterMetricFamily(f"villkor_relay_{name}", words, figure)


class Waiting(Collector):
    """What waits in the database, as it was when it last answered."""

    def __init__(self, backlog: Backlog) -> None:
        self.backlog = backlog

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "villkor_database_up", "Whether the database answered in time.", self.backlog.up
        )
        if (age := self.backlog.age) is None:
            return
        yield GaugeMetricFamily(
            "villkor_database_age_seconds", "How old the figures of the database are.", age
        )
        for name, (words, *labels) in FIGURES.items():
            family = GaugeMetricFamily(f"villkor_{name}", words, labels=labels)
            for label, figure in self.backlog.figures.get(name, {}).items():
                family.add_metric([label] if labels else [], figure)
            yield family
