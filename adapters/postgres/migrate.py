"""The schema: SQL files in order, forward only, applied by the program itself and checked at start."""

from hashlib import sha256
from importlib.resources import files

import asyncpg

from domain.errors import VillkorError

LOCK = 5_901_723
"""The advisory lock under which one program at a time migrates."""
VERSIONS = """
    create table if not exists schema_version (
        version int primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now()
    )
"""


def scripts() -> list[tuple[int, str, str]]:
    """(version, name, SQL) of every file, in order."""
    found = [
        (int(one.name.split("_", 1)[0]), one.name, one.read_text("utf-8"))
        for one in files("adapters.postgres").joinpath("schema").iterdir()
        if one.name.endswith(".sql")
    ]
    return sorted(found)


async def migrate(dsn: str) -> None:
    """Bring a database up to this program's schema. Raises VillkorError where it is a newer one."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        await connection.execute(VERSIONS)
        rows = await connection.fetch("select version, name, checksum from schema_version")
        applied = {row["version"]: row for row in rows}
        ours = scripts()
        if newer := set(applied) - {version for version, *_ in ours}:
            raise VillkorError(
                f"the database has schema {max(newer)}, this program knows {ours[-1][0]}; "
                "run a newer villkor"
            )
        for version, name, sql in ours:
            checksum = sha256(sql.encode()).hexdigest()
            if version not in applied:
                await _apply(connection, version, name, sql, checksum)
            elif applied[version]["checksum"] != checksum:
                raise VillkorError(f"{name} was changed after it had been applied; restore it")
    finally:
        await connection.close()


async def _apply(
    connection: asyncpg.Connection, version: int, name: str, sql: str, checksum: str
) -> None:
    async with connection.transaction():
        await connection.execute(sql)
        await connection.execute(
            "insert into schema_version (version, name, checksum) values ($1, $2, $3)",
            version, name, checksum,
        )  # fmt: skip
