"""The table of what was measured, from the document that was kept."""

import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from tests.benchmarks.api import CALLERS
from tests.benchmarks.run import Results

BLOCK = re.compile(r"(<!-- bench:[^\n]*-->\n).*?(<!-- /bench -->)", re.DOTALL)
HEAD = ("what", "to reach", "measured", "beside it, in the same run")
Row = tuple[str, str, str, str]


def rendered(readme: str, results: Results | None) -> str:
    """The README with the table in its block; nothing in it where nothing was measured yet."""
    table = "" if results is None else f"{markdown(results)}\n"
    return BLOCK.sub(lambda found: f"{found[1]}{table}{found[2]}", readme)


def markdown(results: Results) -> str:
    table = [HEAD, ("---",) * len(HEAD), *rows(results)]
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([*lines, "", under(results)])


def rows(results: Results) -> Iterator[Row]:
    """A row for each thing that was to be reached."""
    m = results["median"]
    workers = results["machine"]["cores"]
    yield from _live(m, workers)
    yield (
        "append of decided events alone", ">= 50 % of raw COPY",
        f"{_k(m['append'])} events/s, {100 * m['append'] / m['copy']:.0f} %",
        f"COPY of the same rows {_k(m['copy'])} events/s",
    )  # fmt: skip
    yield (
        "verify, with hash chains and rows", ">= 5x the package's `repository.get`",
        f"{_k(m['verify1'])} events/s a core, {_k(m[f'verify{workers}'])} in all, "
        f"{m[f'verify{workers}'] / m['get']:.1f}x ({m['verify1'] / m['get']:.1f}x a core)",
        f"`get` of orders of {m['long']:.0f} events {_k(m['get'])} events/s",
    )  # fmt: skip
    yield (
        "rebuild of all read models, written and swapped", "50k events/s",
        f"{_k(m['rebuild1'])} events/s a core, {_k(m[f'rebuild{workers}'])} in all",
        f"decoding the same bytes {_k(m['decode'])} events/s",
    )  # fmt: skip
    if (asked := results.get("asked")) is not None:
        yield from _pages(asked["pages"], asked["orders"])
        # A document may have been kept before these were measured.
        for name, row in (("api", _api), ("paint", _paint)):
            if name in asked:
                yield row(asked[name], asked["orders"])
    yield from _growth(results["growth"])


def _live(m: dict[str, float], workers: int) -> Iterator[Row]:
    for number in sorted({1, workers}):
        rate = m[f"live{number}_rate"]
        yield (
            f"live, {number} worker{'s' * (number > 1)}: facts decided, projected, committed",
            ">= 15x the package's cycle; 20x, 10k facts/s a worker",
            f"{rate:,.0f} facts/s, {rate / m['cycle']:.1f}x",
            f"package, one event a cycle {m['cycle']:,.0f} facts/s; in batches "
            f"{m['batches']:,.0f} facts/s ({rate / m['batches']:.1f}x)",
        )  # fmt: skip


def _pages(asked: Results, orders: int) -> Iterator[Row]:
    names = {
        "as_of": "as-of query of one order", "order": "order page", "sla": "SLA page of 50",
        "statement": "account statement of 50",
    }  # fmt: skip
    for name, what in names.items():
        half, most = asked[name]
        yield (
            f"{what}, at {orders:,} orders",
            "p99 < 10 ms",
            f"p99 {most:.1f} ms",
            f"p50 {half:.1f} ms",
        )


def _api(asked: Results, orders: int) -> Row:
    each = dict(asked)
    rate, (half, most) = each.pop("rate"), each.pop("all")
    return (
        f"the API, {CALLERS} callers at once, at {orders:,} orders", "",
        f"{rate:,.0f} requests/s, p50 {half:.0f} ms, p99 {most:.0f} ms",
        f"p50 and p99 of each: {_each(each)} ms",
    )  # fmt: skip


def _paint(pages: dict[str, list[float]], orders: int) -> Row:
    slowest = max(pages, key=lambda name: pages[name][0])
    return (
        f"first paint of {len(pages)} pages in Chromium, at {orders:,} orders", "< 1 s",
        f"the slowest, {slowest}: {pages[slowest][0]:.0f} ms",
        f"median and longest of each: {_each(pages)} ms",
    )  # fmt: skip


def _each(pairs: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {one:.0f} and {other:.0f}" for name, (one, other) in pairs.items())


def _growth(steps: Sequence[dict[str, Any]]) -> Iterator[Row]:
    for step in steps:
        here, small = median(step["clock"]), median(step["small_clock"])
        yield (
            f"a fact, at {step['events']:,} events", "flat within 15 %",
            f"{here:.0f} µs, {100 * (here / small - 1):+.0f} %; of it "
            f"{median(step['cpu']):.0f} µs the worker's processor",
            f"the smallest log, in turn {small:.0f} µs; worker {step['worker_megabytes']:.0f} MB, "
            f"verify {step['verify_megabytes']:.0f} MB, {_k(step['verify'])} events/s",
        )  # fmt: skip
    last = steps[-1]
    yield (
        f"start of a worker, at {last['events']:,} events", "< 2 s to the first fact",
        f"{last['first']:.1f} s", f"at {steps[0]['events']:,} events {steps[0]['first']:.1f} s",
    )  # fmt: skip


def under(results: Results) -> str:
    """What it ran on, and what else the run says."""
    machine, sizes, m = results["machine"], results["sizes"], results["median"]
    stages = ", ".join(f"{name} {spent:.0f}" for name, spent in results["stages"].items())
    facts = m["live1_facts"]
    text = (
        f"{machine['cores']} cores ({machine['processor']}), {machine['gigabytes']} GB, Postgres "
        f"{machine['postgres']} on the same machine, fsync {machine['settings']['fsync']}, Python "
        f"{machine['python']}, {machine['date']}, commit {machine['commit']}; medians of "
        f"{sizes['rounds']} interleaved rounds of {facts:,.0f} facts, {m['events']:.1f} events and "
        f"{m['rows']:.1f} rows a fact. A worker's processor, µs a fact: {stages}. Most memory: "
        f"worker {m['live1_megabytes']:.0f} MB, package {m['cycle_megabytes']:.0f} MB."
    )
    if (asked := results.get("asked")) is not None:
        own = asked["machine"]
        text += (
            f" What is asked of {asked['orders']:,} orders: {own['date']}, commit {own['commit']}."
        )
    return text


def _k(rate: float) -> str:
    return f"{rate / 1000:.1f}k"
