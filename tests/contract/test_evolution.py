"""What a change of the contract means to those who rely on it, kind by kind; and no change to what
was published breaks them in passing."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import published
from adapters.contract.evolution import BREAKS, Change, Kind, Schema, Side, changes
from tests.command import answer, run

DATA: Schema = {
    "type": "object", "additionalProperties": False, "required": ["parcel"],
    "description": "A parcel.",
    "properties": {
        "parcel": {"type": "string", "minLength": 1, "maxLength": 200},
        "pieces": {"type": "integer", "minimum": 1, "maximum": 10},
        "cost": {"type": ["number", "string"], "minimum": 0, "pattern": "^[0-9]+$"},
        "reason": {"enum": ["refused", "nobody_home"]},
        "method": {"type": "string", "default": "standard"},
        "until": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Name"}, "maxItems": 500},
        "notes": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}  # fmt: skip
WHOLE: Schema = {
    "properties": {"type": {"enum": ["Shipped", "Unclaimed"]}},
    "$defs": {
        "Shipped": {
            "type": "object", "required": ["type", "data"],
            "properties": {"type": {"const": "Shipped"}, "data": {"$ref": "#/$defs/ShippedData"}},
            "propertyNames": {"pattern": "^[a-z0-9]+$"},
        },
        "Unclaimed": {"type": "object", "properties": {"type": {"const": "Unclaimed"}}},
        "ShippedData": DATA,
        "Name": {"type": "string", "minLength": 1},
    },
}  # fmt: skip
Edit = Callable[[Schema, Schema, Schema], object]
"""Changes a document: (its data's schema, the fields of that, the document)."""


def edited(edit: Edit) -> Schema:
    document = deepcopy(WHOLE)
    data = document["$defs"]["ShippedData"]
    edit(data, data["properties"], document)
    return document


def add_message(document: Schema) -> None:
    document["properties"]["type"]["enum"].append("Delivered")
    document["$defs"]["Delivered"] = {"type": "object"}


CASES: list[tuple[Kind, str, Edit]] = [
    (Kind.MESSAGE_ADDED, "Delivered", lambda data, of, all: add_message(all)),
    (Kind.MESSAGE_REMOVED, "Unclaimed", lambda data, of, all: all["properties"]["type"].update(
        enum=["Shipped"])),
    (Kind.OPTIONAL_FIELD_ADDED, "Shipped.data.new", lambda data, of, all: of.update(
        new={"type": "string"})),
    (Kind.REQUIRED_FIELD_ADDED, "Shipped.data.new", lambda data, of, all: (
        of.update(new={"type": "string"}), data["required"].append("new"))),
    (Kind.FIELD_REMOVED, "Shipped.data.pieces", lambda data, of, all: of.pop("pieces")),
    (Kind.FIELD_MADE_REQUIRED, "Shipped.data.pieces", lambda data, of, all: data.update(
        required=["parcel", "pieces"])),
    (Kind.FIELD_MADE_OPTIONAL, "Shipped.data.parcel", lambda data, of, all: data.pop("required")),
    (Kind.TYPE_WIDENED, "Shipped.data.pieces", lambda data, of, all: of["pieces"].update(
        type="number")),
    (Kind.TYPE_WIDENED, "Shipped.data.parcel", lambda data, of, all: of["parcel"].update(
        type=["string", "null"])),
    (Kind.TYPE_NARROWED, "Shipped.data.cost", lambda data, of, all: of["cost"].update(
        type="number")),
    (Kind.TYPE_NARROWED, "Shipped.data.cost", lambda data, of, all: of["cost"].update(
        type=["integer", "string"])),
    (Kind.TYPE_NARROWED, "Shipped.data.until", lambda data, of, all: of["until"]["anyOf"].pop()),
    (Kind.TYPE_CHANGED, "Shipped.data.parcel", lambda data, of, all: of.update(
        parcel={"type": "integer"})),
    (Kind.VALUE_ADDED, "Shipped.data.reason", lambda data, of, all: of["reason"]["enum"].append(
        "lost")),
    (Kind.VALUE_ADDED, "Shipped.data.reason", lambda data, of, all: of.update(
        reason={"type": "string"})),
    (Kind.VALUE_REMOVED, "Shipped.data.reason", lambda data, of, all: of["reason"]["enum"].pop()),
    (Kind.VALUE_REMOVED, "Shipped.data.method", lambda data, of, all: of["method"].update(
        enum=["standard"])),
    (Kind.CONSTANT_CHANGED, "Shipped.type", lambda data, of, all: all["$defs"]["Shipped"][
        "properties"].update(type={"const": "Sent"})),
    (Kind.BOUNDS_TIGHTENED, "Shipped.data.pieces", lambda data, of, all: of["pieces"].update(
        maximum=5)),
    (Kind.BOUNDS_TIGHTENED, "Shipped.data.lines[]", lambda data, of, all: all["$defs"][
        "Name"].update(maxLength=9)),
    (Kind.BOUNDS_LOOSENED, "Shipped.data.pieces", lambda data, of, all: of["pieces"].update(
        minimum=0)),
    (Kind.BOUNDS_LOOSENED, "Shipped.data.lines", lambda data, of, all: of["lines"].pop("maxItems")),
    (Kind.PATTERN_ADDED, "Shipped.data.parcel", lambda data, of, all: of["parcel"].update(
        pattern="^p")),
    (Kind.PATTERN_REMOVED, "Shipped.data.cost", lambda data, of, all: of["cost"].pop("pattern")),
    (Kind.PATTERN_CHANGED, "Shipped.data.until", lambda data, of, all: of["until"]["anyOf"][
        0].update(format="date-time")),
    (Kind.DEFAULT_CHANGED, "Shipped.data.method", lambda data, of, all: of["method"].update(
        default="express")),
    (Kind.CLOSED, "Shipped.data.notes", lambda data, of, all: of["notes"].update(
        additionalProperties=False)),
    (Kind.OPENED, "Shipped.data", lambda data, of, all: data.pop("additionalProperties")),
    (Kind.DESCRIPTION_CHANGED, "Shipped.data", lambda data, of, all: data.update(
        description="Another word.")),
    (Kind.RULE_CHANGED, "Shipped", lambda data, of, all: all["$defs"]["Shipped"].update(
        propertyNames={"pattern": "^[a-z]+$"})),
    (Kind.RULE_CHANGED, "Shipped.data", lambda data, of, all: data.update(
        dependentRequired={"cost": ["pieces"]})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "where", "edit"), CASES,
    ids=[f"{number}-{kind}" for number, (kind, _, _) in enumerate(CASES)],
)  # fmt: skip
def test_a_change_is_called_by_its_name_and_found_where_it_is(
    kind: Kind, where: str, edit: Edit
) -> None:
    """One change is one change, of this kind and no other."""
    found = changes(WHOLE, edited(edit))
    assert [(one.kind, one.where) for one in found] == [(kind, where)]


SEEN: dict[Kind, tuple[bool, bool]] = {
    Kind.MESSAGE_ADDED: (False, False), Kind.MESSAGE_REMOVED: (True, True),
    Kind.OPTIONAL_FIELD_ADDED: (False, False), Kind.REQUIRED_FIELD_ADDED: (True, False),
    Kind.FIELD_REMOVED: (True, True), Kind.FIELD_MADE_REQUIRED: (True, False),
    Kind.FIELD_MADE_OPTIONAL: (False, True), Kind.TYPE_WIDENED: (False, True),
    Kind.TYPE_NARROWED: (True, False), Kind.TYPE_CHANGED: (True, True),
    Kind.VALUE_ADDED: (False, True), Kind.VALUE_REMOVED: (True, False),
    Kind.CONSTANT_CHANGED: (True, True), Kind.BOUNDS_TIGHTENED: (True, False),
    Kind.BOUNDS_LOOSENED: (False, True), Kind.PATTERN_ADDED: (True, False),
    Kind.PATTERN_REMOVED: (False, True), Kind.PATTERN_CHANGED: (True, True),
    Kind.DEFAULT_CHANGED: (True, True), Kind.CLOSED: (True, False), Kind.OPENED: (False, False),
    Kind.DESCRIPTION_CHANGED: (False, False), Kind.RULE_CHANGED: (True, True),
}  # fmt: skip
"""Kind -> does it break producers of facts, does it break consumers of outcomes."""


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_of_change_breaks_those_that_it_breaks(kind: Kind) -> None:
    """A fact may only come to be taken more widely, an outcome only be said more narrowly."""
    change = Change(kind, "Shipped.data")
    assert (change.breaks("producers"), change.breaks("consumers")) == SEEN[kind]
    assert kind in {one for one, _, _ in CASES}
    assert kind in BREAKS


OPPOSITE = {
    Kind.FIELD_MADE_REQUIRED: Kind.FIELD_MADE_OPTIONAL, Kind.TYPE_WIDENED: Kind.TYPE_NARROWED,
    Kind.VALUE_ADDED: Kind.VALUE_REMOVED, Kind.BOUNDS_TIGHTENED: Kind.BOUNDS_LOOSENED,
    Kind.PATTERN_ADDED: Kind.PATTERN_REMOVED, Kind.MESSAGE_ADDED: Kind.MESSAGE_REMOVED,
    Kind.OPTIONAL_FIELD_ADDED: Kind.FIELD_REMOVED, Kind.REQUIRED_FIELD_ADDED: Kind.FIELD_REMOVED,
    Kind.CLOSED: Kind.OPENED,
}  # fmt: skip
BOTH_WAYS = OPPOSITE | {
    back: there for there, back in OPPOSITE.items() if back is not Kind.FIELD_REMOVED
}


@pytest.mark.parametrize(
    ("kind", "where", "edit"), CASES,
    ids=[f"{number}-{kind}" for number, (kind, _, _) in enumerate(CASES)],
)  # fmt: skip
def test_a_change_taken_back_is_its_opposite(kind: Kind, where: str, edit: Edit) -> None:
    [back] = changes(edited(edit), WHOLE)
    if kind is Kind.FIELD_REMOVED:
        assert back.kind is Kind.OPTIONAL_FIELD_ADDED
    else:
        assert (back.kind, back.where) == (BOTH_WAYS.get(kind, kind), where)


def test_what_stayed_is_no_change() -> None:
    assert changes(WHOLE, deepcopy(WHOLE)) == []
    for schema in published.schemas().values():
        assert changes(schema, schema) == []


def test_a_definition_that_moved_is_no_change() -> None:
    """Only what messages may be counts, not under which name it is written."""
    document = deepcopy(WHOLE)
    document["$defs"]["ShippedData"]["properties"]["lines"]["items"] = document["$defs"].pop("Name")
    assert changes(WHOLE, document) == []


def test_an_integer_that_becomes_text_is_another_type_not_a_wider_one() -> None:
    found = changes(WHOLE, edited(lambda data, of, all: of.update(pieces={"type": "string"})))
    assert [one.kind for one in found] == [Kind.TYPE_CHANGED]


# -- what was published -----------------------------------------------------------------------


def test_nothing_that_was_published_is_broken() -> None:
    """Add beside what is there; `villkor schemas check` lists every change."""
    found = published.verdicts(published.PUBLISHED)
    assert [str(one.change) for one in found if one.breaking] == []


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The schemas of this version, to be changed into those of an older one."""
    for name, schema in published.schemas().items():
        (tmp_path / name).write_text(json.dumps(schema), "utf-8")
    return tmp_path


def rewrite(folder: Path, name: str, edit: Callable[[Schema], object]) -> None:
    file = folder / f"{name}.schema.json"
    schema = json.loads(file.read_text("utf-8"))
    edit(schema["$defs"])
    file.write_text(json.dumps(schema), "utf-8")


@pytest.mark.parametrize(
    ("name", "edit", "side", "kind"),
    [
        ("facts", lambda of: of["ShippedData"]["properties"].update(weight={"type": "number"}),
         "producers", "field removed"),
        ("outcomes", lambda of: of["FeeData"]["properties"].update(fee={"type": "number"}),
         "consumers", "field removed"),
    ],
    ids=["facts", "outcomes"],
)  # fmt: skip
def test_a_breaking_change_is_a_difference_and_is_not_published(
    name: str, edit: Callable[[Schema], object], side: Side, kind: str, other: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    rewrite(other, name, edit)
    code, out, _ = run(capsys, "schemas", "check", "--against", str(other))
    assert code == 3
    assert f"breaks {side}" in out
    monkeypatch.setattr(published, "PUBLISHED", other)
    before = (other / f"{name}.schema.json").read_bytes()
    code, _, err = run(capsys, "schemas", "publish")
    assert (code, kind in err) == (4, True)
    assert (other / f"{name}.schema.json").read_bytes() == before


def test_a_compatible_change_is_told_and_can_be_published(
    other: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(other, "facts", lambda of: of["ShippedData"]["properties"].pop("cost"))
    told: dict[str, Any] = answer(capsys, "schemas", "check", "--against", str(other))
    assert (told["breaking"], told["compatible"]) == (0, 1)
    [change] = told["changes"]
    assert change == {
        "kind": "optional field added", "where": "Shipped.data.cost", "was": "", "now": "",
        "breaks": None,
    }  # fmt: skip
    monkeypatch.setattr(published, "PUBLISHED", other)
    assert answer(capsys, "schemas", "publish") == {"published": str(other)}
    assert published.verdicts(other) == []


def test_a_folder_without_schemas_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "schemas", "check", "--against", str(tmp_path))
    assert (code, "name a folder with" in err) == (1, True)


def test_documents_are_written_in_a_clone_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "SCHEMAS", tmp_path / "schemas")
    for command in ("write", "publish"):
        code, _, err = run(capsys, "schemas", command)
        assert (code, "use a clone" in err) == (1, True)
