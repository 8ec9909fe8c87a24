"""Problems in the API's document: each example is what the program answers, word for word."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from adapters.access import RIGHTS, Role
from adapters.http.api import idempotency
from adapters.http.api.document import asked_of
from adapters.http.api.events import STREAM, STREAMS
from adapters.http.desk import Desk
from adapters.http.limits import LARGEST
from adapters.reading import Reader
from tests.asked import client
from tests.http.test_rights import DOCUMENT, DOING, NAMED, address, needed

Asked = dict[str, Any]
Ask = Callable[[httpx.AsyncClient, str, str], Awaitable[httpx.Response]]
FACT = {"content-type": "application/cloudevents+json"}
NOWHERE = {
    "seller": "allectra", "order": "ALL-9999", "id": "999999", "account": "9999",
    "clause": "ALL-99", "edition": "x",
}  # fmt: skip
NOBODYS = {"seller": "nobody"}
"""Whose terms nobody knows."""
WRONG: tuple[Asked, ...] = (
    {"month": "2026-13"}, {"as_of": "yesterday"}, {"day": "2026-02-30"}, {"party": "judge"},
    {"limit": "201"}, {"place": "elsewhere"}, {"one": "yesterday"}, {"id": ""}, {"seller": "\0"},
)  # fmt: skip
"""Parameters that operations have, with what they cannot be; the first that one has is tried."""
UNTRUE: dict[str, Asked] = {
    "/facts": {}, "/decisions": {"amount": -1}, "/what-if": {"date": "yesterday"},
    "/ledger/close": {"month": "2026-13"}, "/dead-letters/{id}/retry": {"note": ""},
    "/dead-letters/{id}/discard": {"reason": ""},
}  # fmt: skip
"""What is told to acts, with what it cannot be."""


def documented(status: int) -> Iterator[tuple[str, str, str]]:
    """(method, path, sentence) of every problem with a status."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if (found := operation["responses"].get(str(status))) is not None:
                example = found["content"]["application/problem+json"]["example"]
                assert example["status"] == status
                yield method, path, example["detail"]


def parameters(path: str) -> list[str]:
    """The names of what a GET can be asked with."""
    return asked_of(DOCUMENT["paths"][path]["get"])


