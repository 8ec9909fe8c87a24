"""Tables beside the live ones: made like them, filled, and put in their place by one transaction.

They lie in a schema of their own, so that tables, indexes and constraints have their names from the
start, and statements without a schema work on either: `SET_PATH` says on which. Indexes, triggers,
owner and grants are read from the live tables; they come once the tables are filled.
"""

from collections.abc import Sequence

import asyncpg

from adapters.processes import Part
from domain.errors import Guarded
from projections.projection import AnyProjection

SCHEMA = "villkor_rebuilt"
SET_PATH = f"set local search_path = {SCHEMA}"
"""Statements mean the tables beside from here on, and never the live ones, to the transaction's
end."""
RESET_PATH = "set local search_path to default"
BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
"""Somebody reads the live tables, for long or crosswise."""
LATE = (TimeoutError, asyncpg.QueryCanceledError)
"""What was begun took too long."""
LIKE = (
    "including defaults including constraints including generated including storage "
    "including compression including comments"
)
LIKE_THE_LIVE = """
    with live as (select * from pg_class where oid = $1::text::regclass)
    select format('alter table %I set (%s)', relname, array_to_string(reloptions, ', '))
    from live where reloptions is not null
    union all
    select format('alter table %I add constraint %I %s', relname, conname,
                  pg_get_constraintdef(c.oid, true))
    from live join pg_constraint c on c.conrelid = live.oid where contype in ('p', 'u', 'x', 'f')
    union all
    select pg_get_indexdef(indexrelid, 0, true)
    from live join pg_index i on i.indrelid = live.oid
    where not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    union all
    select pg_get_triggerdef(t.oid, true)
    from live join pg_trigger t on t.tgrelid = live.oid where not tgisinternal
    union all
    select format('alter table %I owner to %I', relname, pg_get_userbyid(relowner)) from live
    union all
    select format('grant %s on %I to %s%s', privilege_type, relname,
                  case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
                  case when is_grantable then ' with grant option' else '' end)
    from live, aclexplode(relacl)
    union all
    select format('alter table %I enable row level security', relname) from live
    where relrowsecurity
    union all
    select format('alter table %I force row level security', relname) from live
    where relforcerowsecurity
    union all
    select format('create policy %I on %I as %s for %s to %s using (%s)', polname, relname,
                  permissive, cmd,
                  (select string_agg(quote_ident(one), ', ') from unnest(roles) one), qual)
    from live join pg_policy p on p.polrelid = live.oid
    join pg_policies s on s.policyname = p.polname and s.tablename = live.relname
                       and s.schemaname = live.relnamespace::regnamespace::text
"""
"""The statements that give a table like a live one what else that one has. Names of what the
search path finds come without a schema, so that they mean the table beside where they are run."""
VIEWS = """
    select distinct v.oid::regclass::text from pg_depend d
    join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    join pg_class v on v.oid = r.ev_class
    where d.refclassid = 'pg_class'::regclass and d.refobjid = any($1::text[]::regclass[])
    order by 1
"""
ALONE = "select pg_try_advisory_lock(5901724)"
"""One rebuild at a time."""
IMPATIENT = "set local lock_timeout = '200ms'"
"""Who waits for a table in exclusive mode keeps others waiting behind it."""
BRIEFLY = (
    "set local statement_timeout = '{0}ms'; set local idle_in_transaction_session_timeout = '{0}ms'"
)
"""The server ends what takes longer, also where the program that asked for it stands still."""
HOLDERS = """
    select format('%s (pid %s)%s', coalesce(nullif(application_name, ''), 'unnamed'), pid,
                  to_char(xact_start at time zone 'UTC', '" since "YYYY-MM-DD HH24:MI:SS" UTC"'))
    from pg_stat_activity a where a.pid <> pg_backend_pid() and exists (
        select from pg_locks l where l.pid = a.pid and l.granted
            and l.database = (select oid from pg_database where datname = current_database())
            and (l.relation = any($1::text[]::regclass[])
                 or l.relation = 'partitions'::regclass and l.mode <> 'AccessShareLock'))
    order by xact_start, pid
"""
"""Who has the live tables, or rows of the log's positions, and since when as far as one may see."""
LOG = "select partition, position, head from partitions order by partition"
NEW_GENERATION = "update partitions set models = models + 1"
BUILT_BY = """
    insert into read_models (name, version) select * from unnest($1::text[], $2::int[])
    on conflict (name) do update set version = excluded.version, built_at = now()
"""
ROOM = "set local maintenance_work_mem = '128MB'"
"""To sort a table's keys for an index."""


