"""Work on buckets that goes wrong; Ray's workers import it by its name."""

import os
import signal
from pathlib import Path

from adapters.processes import Part
from deploy.replay.bucket import Replayed, replayed
from domain.errors import Corrupt


def dying_once(file: bytes, part: Part, task: bytes, marks: str) -> tuple[int, Replayed]:
    """Every bucket's first worker is killed in the middle of it. How many times it was begun."""
    begun = Path(marks) / str(part.partition)
    with begun.open("a") as mark:
        mark.write("x")
    result = replayed(file, part, task)
    if begun.stat().st_size == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return begun.stat().st_size, result


def always_dying(_: bytes, __: Part) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def failing(_: bytes, part: Part) -> None:
    raise Corrupt(f"partition {part.partition} is not as it was")
