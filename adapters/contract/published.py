"""The documents of the contract on disk: as generated, and as they were last published.

A published schema is what other programs were written against. It is replaced only by one that
breaks none of them (`adapters/contract/evolution.py`).
"""

from json import dumps, loads
from pathlib import Path
from typing import NamedTuple

import yaml

import adapters
from adapters.contract.evolution import Change, Schema, Side, changes
from adapters.contract.payloads import facts_schema, outcomes_schema
from domain.errors import VillkorError

DEPLOY = Path(adapters.__file__).parents[1] / "deploy"
SCHEMAS = DEPLOY / "schemas"
PUBLISHED = SCHEMAS / "published"
NAMES: dict[str, Side] = {
    "facts.schema.json": "producers", "outcomes.schema.json": "consumers",
}  # fmt: skip
"""Each document of schemas, and who relies on it."""


class Verdict(NamedTuple):
    """A change, and whether it breaks those who rely on its document."""

    change: Change
    side: Side

    @property
    def breaking(self) -> bool:
        return self.change.breaks(self.side)


def schemas() -> dict[str, Schema]:
    """The schemas of this version, by the name of their file."""
    return {"facts.schema.json": facts_schema(), "outcomes.schema.json": outcomes_schema()}


def documents() -> dict[Path, str]:
    """Every generated document of the contract: its file, and what stands in it."""
    from adapters.contract.asyncapi import asyncapi  # aiokafka takes its time to be imported
    from adapters.http.api import api  # so does FastAPI

    found = {SCHEMAS / name: _json(schema) for name, schema in schemas().items()}
    found[DEPLOY / "openapi.json"] = _json(api(None).openapi())
    described = yaml.dump(asyncapi(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
    return {**found, DEPLOY / "asyncapi.yaml": f"# Generated: villkor schemas write\n{described}"}


class _Plain(yaml.SafeDumper):
    """YAML without anchors: what stands in two places is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def verdicts(against: Path) -> list[Verdict]:
    """What changed since the schemas in a folder. Raises VillkorError where there are none."""
    found = []
    for name, schema in schemas().items():
        try:
            before = loads((against / name).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise VillkorError(
                f"{against / name} cannot be read ({type(error).__name__}); name a folder with "
                f"{' and '.join(NAMES)}"
            ) from error
        found += [Verdict(change, NAMES[name]) for change in changes(before, schema)]
    return found


def write() -> list[Path]:
    """Write every document anew; the files. Raises VillkorError outside a clone."""
    _in_a_clone()
    written = documents()
    for file, text in written.items():
        file.write_text(text, "utf-8")
    return list(written)


def _in_a_clone() -> None:
    if not SCHEMAS.is_dir():
        raise VillkorError(f"{SCHEMAS} is not there: an installed Villkor has none; use a clone")


def publish() -> None:
    """Replace what was published. Raises VillkorError outside a clone."""
    _in_a_clone()
    PUBLISHED.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (PUBLISHED / name).write_text(_json(schema), "utf-8")


def _json(schema: Schema) -> str:
    return dumps(schema, indent=1, ensure_ascii=False) + "\n"