async def create(connection: asyncpg.Connection, tables: Sequence[str]) -> None:
    """Empty tables beside the live ones; what a rebuild that was killed left is dropped.

    Raises Guarded where a view depends on a live table: it could not be replaced.
    """
    if views := await connection.fetch(VIEWS, list(tables)):
        named = ", ".join(row[0] for row in views)
        raise Guarded(
            f"{named} would hold on to the read models of now: drop such views, and create them "
            "again after the rebuild"
        )
    await clean(connection)
    async with connection.transaction():
        await connection.execute(f"create schema {SCHEMA}")
        for table in tables:
            await connection.execute(f"create table {SCHEMA}.{table} (like {table} {LIKE})")


async def clean(connection: asyncpg.Connection) -> None:
    """Drop whatever lies beside."""
    await connection.execute("set client_min_messages = warning")
    await connection.execute(f"drop schema if exists {SCHEMA} cascade")


async def complete(connection: asyncpg.Connection, table: str) -> None:
    """Give a table beside, once it is filled, all that the live one has but rows."""
    async with connection.transaction():
        await connection.execute(ROOM)
        statements = await connection.fetch(LIKE_THE_LIVE, table)
        home = await connection.fetchval("select quote_ident(current_schema())")
        await connection.execute(f"set local search_path = {SCHEMA}, {home}")
        for (statement,) in statements:
            await connection.execute(statement)
        await connection.execute(f"analyze {SCHEMA}.{table}")


async def log(connection: asyncpg.Connection) -> list[Part]:
    """The partitions of the log, as far as they go by now."""
    return [Part(*row) for row in await connection.fetch(LOG)]


async def swapping(connection: asyncpg.Connection, projections: Sequence[AnyProjection]) -> str:
    """The statements, sent at once, that put their tables in the place of the live ones.

    The old ones are gone at the transaction's end, and writers fold on the new ones.
    """
    home = await connection.fetchval("select quote_ident(current_schema())")
    swaps = (
        f"drop table {home}.{one.table}; alter table {SCHEMA}.{one.table} set schema {home};"
        for one in projections
    )
    return "".join(swaps) + NEW_GENERATION


async def hold(
    connection: asyncpg.Connection, projections: Sequence[AnyProjection], seconds: float
) -> list[Part]:
    """Let nobody write, nor read the live tables; the partitions of the log, as they then are.

    No statement of the transaction takes longer than `seconds` from here on. Raises one of BUSY
    where somebody has them for longer than others may be kept waiting, one of LATE where it is.
    """
    tables = ", ".join(one.table for one in projections)
    positions = await connection.prepare(f"{LOG} for update")
    limits = BRIEFLY.format(int(seconds * 1000))
    await connection.execute(f"{IMPATIENT}; {limits}; lock table {tables} in access exclusive mode")
    return [Part(*row) for row in await positions.fetch()]


async def holders(connection: asyncpg.Connection, projections: Sequence[AnyProjection]) -> str:
    """Who has what the swap needs, in a sentence."""
    rows = await connection.fetch(HOLDERS, [one.table for one in projections])
    return f"they are held by {', '.join(row[0] for row in rows) or 'somebody who is gone by now'}"


async def built(connection: asyncpg.Connection, projections: Sequence[AnyProjection]) -> None:
    """Remember that these read models are what their projections of today make of the log."""
    names, versions = [one.name for one in projections], [one.version for one in projections]
    await connection.execute(BUILT_BY, names, versions)
