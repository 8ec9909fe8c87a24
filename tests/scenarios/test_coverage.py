"""Every clause has its place, every value its clause, every number its scenario."""

import tomllib
from pathlib import Path

from adapters.terms.coverage import DECIDED, FOLDER, decided, faults, recorded
from adapters.terms import book, installed
from adapters.scenarios.worked import EXAMPLES, examples
from tests.mutation import mutants, noticed
from tests.scenarios.coverage import text, told
from tests.worked import played

HERE = Path(__file__).parent
SURVIVORS = tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))
"""Numbers that may change unnoticed, and why no scenario can tell."""


def test_every_clause_has_a_place_and_what_is_enforced_is_proven() -> None:
    assert faults(book(), installed(), recorded()) == []


def test_the_record_of_what_decides_is_current() -> None:
    """`make record` was run after the last change of a rule, a value or a scenario."""
    assert text(decided(played(), book())) == (FOLDER / DECIDED).read_text("utf-8")


def test_the_record_of_worked_examples_is_current() -> None:
    """Pages of terms tell what scenarios tell."""
    assert told(examples([HERE])) == (FOLDER / EXAMPLES).read_text("utf-8")


def test_every_number_of_the_terms_is_noticed_by_a_scenario() -> None:
    """One higher, it makes a scenario fail; the few that do not are listed, with the reason."""
    numbers = list(mutants([]))
    survivors = {mutant.name for mutant in numbers if not noticed(mutant)}
    assert survivors == set(SURVIVORS)
    assert len(survivors) <= len(numbers) * 0.05
