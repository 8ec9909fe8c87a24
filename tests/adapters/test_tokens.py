"""`villkor tokens`: who may ask over HTTP; making and revoking are acts in the log."""

from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest

from adapters.access import PREFIX, Role, digest
from adapters.app import App
from adapters.inbox import drain
from adapters.partitions import partition_of, register_of
from adapters.postgres.store import Store
from adapters.tokens import Signed, create, listed, revoke
from adapters.verify import verify
from domain.errors import Guarded, Missing, Refused
from tests.command import answer, run
from tests.facts import START

WHY = ("--by", "Ada Ek", "--reason", "the evening shift")
ADA = Signed("Ada Ek", "the evening shift")


@pytest.fixture
def installed(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation that the command works on."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    return database


def test_a_token_is_shown_once_and_only_its_digest_is_kept(
    installed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The secret goes to stdout alone; what is said about it goes to stderr."""
    code, out, err = run(
        capsys, "tokens", "create", "anna", "--role", "agent", "--seller", "sweeto",
        "--seller", "allectra", *WHY,
    )  # fmt: skip
    secret = out.strip()
    assert (code, secret.startswith(PREFIX)) == (0, True)
    assert secret not in err
    assert "anna is agent for sweeto, allectra" in err
    assert secret not in str(answer(capsys, "tokens", "list"))
    assert not answer(capsys, "verify")["differences"]


def test_the_list_says_who_made_each_and_what_became_of_it(
    installed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = answer(capsys, "tokens", "create", "books", "--role", "accountant", *WHY)
    assert set(made) == {"name", "role", "sellers", "token"}
    run(capsys, "tokens", "create", "shop", "--role", "agent", "--seller", "sweeto", *WHY)
    assert answer(capsys, "tokens", "revoke", "books", *WHY) == {"name": "books", "revoked": True}
    shop, books = answer(capsys, "tokens", "list")["tokens"]
    assert (shop["name"], shop["role"], shop["sellers"]) == ("shop", "agent", ["sweeto"])
    assert (shop["by"], shop["reason"], shop["revoked_at"]) == (*WHY[1::2], None)
    assert (books["name"], books["sellers"]) == ("books", [])
    assert datetime.fromisoformat(books["revoked_at"]).tzinfo is not None
    shown = run(capsys, "tokens", "list")[1]
    assert "all" in shown
    assert made["token"] not in shown
    done = answer(capsys, "acts", "--seller", "sweeto")["acts"]
    assert [one["what"] for one in done] == ["made the token shop: agent, for sweeto"]
    revoked = answer(capsys, "acts", "--kind", "TokenRevoked", "--by", WHY[1].upper())["acts"]
    assert [(one["what"], one["by"], one["reason"]) for one in revoked] == [
        ("revoked the token books", *WHY[1::2])
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", "a", "--role", "king", *WHY), 2, "king"),
        (("create", "a", "--role", "agent", "--by", "Ada"), 2, "--reason"),
        (("create", "a", "--role", "agent", "--by", " ", "--reason", "x"), 1, "by: is missing"),
        (("create", "", "--role", "agent", *WHY), 1, "token"),
        (("create", "a", "--role", "agent", "--seller", "sweto", *WHY), 1, "nobody is called"),
        (("revoke", "nobody", *WHY), 1, "there is no token 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_done(
    installed: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int,
    said: str,
) -> None:  # fmt: skip
    done, out, err = run(capsys, "tokens", *arguments)
    assert (done, out) == (code, "")
    assert said in err
    assert answer(capsys, "tokens", "list") == {"tokens": []}


async def test_making_and_revoking_are_acts_in_the_register_of_the_tokens_name(app: App) -> None:
    """Who did it and why lie beside them."""
    made = await create(app.store, "anna", Role.AGENT, ["sweeto"], ADA, START)
    await revoke(app.store, "anna", Signed("Bo", "she left"), START)
    await drain(app)
    rows = await app.store.pool.fetch("select * from events order by version")
    assert {f"{row['seller']}/{row['order_id']}" for row in rows} == {
        register_of(partition_of("anna"))
    }
    assert [row["type"] for row in rows] == ["TokenCreated", "TokenRevoked"]
    assert msgspec.json.decode(rows[0]["body"]) == {
        "token": "anna", "digest": digest(made.secret).hex(), "role": "agent",
        "sellers": ["sweeto"],
    }  # fmt: skip
    beside = await app.store.pool.fetch("select value from personal order by version, field")
    assert [row[0] for row in beside] == [
        '"Ada Ek"', '"the evening shift"', '"Bo"', '"she left"',
    ]  # fmt: skip
    assert not (await verify(app.store, app.book)).differences


async def test_a_name_is_used_once_also_that_of_a_revoked_token(store: Store) -> None:
    """So that the log says whose each act was; what was refused leaves nothing behind."""
    await create(store, "anna", Role.AGENT, (), ADA, START)
    await revoke(store, "anna", ADA, START)
    with pytest.raises(Guarded, match="there is a token 'anna', or was"):
        await create(store, "anna", Role.OPERATOR, (), ADA, START)
    with pytest.raises(Guarded, match="was revoked"):
        await revoke(store, "anna", ADA, START)
    with pytest.raises(Missing):
        await revoke(store, "bo", ADA, START)
    with pytest.raises(Refused):
        await create(store, "b" * 201, Role.AGENT, (), ADA, START)
    with pytest.raises(Guarded, match="sees all"):
        await create(store, "bo", Role.AGENT, ["*"], ADA, START)
    assert len(await listed(store.pool)) == 1
    assert await store.pool.fetchval("select count(*) from inbox") == 2


async def test_a_revoked_token_ends_its_sessions_at_once(store: Store) -> None:
    for name in ("anna", "bo"):
        await create(store, name, Role.AGENT, (), ADA, START)
        await store.pool.execute(
            "insert into sessions values (sha256($1), $2, $3)",
            name.encode(), name, datetime(2100, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    await revoke(store, "anna", ADA, START)
    assert await store.pool.fetch("select token from sessions") == [("bo",)]


async def test_the_database_keeps_no_role_that_there_is_not(store: Store) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await store.pool.execute(
            "insert into tokens values ('x', 'x', 'king', '{}', $1)", START
        )  # fmt: skip
