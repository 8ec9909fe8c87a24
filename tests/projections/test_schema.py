"""The tables of the schema are those of the projections, column by column."""

import re
from pathlib import Path

import pytest

from projections import PROJECTIONS
from projections.projection import AnyProjection

SQL = Path("adapters/postgres/schema/002_read_models.sql")
TABLE = re.compile(r"create table (\w+) \(\n(.*?)\n\);", re.DOTALL)
COLUMN = re.compile(r"^    (\w+) +([a-z]+(?:\[\])?)", re.MULTILINE)
KEY = re.compile(r"primary key \(([^)]*)\)")


def tables() -> dict[str, str]:
    root = Path(__file__).parents[2]
    return dict(TABLE.findall((root / SQL).read_text("utf-8")))


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.table)
def test_a_table_has_the_columns_of_its_projection(projection: AnyProjection):
    """Names, types and order agree: rows are copied as they come."""
    body = tables()[projection.table]
    columns = [found for found in COLUMN.findall(body) if found[0] != "primary"]
    assert columns == [(column.name, column.sql_type) for column in projection.columns]
    assert columns[:2] == [("seller", "text"), ("order_id", "text")]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.table)
def test_a_table_has_the_key_of_its_projection(projection: AnyProjection):
    found = KEY.search(tables()[projection.table])
    assert found is not None
    assert tuple(found.group(1).split(", ")) == projection.key


def test_no_table_is_without_a_projection():
    assert set(tables()) == {projection.table for projection in PROJECTIONS}
