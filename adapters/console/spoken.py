"""What a policy said at an event, in sentences: what is owed by it and why, or why nothing is."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from adapters.narrated import changed, reason
from adapters.stepping import Said
from adapters.story import named
from domain.events import OutcomeRaised
from domain.explain import sentence
from domain.outcomes import AnyOutcome, Deadline

CAPITALS = re.compile(r"(?<!^)(?=[A-Z])")


class Line(NamedTuple):
    """An outcome: its name, why, under which clauses, and what came of it at this event."""

    name: str
    why: str
    clauses: Sequence[str]
    came: Sequence[str]
    """The types of the events; none where it says what it said before."""


@dataclass(slots=True, frozen=True)
class Spoken:
    """A policy's answer; `verdict` says why nothing is owed, where nothing is."""

    policy: str
    decided: bool
    """Whether the event that is looked at is of its making."""
    lines: Sequence[Line]
    verdict: str
    looked: str
    told: Sequence[tuple[str, Sequence[int]]]
    """Facts that it looked at, by what they are called, with their events."""
    untold: Sequence[str]
    clauses: Sequence[str]
    wakes_at: datetime | None


def spoken(
    all_said: Iterable[Said], decided: str | None, names: Mapping[str, str], currency: str
) -> list[Spoken]:
    """The answers of all policies that ran; `names` has what the lines' goods are called."""
    return [_spoken(said, said.policy == decided, names, currency) for said in all_said]


def _spoken(said: Said, decided: bool, names: Mapping[str, str], currency: str) -> Spoken:
    came: dict[str, list[str]] = {}
    for event in said.events:
        came.setdefault(event.item.key, []).append(event.type)
    lines = [
        Line(_name(item, currency), sentence(item.because, "en", names, currency),
             item.because.clauses, came.pop(item.key, ()))
        for item in said.items
    ]  # fmt: skip
    gone = [_gone(event, currency) for event in said.events if event.item.key in came]
    told = [(fact_called(name), numbers) for name, numbers in said.seen.told.items()]
    return Spoken(
        said.policy, decided, [*lines, *gone], "" if lines else _verdict(said),
        ", ".join(said.seen.parts), told, [fact_called(name) for name in said.seen.untold],
        said.clauses, said.wakes_at,
    )  # fmt: skip


def _name(item: AnyOutcome, currency: str) -> str:
    """`fee unclaimed p1 350.00 SEK`"""
    has_amount = not isinstance(item, Deadline) and getattr(item, "amount", None) is not None
    return f"{type(item).__name__.lower()} {named(item)}{f' {currency}' if has_amount else ''}"


def _gone(event: OutcomeRaised, currency: str) -> Line:
    """What it said before, and says no more."""
    why = f"{changed(event)}. It had said: {reason(event)}"
    return Line(_name(event.item, currency), why, event.item.because.clauses, (event.type,))


def _verdict(said: Said) -> str:
    """Why nothing is owed: what would be a ground was not told, and what was told is none."""
    told = [fact_called(name) for name in said.seen.told]
    others, more = len(said.seen.untold), "other " if told else ""
    kinds = f"{others} {more}kind{'s' * (others != 1)} of facts"
    if not others:
        why = "what was told gives no ground for it"
    elif not told:
        why = f"it looked for {kinds}, and none of them was told"
    else:
        apart = "are no ground for it by themselves" if len(told) > 1 else "is no ground by itself"
        why = f"{_and(told)} {apart}, and of {kinds} that it looked for none was told"
    silent = "" if said.clauses else " The terms have no clause of their own on it."
    return f"Nothing is owed by it: {why}.{silent}"


def _and(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def fact_called(name: str) -> str:
    """A type of fact as people say it: `delivery failed`, `RMA issued`."""
    words: Any = CAPITALS.sub(" ", name).lower()
    return f"RMA{words[3:]}" if words.startswith("rma ") else words
