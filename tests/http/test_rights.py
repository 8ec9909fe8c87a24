"""Who may ask what over HTTP: every operation of the document, tried in every role."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adapters.access import RIGHTS, Right, Role
from adapters.http.api import api
from adapters.http.api.document import asked_of
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked
from adapters.tokens import Signed, revoke
from tests.asked import client, token

DOCUMENT: dict[str, Any] = api(None).openapi()
LOOKING = {
    "/orders": Right.ORDERS,
    "/sla": Right.ORDERS,
    "/terms": Right.ORDERS,
    "/ledger": Right.LEDGER,
    "/dead-letters": Right.LETTERS,
    "/events": Right.LOG,
    "/acts": Right.LOG,
    "/acts.csv": Right.LOG,
    "/facts": Right.ORDERS,
}
"""What is needed to look at what lies below a path."""
DOING: dict[str, tuple[Right, dict[str, Any]]] = {
    "/facts": (Right.TELL, {}),
    "/decisions": (
        Right.DECIDE, {"seller": "allectra", "order": "ALL-9999", "about": "goodwill",
                       "reason": "a test"},
    ),
    "/what-if": (Right.LOG, {"seller": "allectra", "readings": {"none": "such"}}),
    "/ledger/close": (
        Right.CLOSE, {"seller": "allectra", "month": "2190-01", "reason": "a test"},
    ),
    "/dead-letters/{id}/retry": (Right.OPERATE, {}),
    "/dead-letters/{id}/discard": (Right.OPERATE, {"reason": "a test"}),
}  # fmt: skip
"""What each act needs, and a body in good form that nothing comes of."""
PLACES = {
    "seller": "allectra", "order": "ALL-0004", "id": "999999", "account": "1510",
    "outcome": "unclaimed:p1", "clause": "ALL-6.4-3", "edition": "x",
}  # fmt: skip
NAMED = {"seller": "allectra", "order": "ALL-0004", "source": "x", "id": "x", "limit": "1"}
"""Parameters that some operations cannot do without."""


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in DOCUMENT["paths"].items():
        for method in methods:
            yield method, path


def address(path: str, **given: str) -> str:
    """A path with its places filled: with an order of the demo, where it has one."""
    return "/v1" + path.format(**PLACES | given)


def needed(method: str, path: str) -> Right:
    """What an operation needs; one of which these tables know nothing fails the tests."""
    return LOOKING["/" + path.split("/")[1]] if method == "get" else DOING[path][0]


async def tried(one: httpx.AsyncClient, method: str, path: str, **given: str) -> httpx.Response:
    """What is answered to an operation that is asked in good form, about nothing that there is."""
    body = None if method == "get" else DOING[path][1]
    known = asked_of(DOCUMENT["paths"][path][method])
    named = {name: told for name, told in NAMED.items() if name in known}
    return await one.request(method, address(path, **given), json=body, params=named)


def test_every_operation_has_its_right() -> None:
    assert {needed(*one) for one in operations()} <= set(Right)
    assert {path for method, path in operations() if method != "get"} == set(DOING)


def test_every_operation_documents_that_it_asks_who_it_is() -> None:
    for method, path in operations():
        operation = DOCUMENT["paths"][path][method]
        assert operation["security"] == [{"token": []}], path
        everybodys = all(needed(method, path) in RIGHTS[role] for role in Role)
        assert {"401"} | (set() if everybodys else {"403"}) <= set(operation["responses"]), path


async def test_nobody_is_told_anything_without_a_token(desk: Desk) -> None:
    """None, an unknown one, one that was revoked, another scheme: 401, and what to say instead."""
    gone = await token(desk, Role.OPERATOR)
    store = desk.session.store
    [row] = await store.pool.fetch("select id from tokens where digest = sha256($1)", gone.encode())
    await revoke(store, row[0], Signed("Tess", "a test"), desk.now)
    told = (None, "Bearer nonsense", f"Bearer {gone}", f"Basic {gone}", "Bearer", gone)
    transport = httpx.ASGITransport(application(asked(desk)))
    async with httpx.AsyncClient(transport=transport, base_url="http://villkor") as nobody:
        for method, path in operations():
            for one in told:
                headers = {} if one is None else {"Authorization": one}
                answer = await nobody.request(method, address(path), headers=headers)
                assert answer.status_code == 401, (path, one)
                assert answer.headers["www-authenticate"] == "Bearer"
                assert answer.headers["content-type"] == "application/problem+json"
                assert gone not in answer.text


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_do_what_its_rights_say_and_nothing_else(desk: Desk, role: Role) -> None:
    """403 comes before anything that is asked is looked at; who may is not told it."""
    async with client(desk, role) as one:
        for method, path in operations():
            answer = await tried(one, method, path)
            assert answer.status_code < 500, (path, answer.text)
            refused = answer.status_code == 403
            assert refused == (needed(method, path) not in RIGHTS[role]), (path, answer.text)
            if refused:
                assert answer.json()["detail"].startswith(f"the role {role} may not do that")


async def test_an_order_of_another_seller_is_as_one_that_there_is_not(desk: Desk) -> None:
    """404 and the same words: whether it exists is nobody else's business."""
    async with client(desk, Role.AUDITOR, "sweeto") as other, client(desk, Role.AUDITOR) as all_:
        for path in [path for _, path in operations() if "{order}" in path]:
            theirs = await other.get(address(path))
            missing = await other.get(address(path, order="ALL-9999"))
            assert theirs.status_code == missing.status_code == 404, (path, theirs.text)
            assert theirs.text.replace("ALL-0004", "ALL-9999") == missing.text
            assert (await all_.get(address(path))).status_code == 200, path


