"""The schemas that editors use are those of this version, and accept every file that is there."""

import re
import tomllib
from datetime import date
from json import dumps, loads
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from adapters.scenarios.check import _split
from adapters.schemas import scenario_schema, terms_schema
from adapters.terms import TERMS, book

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "schemas"
SELLERS = [Path(str(TERMS / f"{name}.toml")) for name in sorted(book().sellers)]
TEMPLATE = ROOT / "deploy" / "terms" / "template.toml"
SCENARIOS = sorted((ROOT / "tests" / "scenarios").rglob("*.yaml"))


class Core(yaml.SafeLoader):
    """YAML as editors read it: a day is text."""


Core.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith(("timestamp", "bool"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), "tf")


@pytest.mark.parametrize("name", ["terms", "scenario"])
def test_the_schema_is_the_one_that_is_generated(name: str) -> None:
    """`villkor terms schema terms > deploy/schemas/terms.schema.json`, and the other likewise."""
    made = terms_schema(book()) if name == "terms" else scenario_schema()
    text = (FOLDER / f"{name}.schema.json").read_text("utf-8")
    assert text == dumps(made, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("file", [*SELLERS, TEMPLATE], ids=lambda file: file.stem)
def test_a_terms_file_is_valid_and_names_its_schema(file: Path) -> None:
    text = file.read_text("utf-8")
    schema = file.parent / text.splitlines()[0].removeprefix("#:schema ")
    assert schema.resolve() == FOLDER / "terms.schema.json"
    validator = Draft202012Validator(loads(schema.read_text("utf-8")))
    document = loads(dumps(tomllib.loads(text), default=date.isoformat))
    assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_scenario_file_is_valid_and_names_its_schema(file: Path) -> None:
    text = file.read_text("utf-8")
    prefix = "# yaml-language-server: $schema="
    schema = file.parent / text.splitlines()[0].removeprefix(prefix)
    assert schema.resolve() == FOLDER / "scenario.schema.json"
    validator = Draft202012Validator(loads(schema.read_text("utf-8")))
    faults = [
        f"{document.get('id')}: {error.json_path}: {error.message}"
        for part in _split(text)
        if (document := yaml.load(part, Core)) is not None
        for error in validator.iter_errors(document)
    ]
    assert faults == []


def test_what_is_misspelt_is_found() -> None:
    validator = Draft202012Validator(scenario_schema())
    scenario: dict[str, Any] = {"id": "x", "facts": [{"type": "Shipped", "at": "2024-01-01"}]}
    assert list(validator.iter_errors(scenario | {"expects": {}}))
    scenario["facts"][0]["parsel"] = "p1"
    assert list(validator.iter_errors(scenario))
