"""Buckets as tasks of Ray: sent out as workers become free, and given to another where one dies."""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # who uses what is told to nobody

import ray
from ray.exceptions import RayError, RayTaskError

from adapters.exports.log import Log, name_of
from adapters.processes import Part, Progress, cores, quiet
from domain.errors import VillkorError

T = TypeVar("T")
LOCAL = "local"
SOON = 5.0
"""Seconds in which a cluster answers."""
AHEAD = 2
"""Buckets for each core that are sent out before the first comes back."""


@contextmanager
def cluster(address: str = LOCAL) -> Iterator[None]:
    """Be connected to a cluster, or to one that is started here for as long as this is open.

    Raises VillkorError where there is none.
    """
    here: dict[str, Any] = {}
    if address == LOCAL:
        here = {"num_cpus": cores(), "include_dashboard": False}
    try:
        _answers(address)
        ray.init(address, logging_level=logging.WARNING, **here)
    except (OSError, RayError, ValueError) as error:
        raise VillkorError(f"no Ray cluster at {address!r}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _answers(address: str) -> None:
    """Raises OSError where nobody listens: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), SOON).close()


def over_buckets(
    folder: Path,
    log: Log,
    work: Callable[..., T],
    given: Sequence[Any],
    *,
    take: Callable[[Part, T], None],
    progress: Progress = quiet,
) -> None:
    """Let `work(file, part, *given)` do every bucket; `take` gets each result as it comes.

    The largest come first, so that all workers end at about the same time. Raises what the first
    work that fails raises, and VillkorError where workers die again and again.
    """
    task = ray.remote(work)
    shared = [ray.put(one) for one in given]
    waiting = iter(sorted(log.parts, key=lambda part: -part.position))
    running: dict[Any, Part] = {}
    at_once = AHEAD * max(1, _cpus())
    done = 0
    progress(done, log.events)
    try:
        while True:
            while len(running) < at_once and (part := next(waiting, None)) is not None:
                running[task.remote(_read(folder, part), part, *shared)] = part
            if not running:
                return
            ready, _ = ray.wait(list(running), num_returns=1)
            part = running.pop(ready[0])
            take(part, ray.get(ready[0]))
            done += part.position
            progress(done, log.events)
    except RayTaskError as error:
        if isinstance(error.cause, VillkorError):
            raise error.cause from error
        raise
    except RayError as error:
        raise VillkorError(f"the cluster gave up, after it had tried again: {error}") from error


def _cpus() -> int:
    found: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return int(found.get("CPU", 1))


def _read(folder: Path, part: Part) -> bytes:
    """The file of a partition; empty where there is none, which is no file of events."""
    try:
        return (folder / name_of(part.partition)).read_bytes()
    except FileNotFoundError:
        return b""
