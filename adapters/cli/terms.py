"""Commands about the terms: what is in force, what a clause does, what enforces all of them."""

from collections import Counter
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

import adapters
from adapters.terms import coverage, editions
from adapters import schemas
from adapters.scenarios.check import played, there
from adapters.cli import render
from adapters.cli.demo import FACTS, NOW
from adapters.cli.look import AsJson
from adapters.clock import Clock
from adapters.ingest import messages
from adapters.terms.remarks import remarks
from adapters.terms.review import review
from adapters.settings import Settings
from adapters.terms import book, installed, text_of
from domain.calendar import day_of
from domain.errors import VillkorError
from domain.terms.book import Book

DIFFERENCES = 3
Marketplace = Annotated[str | None, typer.Option(help="The marketplace whose terms fill the gaps.")]
terms = typer.Typer(no_args_is_help=True)
SCENARIOS = [Path(adapters.__file__).parents[1] / "tests" / "scenarios"]
PLACES = {"enforced": "enforced", "shown": "shown", "not_computable": "not computable"}


@terms.command("list")
def terms_list(json: AsJson = False) -> int:
    """The sellers whose terms are known, and the days on which their terms change."""
    known = book()
    rows = [
        (name, sum(map(len, values.values())),
         sorted({str(one["from"]) for entries in values.values() for one in entries}))
        for name, values in sorted(known.sellers.items())
    ]  # fmt: skip
    if json:
        sellers = [{"seller": name, "values": count, "since": days} for name, count, days in rows]
        render.as_json({
            "sellers": sellers, "readings": len(known.readings),
            "still_valid_on": known.still_valid_on,
        })  # fmt: skip
        return 0
    columns = ("seller", "values", "in force since")
    shown = [(name, count, ", ".join(days)) for name, count, days in rows]
    render.table(columns, shown, right=("values",))
    render.say(f"statutes: looked at for contracts up to {known.still_valid_on}")
    return 0


@terms.command("show")
def terms_show(clause: str, json: AsJson = False) -> int:
    """A clause, statute or reading: what it says, and where it is at work."""
    known, register = book(), installed()
    found = coverage.looked_up(clause, known, register)
    if json:
        render.as_json(found)
        return 0
    about, statute = register.clauses.get(clause), register.statutes.get(clause)
    reading, decided = known.readings.get(clause), coverage.Decided(**found["decided"])
    if about is not None:
        render.say(f"{clause}: {about.rule}")
        place = about.why or (f"to the {about.to}: {about.where}" if about.to else "")
        render.say(f"{PLACES[about.place]}{': ' if place else ''}{place}")
    if statute is not None:
        render.say(f"{clause}: {statute.rule} ({statute.act}; {statute.known})")
    if reading is not None:
        render.say(f"{clause}: {' | '.join(reading.options)}; default {reading.default}")
    if decided.scenarios:
        by = f"by {', '.join(decided.policies)} " if decided.policies else ""
        render.say(f"decided {by}in {', '.join(decided.scenarios)}")
    if found["values"]:
        columns = ("by", "value of", "from", "is")
        render.table(columns, [tuple(row.values())[:4] for row in found["values"]])
    return 0


