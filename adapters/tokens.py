"""Tokens of those who ask over HTTP: made, listed and revoked, each an act of a person in the log.

Row and act are written in one transaction, so that `verify` can compare them. Who did it and why
lie beside the log; the secret is kept nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from adapters import acts
from adapters.access import ALL, Role, digest, new_secret
from adapters.messages import ACT_SOURCE
from adapters.partitions import PARTITIONS, partition_of, register_of, registers
from adapters.postgres.store import Store
from domain.acts import TokenCreated, TokenRevoked
from domain.errors import Guarded, Missing
from domain.fields import Value
from domain.stream import Said

PUT = """
    insert into tokens (id, digest, role, sellers, created_at) values ($1, $2, $3, $4, $5)
    on conflict (id) do nothing returning id
"""
REVOKE = "update tokens set revoked_at = $2 where id = $1 and revoked_at is null returning id"
END_SESSIONS = "delete from sessions where token = $1"
LISTED = """
    select t.id as name, t.role, t.sellers, t.created_at, t.revoked_at,
           b.value #>> '{}' as by, r.value #>> '{}' as reason
    from tokens t
    left join events e on (e.seller, e.source, e.id) = ('villkor', $1, 'token ' || t.id)
                      and e.order_id = any($2::text[])
    left join personal b on (b.seller, b.order_id, b.version, b.field)
                          = (e.seller, e.order_id, e.version, 'by')
    left join personal r on (r.seller, r.order_id, r.version, r.field)
                          = (e.seller, e.order_id, e.version, 'reason')
    order by t.revoked_at is not null, t.id
"""


@dataclass(slots=True, frozen=True)
class Signed:
    """Who makes or revokes a token, and why."""

    by: str
    reason: str


@dataclass(slots=True, frozen=True)
class Made:
    """A token as it is told once: its secret, and the rows of the inbox that hold the act."""

    secret: str
    inbox: list[int]


async def create(
    store: Store, name: str, role: Role, sellers: Iterable[str], signed: Signed, now: datetime
) -> Made:
    """Make a token; no seller means all.

    Raises Guarded where the name was ever used, Refused where no log could take it.
    """
    secret, whose = new_secret(), tuple(dict.fromkeys(sellers))
    if ALL in whose:
        raise Guarded(f"{ALL!r} is no seller; a token of no seller sees all")
    kept = digest(secret)
    fact = TokenCreated(
        token=name, digest=kept.hex(), role=role, sellers=whose, by=signed.by, reason=signed.reason
    )
    async with store.writing() as connection:
        rows = await acts.tell(connection, [_act(name, fact, f"token {name}", now)])
        if await connection.fetchval(PUT, name, kept, role, list(whose), now) is None:
            raise Guarded(
                f"there is a token {name!r}, or was; take another name, so that the log says whose "
                "each act was"
            )
    return Made(secret, rows)


async def revoke(store: Store, name: str, signed: Signed, now: datetime) -> list[int]:
    """From now on nobody asks with this token, and its sessions end; the rows of the inbox.

    Raises Missing where there is none, Guarded where it was revoked before.
    """
    async with store.writing() as connection:
        if await connection.fetchval(REVOKE, name, now) is None:
            await _explain(connection, name)
        await connection.execute(END_SESSIONS, name)
        fact = TokenRevoked(token=name, by=signed.by, reason=signed.reason)
        return await acts.tell(connection, [_act(name, fact, f"token {name} revoked", now)])


async def listed(pool: asyncpg.Pool) -> list[dict[str, Any]]:
    """Every token with who made it and why, those that were revoked last."""
    subjects = registers(range(PARTITIONS))
    return [dict(row) for row in await pool.fetch(LISTED, ACT_SOURCE, subjects)]


async def _explain(connection: asyncpg.Connection, name: str) -> None:
    revoked = await connection.fetchval("select revoked_at from tokens where id = $1", name)
    if revoked is None:
        raise Missing(f"there is no token {name!r}; `villkor tokens list`")
    raise Guarded(f"the token {name!r} was revoked {revoked:%Y-%m-%d %H:%M} UTC")


def _act(name: str, fact: Value, id: str, now: datetime) -> Said:
    return acts.act(register_of(partition_of(name)), fact, id, now)
