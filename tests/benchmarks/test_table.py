"""README's table is what the kept document says, and says whether what was to be reached was."""

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.run import keep
from tests.benchmarks.table import BLOCK, markdown, rendered
from tests.readme import README

RESULTS = Path(__file__).with_name("results.json")
STEP = {
    "events": 100_000, "clock": [200.0, 230.0, 220.0], "small_clock": [200.0], "cpu": [150.0],
    "worker_megabytes": 150.0, "verify_megabytes": 90.0, "verify": 20_000.0, "first": 1.25,
}  # fmt: skip
MEASURED: dict[str, Any] = {
    "machine": {
        "processor": "a processor", "cores": 2, "gigabytes": 8, "postgres": "18.1",
        "python": "3.11", "date": "2026-11-21", "commit": "0123456789ab",
        "settings": {"fsync": "on"},
    },
    "sizes": {"rounds": 3},
    "median": {
        "live1_rate": 5_000.0, "live2_rate": 9_000.0, "live1_facts": 80_000.0,
        "live1_megabytes": 200.0, "cycle": 500.0, "cycle_megabytes": 80.0, "batches": 1_000.0,
        "append": 60_000.0, "copy": 100_000.0, "decode": 300_000.0, "get": 10_000.0, "long": 20.0,
        "verify1": 30_000.0, "verify2": 55_000.0, "rebuild1": 20_000.0, "rebuild2": 40_000.0,
        "events": 2.9, "rows": 7.9,
    },
    "stages": {"decide": 100.0, "write": 50.0},
    "growth": [STEP, STEP | {"events": 1_000_000}],
    "asked": {
        "orders": 1_000_000, "machine": {"date": "2026-11-22", "commit": "ba9876543210"},
        "pages": {"as_of": [1.0, 2.0], "order": [1.0, 2.0], "sla": [1.0, 2.0],
                  "statement": [3.0, 9.0]},
        "api": {"rate": 120.0, "all": [50.0, 90.0], "order": [40.0, 80.0], "list": [60.0, 95.0]},
        "paint": {"orders": [300.0, 350.0], "ledger": [700.0, 800.0]},
    },
}  # fmt: skip


def test_the_readme_shows_what_was_measured() -> None:
    text = README.read_text("utf-8")
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else None
    assert BLOCK.search(text)
    assert text == rendered(text, results), "run `python -m tests.benchmarks --readme`"


def test_each_row_says_what_was_to_be_reached_what_was_and_what_stood_beside_it() -> None:
    lines = markdown(MEASURED).splitlines()
    found = {line.split(" | ")[0].removeprefix("| "): line for line in lines}
    assert "5,000 facts/s, 10.0x" in found["live, 1 worker: facts decided, projected, committed"]
    assert "9,000 facts/s, 18.0x" in found["live, 2 workers: facts decided, projected, committed"]
    assert "60 %" in found["append of decided events alone"]
    assert "5.5x (3.0x a core)" in found["verify, with hash chains and rows"]
    assert "p99 9.0 ms" in found["account statement of 50, at 1,000,000 orders"]
    load = found["the API, 8 callers at once, at 1,000,000 orders"]
    assert "120 requests/s, p50 50 ms, p99 90 ms" in load
    assert "order 40 and 80, list 60 and 95 ms" in load
    seen = found["first paint of 2 pages in Chromium, at 1,000,000 orders"]
    assert "the slowest, ledger: 700 ms" in seen
    assert "orders 300 and 350, ledger 700 and 800 ms" in seen
    assert "1,000,000 orders: 2026-11-22, commit ba9876543210" in lines[-1]
    assert "220 µs, +10 %" in found["a fact, at 1,000,000 events"]
    assert "1.2 s" in found["start of a worker, at 1,000,000 events"]
    assert "3 interleaved rounds" in lines[-1]
    assert "2.9 events and 7.9 rows a fact" in lines[-1]


def test_what_is_asked_is_written_beside_what_else_was_measured(tmp_path: Path) -> None:
    """Also where nothing else was."""
    file, found = tmp_path / "results.json", {"asked": {"orders": 4_000}}
    keep(file, found)
    assert json.loads(file.read_text()) == found
    file.write_text(json.dumps(MEASURED))
    keep(file, found)
    assert json.loads(file.read_text()) == MEASURED | found


def test_the_readme_is_changed_in_its_block_alone() -> None:
    text = "before\n<!-- bench: it -->\nold\n<!-- /bench -->\nafter\n"
    new = rendered(text, MEASURED)
    assert "old" not in new
    assert rendered(new, None) == text.replace("old\n", "")