@terms.command("coverage")
def terms_coverage(
    seller: Annotated[str | None, typer.Argument(help="Only this document's clauses.")] = None,
    place: Annotated[str | None, typer.Option(help="Only those that have this place.")] = None,
    scenarios: Annotated[
        list[Path] | None, typer.Option(help="A shop's own scenario files, as further proof.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Where each clause has its place: enforced, shown, or not computable and why.

    Exit code 3 where a clause of these terms has none, or where what it says is proven by nothing.
    """
    known, register = book(), installed()
    decided = coverage.together(
        coverage.recorded(), coverage.decided(played(there(scenarios or []), known), known)
    )
    found = [
        one for one in coverage.covered(known, register, decided)
        if seller in (None, one.clause.document) and place in (None, one.clause.place)
    ]  # fmt: skip
    if not found:
        raise VillkorError("no clause is like that; `villkor terms list` shows the sellers")
    faults = coverage.faults(known, register, decided, seller)
    counts: Counter[str] = Counter(one.clause.place for one in found)
    if json:
        render.as_json({"clauses": coverage.as_rows(found), "counts": counts, "faults": faults})
        return DIFFERENCES if faults else 0
    render.table(("clause", "place", "by, or why"), [_row(one) for one in found])
    for fault in faults:
        render.line(fault)
    summary = ", ".join(f"{counts[name]} {words}" for name, words in PLACES.items())
    render.say(f"{len(found)} clauses: {summary}")
    return DIFFERENCES if faults else 0


@terms.command("check")
def terms_check(
    file: Annotated[Path, typer.Argument(help="A seller's terms file, such as shop.toml.")],
    marketplace: Marketplace = None,
    json: AsJson = False,
) -> int:
    """A terms file under review: each fault with its line, its clause and the remedy.

    A file without faults may have notes, such as on terms that a statute sets aside for consumers.
    """
    if not file.is_file():
        raise VillkorError(f"{file} is not there; name a terms file")
    known, text = _with_marketplace(book(), marketplace), text_of(file)
    faults = review(file.stem, text, known, installed(), marketplace)
    notes = [] if faults else remarks(file.stem, text, known, marketplace)
    if json:
        render.as_json({"faults": [asdict(fault) for fault in faults], "notes": notes})
        return DIFFERENCES if faults else 0
    for said in (*faults, *(f"note: {note}" for note in notes)):
        render.line(str(said))
    counts = [_counted(len(faults), "fault")] + ([_counted(len(notes), "note")] if notes else [])
    render.say(f"{file.name}: {', '.join(counts)}")
    return DIFFERENCES if faults else 0


def _with_marketplace(known: Book, marketplace: str | None) -> Book:
    """The terms, in which there are those of the marketplace."""
    if marketplace is not None and marketplace not in known.sellers:
        sellers = ", ".join(sorted(known.sellers))
        raise VillkorError(f"there are no terms of {marketplace!r}; there are those of {sellers}")
    return known


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'s' if count != 1 else ''}"


@terms.command("diff")
def terms_diff(
    one: Annotated[str, typer.Argument(help="SELLER, SELLER@DAY, or a file: FILE.toml@DAY.")],
    other: Annotated[str, typer.Argument(help="The same.")],
    scenarios: Annotated[
        list[Path] | None, typer.Option(help="Scenario files; by default the project's own.")
    ] = None,
    marketplace: Marketplace = None,
    json: AsJson = False,
) -> int:
    """Two editions: the values that differ, the scenarios and demo orders that end otherwise."""
    known, now = _with_marketplace(book(), marketplace), Clock(Settings.read().now).now()
    first, second = (
        editions.side(asked, known, day_of(now), marketplace) for asked in (one, other)
    )
    if first.edition.seller != second.edition.seller:
        raise VillkorError("the two are of different sellers; name two editions of one")
    demo = messages([str(FACTS)])
    values = editions.values(first, second)
    differing = {
        "scenarios": list(editions.scenarios(first, second, there(scenarios or SCENARIOS))),
        "orders": list(editions.orders(first, second, demo, NOW)),
    }
    code = DIFFERENCES if values or any(differing.values()) else 0
    if json:
        render.as_json({"values": values, **differing})
        return code
    render.heading("Values")
    render.table(("value", one, other), values)
    for kind, found in differing.items():
        render.heading(kind.capitalize())
        rows = [(id, *change) for id, changes in found for change in changes]
        render.table(("which", "outcome", one, other), rows)
    counts = (len(values), *map(len, differing.values()))
    render.say("{} values, {} scenarios and {} demo orders differ".format(*counts))
    return code


@terms.command("schema")
def terms_schema(
    of: Annotated[str, typer.Argument(help="`terms` or `scenario`.")] = "terms",
) -> int:
    """The JSON Schema of a terms file or of a scenario file, for editors."""
    if of not in ("terms", "scenario"):
        raise VillkorError(f"there is no schema of {of!r}; there are `terms` and `scenario`")
    schema = schemas.terms_schema(book()) if of == "terms" else schemas.scenario_schema()
    render.line(dumps(schema, indent=1, ensure_ascii=False))
    return 0


def _row(one: coverage.Covered) -> tuple[str, str, str]:
    clause = one.clause
    if clause.place == "enforced":
        by = "; ".join(
            [*one.decided.policies, *(f"{value.key} {value.value}" for value in one.values[:2])]
        )
        proof = ", ".join(one.decided.scenarios[:2])
        return clause.id, "enforced", f"{by} ({proof})" if proof else by
    words = clause.why or f"to the {clause.to}: {clause.where}"
    return clause.id, PLACES[clause.place], words
