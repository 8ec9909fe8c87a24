"""The tables of the database are those of the projections, column by column."""

import re
from pathlib import Path

import asyncpg
import pytest

from adapters.postgres.store import Store
from projections import PROJECTIONS
from projections.projection import AnyProjection

SQL = Path(__file__).parents[2] / "adapters/postgres/schema/002_read_models.sql"
COLUMNS = """
    select attname, format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum
"""
KEY = """
    select attname from pg_index, unnest(indkey) with ordinality as key(attnum, place)
    join pg_attribute using (attnum)
    where indrelid = $1::text::regclass and attrelid = indrelid and indisprimary order by place
"""
SHORT = {"timestamp with time zone": "timestamptz"}


async def rows(pool: asyncpg.Pool, query: str, table: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in await pool.fetch(query, table)]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.table)
async def test_a_table_has_the_columns_of_its_projection(store: Store, projection: AnyProjection):
    """Names, types and order agree: rows are copied as they come."""
    found = await rows(store.pool, COLUMNS, projection.table)
    columns = [(name, SHORT.get(kind, kind)) for name, kind in found]
    assert columns == [(column.name, column.sql_type) for column in projection.columns]
    assert columns[:2] == [("seller", "text"), ("order_id", "text")]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.table)
async def test_a_table_has_the_key_of_its_projection(store: Store, projection: AnyProjection):
    found = await rows(store.pool, KEY, projection.table)
    assert tuple(name for (name,) in found) == projection.key


def test_no_read_model_is_without_a_projection():
    found = re.findall(r"^create table (\w+) \(", SQL.read_text("utf-8"), re.MULTILINE)
    assert set(found) == {projection.table for projection in PROJECTIONS}
