"""A time line as inline SVG: days with what happened on them, and quiet weeks between them folded.

Every mark leads to its row and says what it is; its shape tells the kind, its colour only helps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

from markupsafe import Markup

from adapters.console.rendering import count

CELL, HIGH, LABEL, QUIET, FOLD, CROWD = 26, 4, 52, 7, 74, 40
"""Pixels of a mark with its room; how many stand on one another; the least width of a day; the
days of silence that are folded, and the pixels that they then take; a day of more marks than the
last shows each kind of them once."""
BASE = 8 + CELL * HIGH
SHAPES = {
    "told": ("what was told", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"),
    "parcel": ("parcels and goods", "M0-6L6.5 5h-13z"),
    "money": ("money that moved", "M-5-5H5V5H-5z"),
    "owed": ("what is owed", "M0-7L7 0 0 7-7 0z"),
    "answer": ("answers and duties", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0zM-2 0a2 2 0 1 1 4 0a2 2 "
               "0 1 1-4 0z"),
    "time": ("deadlines", "M-4.5 7V-7H6L3-3.5 6 0H-2.5V7z"),
    "late": ("deadlines that lapsed", "M-6-4L-4-6 0-2 4-6 6-4 2 0 6 4 4 6 0 2-4 6-6 4-2 0z"),
}  # fmt: skip
"""Kind of mark -> what it means, and its outline around 0, 0."""
HERE = Markup(' aria-current="true"')
OUTLINES = {kind: outline for kind, (_, outline) in SHAPES.items()}


@dataclass(slots=True, frozen=True)
class Mark:
    """An event on a day: which kind of shape, where its row is, and what it says."""

    day: date
    kind: str
    href: str
    title: str
    is_here: bool = False
    """Whether it is the one that is looked at."""
    count: int = 1
    """How many it stands for, itself the first."""


@dataclass(slots=True)
class _Line:
    """What is drawn so far, from left to right."""

    x: int = 6
    parts: list[Markup] = field(default_factory=list)

    def put(self, svg: str, *values: object) -> None:
        self.parts.append(Markup(svg).format(*values))

    def ground(self, width: int, kind: str) -> None:
        self.put('<path class="{}" d="M{} {}h{}"/>', kind, self.x, BASE, width)
        self.x += width


def strip(marks: Sequence[Mark], until: date | None = None, ends: str = "today") -> Markup:
    """The time line of marks in order of their days, on to `until`, which is called `ends`."""
    line, last = _Line(), None
    days = [(day, list(some)) for day, some in groupby(marks, key=lambda mark: mark.day)]
    for day, some in days:
        if last is not None:
            _between(line, last, day)
        _day(line, day, some, with_year=last is None or last.year != day.year)
        last = day
    if until is not None and last is not None and until > last:
        _between(line, last, until)
        line.ground(LABEL // 2, "days")  # its name stands beside the last day's
        line.put('<path class="now" d="M{} 4V{}"/>', line.x, BASE + 6)
        line.put('<text x="{}" y="{}" text-anchor="middle">{}</text>', line.x, BASE + 22, ends)
        line.x += LABEL // 2
    return Markup(
        '<svg class="strip" xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" '
        'viewBox="0 0 {0} {1}" role="group" aria-label="{2}">{3}</svg>'
    ).format(line.x + 6, BASE + 30, _said(days, len(marks)), Markup("").join(line.parts))


def _day(line: _Line, day: date, marks: Sequence[Mark], *, with_year: bool) -> None:
    """A day's marks, stacked; behind one another where they are many."""
    if len(marks) > CROWD:
        marks = _gathered(marks)
    wide = CELL if all(mark.count == 1 for mark in marks) else 2 * CELL
    columns = -(-len(marks) // HIGH)
    label = f"{day.day} {day:%b %Y}" if with_year else f"{day.day} {day:%b}"
    left = line.x
    line.ground(max(columns * wide, LABEL + 30 * with_year), "days")
    for place, mark in enumerate(marks):
        x = left + wide * (place // HIGH) + CELL // 2
        y = BASE - CELL * (place % HIGH) - CELL // 2
        line.put(
            '<a href="{}"{}><title>{}</title>'
            '<rect class="hit" x="{}" y="{}" width="{}" height="{}"/>'
            '<path class="mark-{}" transform="translate({} {})" d="{}"/></a>',
            mark.href, HERE if mark.is_here else "", mark.title,
            x - CELL // 2, y - CELL // 2, CELL, CELL, mark.kind, x, y, OUTLINES[mark.kind],
        )  # fmt: skip
        if mark.count > 1:
            line.put('<text x="{}" y="{}">{}</text>', x + CELL // 2 - 2, y + 4, count(mark.count))
    line.put('<text x="{}" y="{}">{}</text>', left + 4, BASE + 22, label)


def _gathered(marks: Sequence[Mark]) -> list[Mark]:
    """One mark a kind: the one that is looked at, else the first, with how many there are."""
    by_kind: dict[str, list[Mark]] = {}
    for mark in marks:
        by_kind.setdefault(mark.kind, []).append(mark)
    shown = [next((one for one in some if one.is_here), some[0]) for some in by_kind.values()]
    return [
        replace(one, count=len(some), title=f"{len(some)} of {SHAPES[one.kind][0]}: {one.title}")
        for one, some in zip(shown, by_kind.values(), strict=True)
    ]


def _between(line: _Line, last: date, day: date) -> None:
    """The days of silence between two: as long as they are, or folded."""
    silence = (day - last).days - 1
    if silence < QUIET:
        line.ground(8 * silence + 4, "days")
        return
    line.put(
        '<text class="fold" x="{}" y="{}" text-anchor="middle">{}</text>',
        line.x + FOLD // 2, BASE - 8, lasting(silence),
    )  # fmt: skip
    line.ground(FOLD, "folded")


def lasting(days: int) -> str:
    """A time in the largest unit of which it has two or more: `5 weeks`."""
    if days < 14:
        return f"{days} day{'s' * (days != 1)}"
    if days < 70:
        return f"{round(days / 7)} weeks"
    return f"{round(days / 30.44)} months" if days < 730 else f"{round(days / 365.25)} years"


def legend() -> Markup:
    """What the shapes mean."""
    return Markup("").join(
        Markup(
            '<li><svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true">'
            '<path class="mark-{}" d="{}"/></svg> {}</li>'
        ).format(kind, outline, words)
        for kind, (words, outline) in SHAPES.items()
    )


def _said(days: Sequence[tuple[date, Sequence[Mark]]], count: int) -> str:
    """The line in words."""
    if not days:
        return "Time line: nothing"
    return (
        f"Time line: {count} events on {len(days)} days from {days[0][0]} to {days[-1][0]}; the "
        "rows below say the same in words"
    )
