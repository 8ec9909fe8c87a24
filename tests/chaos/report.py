"""What a run did, and what came of it: as a value, and as a table for people."""

from dataclasses import dataclass, field

from tests.chaos.checks import Findings
from tests.chaos.schedule import COUNTS_FROM_SECONDS, KINDS, LEAST
from tests.chaos.worker import TRAPS


@dataclass(slots=True)
class Run:
    """What was done, and what came of it."""

    seed: int
    seconds: float
    broken: str
    facts: int = 0
    posts: int = 0
    fired: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    told: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    outcomes: int = 0
    letters: int = 0
    processes: int = 0
    at_rest: bool = False
    rest_seconds: float = 0.0
    exits: list[int | None] = field(default_factory=list)
    findings: Findings = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether everything was tried that a run must try; a short one need not."""
        return self.seconds < COUNTS_FROM_SECONDS or not self.missing

    @property
    def missing(self) -> list[str]:
        """What did not happen as often as it must."""
        rare = [kind for kind, times in (self.fired | self.told).items() if times < LEAST]
        return rare + [f"refused by {who}" for who in TRAPS if not self.refused[who]]

    @property
    def passed(self) -> bool:
        return self.counts and not any(self.findings.values())


def table(done: Run) -> str:
    """A run for people."""
    lines = [
        f"seed {done.seed}, {done.seconds:.0f} s, {done.facts} facts in {done.posts} records, "
        f"broken: {done.broken}"
    ]
    lines += [f"  {count:6} {kind}" for kind, count in (done.fired | done.told).items()]
    lines += [
        f"  {times:6} commits of zombies refused by {who}" for who, times in done.refused.items()
    ]
    lines += [
        f"  {done.processes:6} worker processes",
        f"  {done.outcomes:6} outcomes and {done.letters} dead letters seen; "
        f"at rest {done.rest_seconds:.0f} s after the last fault",
    ]
    for name, found in done.findings.items():
        lines.append(f"{'ok' if not found else 'NO':4}{name}")
        lines += [f"      {one[:600]}" for one in found[:10]]
    lines += [f"NO  too few: {one}" for one in done.missing if not done.counts]
    lines.append("passed" if done.passed else "failed")
    return "\n".join(lines)
