"""Tokens verified: each row is what the acts about it, in the log or on their way, made of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from adapters.messages import ACT, Message, understand
from adapters.verify.differences import Difference, Values, differing
from domain.acts import TokenCreated, TokenRevoked
from domain.state import Told

TOKENS = "select id, digest, role, sellers, created_at, revoked_at from tokens order by id"
ON_THE_WAY = "select value from inbox where place = $1 order by id"
Rows = dict[str, Values]


def take(rows: Rows, told: Told[Any]) -> None:
    """Apply an act about a token, if it is one."""
    fact = told.fact
    if isinstance(fact, TokenCreated):
        made = {
            "digest": fact.digest, "role": fact.role, "sellers": list(fact.sellers),
            "created_at": told.at, "revoked_at": None,
        }  # fmt: skip
        rows.setdefault(fact.token, made)
    elif isinstance(fact, TokenRevoked) and fact.token in rows:
        row = rows[fact.token]
        rows[fact.token] = {**row, "revoked_at": row["revoked_at"] or told.at}


async def differences(
    connection: asyncpg.Connection, recorded: Mapping[str, Values]
) -> list[Difference]:
    """Tokens that are others than what `recorded` and the acts on their way say."""
    should = dict(recorded)
    for (value,) in await connection.fetch(ON_THE_WAY, ACT):
        take(should, understand(Message(value, ACT)).told)
    there = {row["id"]: _shown(row) for row in await connection.fetch(TOKENS)}
    return [
        differing("tokens", (name,), should.get(name), there.get(name))
        for name in _names(should, there)
        if should.get(name) != there.get(name)
    ]


def _names(*tables: Iterable[str]) -> list[str]:
    return sorted({name for table in tables for name in table})


def _shown(row: asyncpg.Record) -> Values:
    return {
        "digest": row["digest"].hex(), "role": row["role"], "sellers": row["sellers"],
        "created_at": row["created_at"], "revoked_at": row["revoked_at"],
    }  # fmt: skip
