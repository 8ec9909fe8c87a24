"""README shows what the demo really prints, and the demo data are what their generator writes."""

import json
import re
from pathlib import Path

from deploy.demo.generate import facts
from tests.readme import README, ROOT, demo, rendered, with_commands


def test_the_readme_shows_what_the_demo_prints_and_again_nothing_changes(home: Path) -> None:
    first, text = demo(str(home)), README.read_text("utf-8")
    assert text == with_commands(rendered(text, first), str(home)), "run `python -m tests.readme`"
    second = demo(str(home))
    changed = re.compile(r"\d+ facts taken now, \d+ known already")
    assert changed.sub("", second) == changed.sub("", first)
    assert second.startswith("0 facts taken now")


def test_the_demo_data_are_what_the_generator_writes() -> None:
    written = (ROOT / "deploy" / "demo" / "facts.jsonl").read_text("utf-8")
    assert written == "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts())


def test_every_file_that_the_readme_names_is_there_and_short() -> None:
    named = set(
        re.findall(r"`((?:domain|projections|adapters|tests)/[\w/.]+\.py)`", README.read_text())
    )
    assert len(named) >= 12
    for name in named:
        assert (ROOT / name).is_file(), name
        assert len((ROOT / name).read_text().splitlines()) <= 430, name