async def test_what_cannot_be_asked_is_refused_and_not_passed_over(desk: Desk) -> None:
    """Another seller than the token's: 403, not an answer of nothing; a slip of a name: 422. The
    terms of others are for all.
    """
    async with client(desk, Role.AUDITOR, "sweeto") as auditor:
        for method, path in operations():
            asked_with = asked_of(DOCUMENT["paths"][path][method])
            slip = await auditor.request(method, address(path), params={"sellers": "sweeto"})
            assert slip.status_code == 422, path
            assert slip.json()["detail"].startswith("sellers: is no parameter of this operation")
            if "seller" in asked_with:
                theirs = await tried(auditor, method, path)
                if path.startswith("/terms/"):
                    assert theirs.status_code != 403, path
                else:
                    said = (theirs.status_code, theirs.json().get("detail"))
                    assert said == (403, "this token is not for allectra"), path


async def test_acts_on_what_is_another_sellers_tell_nothing_of_it(desk: Desk) -> None:
    """The same answer whether or not it exists, and nothing is done."""
    letter = await desk.session.store.pool.fetchval("select min(id) from dead_letters")
    before = await desk.session.store.pool.fetchval("select count(*) from inbox")
    async with (
        client(desk, Role.ACCOUNTANT, "sweeto") as books,
        client(desk, Role.OPERATOR, "sweeto") as op,
    ):
        made = await desk.session.store.pool.fetchval("select count(*) from inbox") - before
        decision = DOING["/decisions"][1]
        answers = [
            await books.post("/v1/decisions", json=decision | {"order": order})
            for order in ("ALL-0004", "ALL-9999")
        ]
        assert {(one.status_code, one.json()["detail"]) for one in answers} == {
            (403, "this token is not for allectra")
        }
        for act in ("retry", "discard"):
            body = DOING[f"/dead-letters/{{id}}/{act}"][1]
            theirs = await op.post(f"/v1/dead-letters/{letter}/{act}", json=body)
            missing = await op.post(f"/v1/dead-letters/999999/{act}", json=body)
            assert theirs.status_code == missing.status_code == 404
            assert theirs.text.replace(f"letter {letter};", "letter 999999;") == missing.text
    after = await desk.session.store.pool.fetchval("select count(*) from inbox")
    assert after - before == made
    assert await desk.session.store.pool.fetchval("select min(id) from dead_letters") == letter
