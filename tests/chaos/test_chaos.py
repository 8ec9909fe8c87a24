"""A short run with the suite; `make chaos` runs long ones, in which each fault comes thrice."""

from tests.chaos.broken import NOTHING
from tests.chaos.report import table
from tests.chaos.run import run
from tests.chaos.schedule import KINDS, LEAST, ZOMBIES, schedule
from tests.chaos.told import telling

SEED, SECONDS = 1, 20.0


async def test_whatever_happens_all_is_in_the_log_once_and_out_once() -> None:
    done = await run(SEED, SECONDS, NOTHING)
    assert done.passed, table(done)


def test_a_seed_is_a_schedule() -> None:
    """The same each time, and each kind of fault as often as a run that counts needs it."""
    assert schedule(SEED, 100.0) == schedule(SEED, 100.0) != schedule(SEED + 1, 100.0)
    kinds = [fault.kind for fault in schedule(SEED, 100.0)]
    assert min(map(kinds.count, KINDS)) >= LEAST


def test_zombies_are_not_disturbed_otherwise() -> None:
    """So that each is replaced by somebody, and wakes while that one is at work."""
    faults = schedule(SEED, 100.0)
    zombies = {fault.worker for fault in faults if fault.kind in ZOMBIES}
    others = {fault.worker for fault in faults if fault.kind not in ZOMBIES}
    assert not zombies & others


def test_a_seed_is_what_is_told() -> None:
    one, same, other = telling(SEED, 500, 8), telling(SEED, 500, 8), telling(SEED + 1, 500, 8)
    assert one == same
    assert one != other
    assert len({fact.value for fact in one.facts}) == len(one.facts)
