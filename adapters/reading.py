"""Reading for others: a pool that connects as a role that owns nothing, one transaction a question.

Each transaction says whose rows there are (`villkor.sellers`, which row-level security reads);
whoever forgets to say so sees none. Everything that asks a `Store` or its pool can ask the store
of such a transaction.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, cast

import asyncpg

from adapters.access import Who, digest
from adapters.postgres.connect import GONE, pool, within
from adapters.postgres.sql import HOLD_MODELS
from adapters.postgres.store import Store
from adapters.settings import Settings
from domain.errors import VillkorError

ROLE = "villkor_reader"
SELLERS = "select set_config('villkor.sellers', $1::text[]::text, true)"
TOKEN = "select id, role, sellers from whose_token($1)"
SESSION = "select id, role, sellers from whose_session($1, $2)"
AS_WHOM = """
    select current_user as name, rolsuper or rolbypassrls as sees_all,
           coalesce(has_table_privilege(to_regclass('orders'), 'select'), false) as reads,
           array(
               select c.relname from pg_class c
               where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
                 and (pg_has_role(c.relowner, 'member')
                      or has_table_privilege(c.oid, 'insert, update, delete, truncate'))
               order by 1 limit 3
           ) as theirs
    from pg_roles where rolname = current_user
"""
PATIENCE, LONGEST = 5.0, 25.0
"""Seconds until a database that does not answer counts as away: before anything was asked, and
within a question, which one that is only slow ends itself before."""
SETTINGS = {
    "statement_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",
    "default_transaction_read_only": "on",
    "plan_cache_mode": "force_custom_plan",  # what is not asked for costs nothing
}


def reader_url(settings: Settings, dsn: str) -> str | None:
    """As whom to ask: what is set, or the embedded database's own role; None where neither is."""
    if settings.reader is not None:
        return settings.reader
    return dsn.replace("://postgres@", f"://{ROLE}@", 1) if settings.database is None else None


class Reader:
    """The read models as those who ask see them."""

    def __init__(self, pool: asyncpg.Pool, dsn: str, patience: float = PATIENCE) -> None:
        self.pool, self.dsn, self.patience = pool, dsn, patience

    @classmethod
    async def open(cls, dsn: str) -> "Reader":
        """Connect as `villkor_reader`. Raises VillkorError, also where it could see too much."""
        one = cls(await pool(dsn, SETTINGS, named="VILLKOR_READER"), dsn)
        try:
            if fault := _fault(await one.pool.fetchrow(AS_WHOM)):
                raise VillkorError(fault)
        except BaseException:
            await one.close()
            raise
        return one

    async def close(self) -> None:
        """Let go of all connections, also of those that do not answer."""
        with suppress(TimeoutError):
            await within(PATIENCE, self.pool.close())
        self.pool.terminate()

    @asynccontextmanager
    async def asking(self, who: Who) -> AsyncIterator[Store]:
        """A store in one snapshot, with the rows that are there for somebody.

        Raises TimeoutError where the database does not answer.
        """
        async with self._connection() as connection:
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await within(self.patience, _begun(transaction, connection, who))
            try:
                yield Store(cast(asyncpg.Pool, _Bound(connection)), self.dsn)
            finally:
                await within(self.patience, transaction.rollback())

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for a while; one that does not answer is cut off and not waited for."""
        connection = await self.pool.acquire(timeout=self.patience)
        try:
            yield connection
        except GONE:
            connection.terminate()
            raise
        finally:
            await self.pool.release(connection, timeout=self.patience)

    async def _row(self, query: str, *values: Any) -> Any:
        async with self._connection() as connection:
            return await within(self.patience, connection.fetchrow(query, *values))

    async def whose_token(self, secret: str) -> Who | None:
        """Whose token this is; nobody's where it is unknown or revoked."""
        return _who(await self._row(TOKEN, digest(secret)))

    async def whose_session(self, secret: str, now: datetime) -> Who | None:
        """Who is signed in by this cookie; nobody where it has ended."""
        return _who(await self._row(SESSION, digest(secret), now))


class _Bound:
    """One connection in its transaction, as those see it who ask a pool."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def fetch(self, query: str, *values: Any) -> Any:
        return await within(LONGEST, self.connection.fetch(query, *values))

    async def fetchrow(self, query: str, *values: Any) -> Any:
        return await within(LONGEST, self.connection.fetchrow(query, *values))

    async def fetchval(self, query: str, *values: Any) -> Any:
        return await within(LONGEST, self.connection.fetchval(query, *values))

    async def execute(self, query: str, *values: Any) -> Any:
        return await within(LONGEST, self.connection.execute(query, *values))

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection]:
        yield self.connection


async def _begun(transaction: Any, connection: asyncpg.Connection, who: Who) -> None:
    """Those that are begun within it are asyncpg's savepoints."""
    await transaction.start()
    await connection.execute(HOLD_MODELS)  # before the snapshot is taken
    await connection.execute(SELLERS, list(who.sellers))


def _fault(role: Any) -> str | None:
    """Why nobody should ask as this role, and what to do."""
    name = f"VILLKOR_READER: {role['name']!r}"
    if role["sees_all"]:
        return f"{name} is a role to which row-level security does not apply; name {ROLE}"
    if role["theirs"]:
        what = ", ".join(role["theirs"])
        return f"{name} owns {what}, or may write there; name {ROLE}, which owns nothing"
    if not role["reads"]:
        return f"{name} may not read this database; name {ROLE}, which its owner lets read"
    return None


def _who(row: Any) -> Who | None:
    return None if row is None else Who.of(*row)
