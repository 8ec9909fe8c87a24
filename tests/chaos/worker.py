"""A worker as it is, in a process of its own: `python -m tests.chaos.worker` with its settings.

What differs from `villkor worker` is the clock, which runs through months in the time of the run,
less patience, so that a hundred seconds hold what else takes minutes, and traps: told by a signal,
it stops itself (as SIGSTOP does) in the worst moment, between deciding and committing, in Postgres
or in Kafka. What either of them refuses it afterwards is logged. The environment says what is
broken on purpose (tests/chaos/broken.py).
"""

import asyncio
import os
import signal
import time
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced
from aiokafka.producer.sender import EndTxnHandler

from adapters.clock import Clock
from adapters.kafka import clients, reader
from adapters.kafka.worker import Worker, work
from adapters.log import configure
from adapters.postgres import sql
from adapters.postgres.batch import Batch
from adapters.postgres.store import Store
from adapters.settings import Settings
from domain.errors import Fenced
from tests.chaos.broken import WITHOUT
from tests.chaos.told import BEGIN, END

SESSION_SECONDS, SIGN_OF_LIFE, BEAT_SECONDS, LONGEST_PAUSE_SECONDS = 6.0, 6, 2.0, 4.0
TRAPS = {"Postgres": signal.SIGUSR1, "Kafka": signal.SIGUSR2}
DISARM = signal.SIGHUP
"""What to send a worker that is to stop before its next commit there, and one that is not to."""
FROM, SECONDS, BROKEN = "CHAOS_FROM", "CHAOS_SECONDS", "CHAOS_BROKEN"
"""In the environment: when the run began, how long it takes, what is left out."""

ZOMBIE_SECONDS = 10.0
"""Who is refused so soon after it was woken is refused as a zombie."""

log = structlog.get_logger()
set_traps: set[str] = set()
woken: list[float] = []


def run_clock(begun: float, seconds: float) -> None:
    """Months pass while the facts are told; then time stands still, the same for all."""

    def now(self: Clock) -> datetime:
        share = min(1.0, max(0.0, (time.time() - begun) / seconds))
        return BEGIN + share * (END - BEGIN)

    Clock.now = now  # type: ignore[method-assign]


def be_impatient() -> None:
    """Less patience with others and with itself."""
    defaults = Worker.__init__.__kwdefaults__ or {}
    defaults["session_seconds"] = SESSION_SECONDS
    reader.BEAT_SECONDS = BEAT_SECONDS
    clients.LONGEST_PAUSE_SECONDS = LONGEST_PAUSE_SECONDS
    for name in ("LOCK_PARTITIONS", "LIVE_OWNERS"):
        asked = getattr(sql, name)
        setattr(sql, name, asked.replace(f"{sql.SIGN_OF_LIFE} seconds", f"{SIGN_OF_LIFE} seconds"))


def spring(where: str) -> None:
    """Stop here and now if the trap is set."""
    if where in set_traps:
        set_traps.discard(where)
        log.warning("trapped", where=where)
        os.kill(os.getpid(), signal.SIGSTOP)


def refused(where: str) -> None:
    """Log whose commit it was: a zombie's, or one of somebody who is replaced just now."""
    zombie = bool(woken) and time.monotonic() - woken[-1] < ZOMBIE_SECONDS
    log.warning("refused", where=where, zombie=zombie)


def watch_commits() -> None:
    """Put the traps before the commits, and log what is refused."""
    write, commit, answer = (
        Store.write, AIOKafkaProducer.commit_transaction, EndTxnHandler.handle_response,
    )  # fmt: skip

    async def written(self: Store, batch: Batch) -> None:
        if batch.events:
            spring("Postgres")
        try:
            await write(self, batch)
        except Fenced:
            if batch.heads.keys() <= batch.claims.keys():  # else it was not even asked
                refused("Postgres")
            raise

    async def committed(self: AIOKafkaProducer) -> None:
        spring("Kafka")
        await commit(self)

    def answered(self: EndTxnHandler, answer_: Any) -> float | None:
        """Who waits for the commit may have given up by now; the broker answers all the same."""
        try:
            again: float | None = answer(self, answer_)
        except ProducerFenced:
            if self._commit_result:
                refused("Kafka")
            raise
        return again

    Store.write = written  # type: ignore[method-assign]
    AIOKafkaProducer.commit_transaction = committed
    EndTxnHandler.handle_response = answered
    for where, number in TRAPS.items():
        signal.signal(number, lambda *_, where=where: set_traps.add(where))
    signal.signal(signal.SIGCONT, lambda *_: woken.append(time.monotonic()))
    signal.signal(DISARM, lambda *_: set_traps.clear())


def main(environment: dict[str, Any]) -> None:
    run_clock(float(environment[FROM]), float(environment[SECONDS]))
    be_impatient()
    watch_commits()
    WITHOUT[environment[BROKEN]]()
    settings = Settings.read(environment)
    configure(settings.log or "json:info")
    asyncio.run(work(settings))


if __name__ == "__main__":
    main(dict(os.environ))
