"""The schema: SQL files in order, forward only, applied by the program and checked at start."""

from hashlib import sha256
from importlib.resources import files

from adapters.postgres.beside import built
from adapters.postgres.connect import connected
from domain.errors import VillkorError
from projections import PROJECTIONS

LOCK = 5_901_723
"""The advisory lock under which one program at a time migrates."""
VERSIONS = """
    create table if not exists schema_version (
        version int primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now()
    )
"""
APPLIED = "insert into schema_version (version, name, checksum) values ($1, $2, $3)"


def scripts() -> list[tuple[int, str, str]]:
    """(version, name, SQL) of every file, in order."""
    found = [
        (int(one.name.split("_", 1)[0]), one.name, one.read_text("utf-8"))
        for one in files("adapters.postgres").joinpath("schema").iterdir()
        if one.name.endswith(".sql")
    ]
    return sorted(found)


async def migrate(dsn: str) -> None:
    """Bring a database up to this program's schema, each file in a transaction of its own.

    Raises VillkorError where the database is a newer program's, or an applied file was changed.
    """
    connection = await connected(dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        await connection.execute(VERSIONS)
        rows = await connection.fetch("select version, checksum from schema_version")
        for version, name, sql, checksum in _missing({row[0]: row[1] for row in rows}):
            async with connection.transaction():
                await connection.execute(sql)
                await connection.execute(APPLIED, version, name, checksum)
        if not rows:
            await built(connection, PROJECTIONS)
    finally:
        await connection.close()


def _missing(applied: dict[int, str]) -> list[tuple[int, str, str, str]]:
    """The files to apply to a database that has these versions and checksums."""
    ours = scripts()
    newest = max(applied, default=0)
    if set(applied) - {version for version, *_ in ours}:
        raise VillkorError(
            f"the database has schema {newest}, this program knows {ours[-1][0]}; "
            "run a newer villkor"
        )
    missing = []
    for version, name, sql in ours:
        checksum = sha256(sql.encode()).hexdigest()
        if version not in applied:
            if version < newest:
                raise VillkorError(f"{name} came after {newest} was applied; number it anew")
            missing.append((version, name, sql, checksum))
        elif applied[version] != checksum:
            raise VillkorError(f"{name} was changed after it had been applied; restore it")
    return missing