async def asked(who: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    """An operation in good form, but for what more there is, about what is given."""
    if method == "post":
        body = {} if "content" in more else {"json": DOING[path][1]}
        headers = FACT if path == "/facts" else {}
        given = {**body, **more, "headers": {**headers, **more.pop("headers", {})}}
        return await who.post(address(path), **given)
    good = NAMED | {"one": "2026-06-18", "other": "2026-08-25"} | more
    named = {name: text for name, text in good.items() if name in parameters(path)}
    return await who.get(address(path), params=named)


async def of_nothing(one: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """About what there is not."""
    if method == "post":
        supposed = {"order": "ALL-9999", "readings": {"allectra-unclaimed-freight": "round_trip"}}
        told = DOING[path][1] | (supposed if path == "/what-if" else {})
        return await one.post(address(path, **NOWHERE), json=told)
    if path == "/terms/comparison":
        return await asked(one, method, path, **NOBODYS)
    nobodys = path.startswith("/terms/") and not path.endswith("{edition}")
    return await one.get(address(path, **NOWHERE | (NOBODYS if nobodys else {})))


async def wrongly(one: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """With something that cannot be."""
    if method == "post":
        return await asked(one, method, path, json=DOING[path][1] | UNTRUE[path])
    if path == "/events":
        return await asked(one, method, path, after="x")
    if path == "/dead-letters/{id}":
        return await one.get(address(path, id="0"))
    if path.endswith("{edition}"):
        return await one.get(address(path, edition="%00"))
    wrong = next((one for one in WRONG if {*one} <= {*parameters(path)}), None)
    if wrong is None:
        return await one.get(address(path), params={"colour": "red"})
    return await asked(one, method, path, **wrong)


async def unreadably(one: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """With a body that is no text."""
    return await asked(one, method, path, content=b"{\xff", headers={
        "content-type": "application/json"})  # fmt: skip


async def at_length(one: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """With too large a body."""
    return await asked(
        one,
        method,
        path,
        content=b" " * (LARGEST + 1),
        headers={"content-type": "application/json" if path != "/facts" else FACT["content-type"]},
    )


async def as_text(one: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """As something else."""
    return await asked(one, method, path, content=b"x", headers={"content-type": "text/plain"})


def who_may(method: str, path: str, *, not_: bool = False) -> Role:
    """The first role that has the right, or has it not."""
    return next(one for one in Role if (needed(method, path) in RIGHTS[one]) is not not_)


@pytest.mark.parametrize(("status", "ask"), [
    (400, unreadably), (403, asked), (404, of_nothing), (413, at_length), (415, as_text),
    (422, wrongly),
])  # fmt: skip
async def test_an_example_of_a_refusal_is_what_is_answered(
    desk: Desk, status: int, ask: Ask
) -> None:
    async with clients(desk) as by, client(desk, Role.AGENT, "sweeto") as limited:
        for method, path, said in documented(status):
            who = limited
            if status != 403 or any(needed(method, path) not in RIGHTS[one] for one in Role):
                who = by[who_may(method, path, not_=status == 403)]
            answer = await ask(who, method, path)
            assert (answer.status_code, answer.json()["detail"]) == (status, said), (method, path)


async def test_so_is_that_of_nobody(desk: Desk) -> None:
    async with client(desk, Role.AGENT) as nobody:
        del nobody.headers["authorization"]
        for method, path, said in documented(401):
            answer = await asked(nobody, method, path)
            assert (answer.status_code, answer.json()["detail"]) == (401, said), (method, path)


async def test_so_is_that_of_a_database_that_is_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(Reader, "whose_token", gone)
    async with client(desk, Role.AGENT) as agent:
        for method, path, said in documented(503):
            answer = await asked(agent, method, path)
            assert (answer.status_code, answer.json()["detail"]) == (503, said), (method, path)


async def test_so_is_that_of_a_key_that_is_worked_on_and_of_too_many_streams(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def same(_: object) -> bytes:
        return b""

    monkeypatch.setattr(idempotency, "_digest", same)
    async with clients(desk) as by:
        for one in by.values():
            who = await desk.reader.whose_token(one.headers["authorization"].split()[1])
            assert who is not None
            desk.streams[who.token] = STREAMS
            await desk.session.store.pool.execute(
                idempotency.BEGIN, who.token, "key", b"", desk.now
            )
        for method, path, said in documented(409):
            headers = {"idempotency-key": "key"}
            body: Asked = {"content": b""} if path == "/facts" else {}
            answer = await asked(by[who_may(method, path)], method, path, headers=headers, **body)
            assert (answer.status_code, answer.json()["detail"]) == (409, said), (method, path)
        for method, path, said in documented(429):
            answer = await by[who_may(method, path)].get(address(path), headers={"accept": STREAM})
            assert (answer.status_code, answer.json()["detail"]) == (429, said)


@asynccontextmanager
async def clients(desk: Desk) -> AsyncIterator[dict[Role, httpx.AsyncClient]]:
    """One of each role."""
    async with AsyncExitStack() as stack:
        yield {role: await stack.enter_async_context(client(desk, role)) for role in Role}


async def test_another_method_is_answered_with_those_that_there_are(desk: Desk) -> None:
    """As a problem, with a token or without."""
    async with client(desk, Role.AGENT) as agent:
        for path, methods in DOCUMENT["paths"].items():
            for other in ("DELETE", "HEAD"):
                answer = await agent.request(other, address(path))
                allowed = {one.lower() for one in answer.headers["allow"].split(", ")}
                assert (answer.status_code, allowed) == (405, {*methods}), path
                assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_sent_as_no_json_is_told_how_to_be_sent(desk: Desk) -> None:
    async with client(desk, Role.AGENT) as agent:
        answer = await agent.post("/v1/decisions", data={"seller": "allectra"})
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith("not sent as Content-Type application/json")
