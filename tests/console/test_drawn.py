"""The time line: quiet weeks are folded and say how long they were, each mark leads to its row."""

import re
from datetime import date
from xml.etree import ElementTree

from adapters.console.drawn import FOLD, SHAPES, Mark, lasting, strip

SVG = "{http://www.w3.org/2000/svg}"


def mark(day: str, number: int = 1, kind: str = "told", title: str = "A fact") -> Mark:
    return Mark(date.fromisoformat(day), kind, f"#e{number}", title)


def test_silence_is_folded_and_says_how_long_it_was() -> None:
    """Five weeks take no more room than one; two days stand as they are."""
    short = str(strip([mark("2026-03-01"), mark("2026-03-04", 2)]))
    week = str(strip([mark("2026-03-01"), mark("2026-03-12", 2)]))
    long = str(strip([mark("2026-03-01"), mark("2026-04-06", 2)]))
    assert "folded" not in short
    assert ">10 days</text>" in week
    assert ">5 weeks</text>" in long
    assert re.search(r'width="(\d+)"', week) == re.search(r'width="(\d+)"', long) or (
        re.findall(r'svg class="strip"[^>]*width="(\d+)"', week)
        == re.findall(r'svg class="strip"[^>]*width="(\d+)"', long)
    )
    assert f'd="M88 112h{FOLD}"' in long


def test_each_mark_leads_to_its_row_and_says_what_it_is() -> None:
    """Kinds have shapes of their own, and what looks like markup stays text."""
    drawn = ElementTree.fromstring(str(strip(
        [mark("2026-03-01", 1, "money", "<b>1 & 2</b>"), mark("2026-03-01", 2, "late")],
        date(2026, 6, 1),
    )))  # fmt: skip
    links = drawn.findall(f"{SVG}a")
    assert [one.get("href") for one in links] == ["#e1", "#e2"]
    assert [one.findtext(f"{SVG}title") for one in links] == ["<b>1 & 2</b>", "A fact"]
    assert len({outline for _, outline in SHAPES.values()}) == len(SHAPES)
    assert [one.findall(f"{SVG}path")[0].get("d") for one in links] == [
        SHAPES["money"][1], SHAPES["late"][1],
    ]  # fmt: skip
    assert "today" in [one.text for one in drawn.findall(f"{SVG}text")]
    assert "2 events on 1 days" in (drawn.get("aria-label") or "")


def test_a_crowded_day_shows_each_kind_once_and_how_many_there_are() -> None:
    """It stays whole, and as narrow as other days."""
    parcels = [mark("2026-03-01", number, "parcel") for number in range(1, 60)]
    drawn = ElementTree.fromstring(str(strip([*parcels, mark("2026-03-01", 60, "money")])))
    links = drawn.findall(f"{SVG}a")
    assert [one.get("href") for one in links] == ["#e1", "#e60"]
    assert links[0].findtext(f"{SVG}title") == "59 of parcels and goods: A fact"
    assert "59" in [one.text for one in drawn.findall(f"{SVG}text")]
    assert "60 events on 1 days" in (drawn.get("aria-label") or "")


def test_times_are_said_in_the_largest_unit_of_which_there_are_two() -> None:
    assert [lasting(days) for days in (1, 13, 35, 80, 800)] == [
        "1 day", "13 days", "5 weeks", "3 months", "2 years",
    ]  # fmt: skip
