"""Sessions of the console: how they begin and end, what forms must carry, what headers say."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest
from starlette.routing import Route

from adapters.access import RIGHTS, Right, Role
from adapters.app import App
from adapters.clock import Clock
from adapters.console import PAGES
from adapters.console.headers import HEADERS
from adapters.console.rendering import TABS
from adapters.console.session import LASTS
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.limits import LARGEST
from adapters.http.serve import asked
from adapters.tokens import Signed, revoke
from tests.asked import client, token
from tests.facts import message, placed

PLACES = {
    "seller": "allectra", "order": "ALL-0004", "id": "1", "month": "2026-09", "account": "1510",
    "number": "3", "ref": "c-1614", "edition": "2026-09-01",
}  # fmt: skip
SIGNED_OUT = "/sign-in?next="
TOO_LONG = "9" * 5000
"""A number of a letter, an account or an event that Python would not even read."""
NOT_FROM_HERE = "This form was not sent from here"


@asynccontextmanager
async def browsing(desk: Desk, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts, that follows nothing by itself."""
    transport = httpx.ASGITransport(application(asked(desk)), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://villkor", headers=headers
    ) as one:
        yield one


@asynccontextmanager
async def signed_in(desk: Desk, role: Role, *sellers: str) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(desk) as one:
        answer = await one.post("/sign-in", data={"token": await token(desk, role, *sellers)})
        assert answer.status_code == 303
        yield one


async def word(one: httpx.AsyncClient) -> str:
    """What forms of this session carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await one.get("/orders")).text)
    assert found is not None
    return found[1]


def routes(method: str) -> Iterator[str]:
    """The addresses of all pages, or forms, their places filled."""
    for route in PAGES:
        assert isinstance(route, Route)
        if method in (route.methods or ()):
            yield re.sub(
                r"\{(\w+)(:\w+)?\}", lambda found: PLACES.get(found[1], found[1]),
                route.path.replace("/clause/{id}", "/clause/ALL-6.4-3"),
            )  # fmt: skip


FORMS = [path for path in routes("POST") if path != "/sign-in"]


# -- beginning and ending -------------------------------------------------------------------------


async def test_the_cookie_is_for_our_pages_and_no_script(desk: Desk) -> None:
    """Over https, here or at the proxy, it is sent by nothing else, and set by no other host."""
    secret = await token(desk, Role.AGENT)
    async with browsing(desk) as plain, browsing(desk, **{"x-forwarded-proto": "https"}) as tls:
        told = (await plain.post("/sign-in", data={"token": secret})).headers["set-cookie"]
        assert re.fullmatch(
            rf"villkor=[\w-]{{43}}; HttpOnly; Max-Age={LASTS.seconds}; Path=/; SameSite=strict",
            told,
        )
        told = (await tls.post("/sign-in", data={"token": secret})).headers["set-cookie"]
        assert re.fullmatch(
            rf"__Host-villkor=[\w-]{{43}}; HttpOnly; Max-Age={LASTS.seconds}; Path=/; "
            r"SameSite=strict; Secure",
            told,
        )
        assert secret not in told


async def test_a_session_is_new_each_time_and_ends_the_one_before(desk: Desk) -> None:
    """What somebody else put into the browser before signing in is nobody's afterwards."""
    async with browsing(desk) as one:
        one.cookies.set("villkor", "planted", domain="villkor")
        await one.post("/sign-in", data={"token": await token(desk, Role.AGENT)})
        first = one.cookies.get("villkor", domain="villkor.local") or one.cookies["villkor"]
        assert first != "planted"
        await one.post("/sign-in", data={"token": await token(desk, Role.AGENT)})
        assert (await one.get("/orders")).status_code == 200
    for old in ("planted", first):
        async with browsing(desk, cookie=f"villkor={old}") as other:
            assert (await other.get("/orders")).headers["location"].startswith(SIGNED_OUT)


async def test_who_signed_out_is_out_also_with_the_old_cookie(desk: Desk) -> None:
    async with signed_in(desk, Role.AGENT) as one:
        old = one.cookies["villkor"]
        answer = await one.post("/sign-out", data={"csrf": await word(one)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert 'villkor=""' in answer.headers["set-cookie"]
    async with browsing(desk, cookie=f"villkor={old}") as other:
        assert (await other.get("/orders")).headers["location"].startswith(SIGNED_OUT)


async def test_a_session_ends_after_a_working_day(own_desk: Desk) -> None:
    async with signed_in(own_desk, Role.AGENT) as one:
        for left, status in ((timedelta(seconds=1), 200), (timedelta(), 303)):
            await own_desk.session.store.pool.execute(
                "update sessions set ends_at = $1", own_desk.now + left
            )
            assert (await one.get("/orders")).status_code == status


async def test_a_revoked_token_signs_out_at_once(own_desk: Desk) -> None:
    async with signed_in(own_desk, Role.AGENT) as one:
        assert (await one.get("/orders")).status_code == 200
        name = await own_desk.session.store.pool.fetchval("select id from tokens")
        await revoke(own_desk.session.store, name, Signed("Tess", "left"), own_desk.now)
        assert (await one.get("/orders?text=A")).headers["location"] == (
            "/sign-in?next=/orders%3Ftext%3DA"
        )


async def test_an_unknown_token_signs_nobody_in(desk: Desk) -> None:
    async with browsing(desk) as one:
        for secret in ("vlk_nonsense", "", "\0"):
            answer = await one.post("/sign-in", data={"token": secret})
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers
            assert 'role="alert"' in answer.text


ELSEWHERE = (
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil.example",
    "/\t/evil.example", "/\n/evil.example", "/x\\..\\..\\evil", "javascript:alert(1)", "",
    " //evil.example", "/\x00/evil.example", "///evil.example", "%2f%2fevil.example",
    "%5c%5cevil.example", "/\r\nset-cookie: a=b", "/\r\n/evil.example",
)  # fmt: skip


async def test_signing_in_leads_to_a_page_of_ours(desk: Desk) -> None:
    """Whatever the address says; what is no path of this site is the first page."""
    secret = await token(desk, Role.AGENT)
    async with browsing(desk) as one:
        for elsewhere in ELSEWHERE:
            asked_for = {"next": elsewhere}
            page = await one.get("/sign-in", params=asked_for)
            assert 'action="/sign-in?next=/"' in page.text, elsewhere
            answer = await one.post("/sign-in", params=asked_for, data={"token": secret})
            assert answer.headers["location"] == "/", elsewhere


WANTED = (
    "/orders?text=ALL-0004&seller=allectra", "/orders/allectra/A%20B%2520C",
    "/orders/allectra/50%25?as_of=2026-09-07T12%3A00&rows=money", "/orders/allectra/A%3FB%23C",
    "/customers/allectra/%C3%85sa%20%26%20co?text=a%2Bb", "/%2f%2fevil.example",
    "/%5cevil.example", "/orders/%0d%0aset-cookie:%20a=b",
)  # fmt: skip
"""Paths of this site, whatever is escaped in them."""


async def test_signing_in_leads_back_to_what_was_asked(desk: Desk) -> None:
    """To the letter, also where names have blanks and signs; what looks like a host is a path."""
    secret = await token(desk, Role.AGENT)
    for wanted in WANTED:
        async with browsing(desk) as one:
            form = (await one.get(wanted)).headers.get("location")
            form = form or f"/sign-in?next={quote(wanted)}"
            answer = await one.post(form, data={"token": secret})
            assert answer.headers["location"] == wanted
            assert urlsplit(urljoin("http://villkor/", wanted)).netloc == "villkor"


async def test_a_form_that_was_sent_too_late_says_so_and_its_page_opens_again(desk: Desk) -> None:
    """Who was signed out reads that nothing was done; another site's page is not gone to."""
    async with browsing(desk) as one:
        for host, back in (("villkor", "/decisions/allectra/A%20B"), ("evil.example", None)):
            sent = await one.post(
                "/decisions/allectra/A%20B", data={"csrf": "x"},
                headers={"referer": f"http://{host}/decisions/allectra/A%20B"},
            )  # fmt: skip
            at = sent.headers["location"]
            page = await one.get(at)
            assert ("what you sent was not done" in page.text) == (back is not None)
            assert f'action="/sign-in?next={quote(back or "/")}"' in page.text


# -- pages and forms ------------------------------------------------------------------------------


async def test_nobody_sees_a_page_without_signing_in(desk: Desk) -> None:
    """Pages lead to signing in; parts that renew a page have it loaded, and say nothing at all."""
    async with browsing(desk) as one:
        for path in routes("GET"):
            answer = await one.get(path)
            if path == "/sign-in":
                continue
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith(SIGNED_OUT), path
            part = await one.get(path, headers={"hx-request": "true"})
            assert (part.status_code, part.content) == (204, b""), path
            assert part.headers["hx-refresh"] == "true", path


def right_of(path: str) -> Right:
    """What a page needs: what the tab needs under which it lies."""
    if "/steps/" in path:
        return Right.LOG
    if path.startswith("/customers/"):
        return Right.ORDERS
    return next(right for _, at, right in TABS if path == at or path.startswith(f"{at}/"))


async def test_a_role_sees_the_pages_of_its_rights_and_no_others(desk: Desk) -> None:
    for role in Role:
        async with signed_in(desk, role) as one:
            for path in routes("GET"):
                if path != "/sign-in":
                    refused = (await one.get(path)).status_code == 403
                    assert refused == (right_of(path) not in RIGHTS[role]), path


async def test_a_form_without_the_word_of_its_session_is_refused(desk: Desk) -> None:
    """In every role: none, a wrong one, another session's; and what another site sent."""
    refused: set[str] = set()
    async with signed_in(desk, Role.AGENT) as other:
        strange = await word(other)
    for role in Role:
        async with signed_in(desk, role) as one:
            own = await word(one)
            for path in FORMS:
                told: list[dict[str, str]] = [{}, {"csrf": ""}, {"csrf": "å"}, {"csrf": strange}]
                for fields in told:
                    answer = await one.post(path, data=fields)
                    assert answer.status_code == 403, (path, answer.text)
                    refused |= {path} if NOT_FROM_HERE in answer.text else set()
                elsewhere = {"sec-fetch-site": "cross-site"}
                answer = await one.post(path, data={"csrf": own}, headers=elsewhere)
                assert answer.status_code == 403, path
            assert (await one.get("/orders")).status_code == 200  # still signed in
    assert refused == set(FORMS)  # somebody could have sent each


async def test_a_letter_is_not_changed_into_what_its_reader_could_not_tell(own_desk: Desk) -> None:
    """Neither into another seller's fact nor into an act of the log, here or by the API."""
    store = own_desk.session.store
    app = App(store, own_desk.book, "test", Clock(own_desk.now), 1)
    await app.claim()
    assert (await app.handle([message("NoSuchThing", "sweeto", "S-1", "x")])).parked == 1
    await app.release()
    letter = await store.pool.fetchval("select max(id) from dead_letters")
    events = await store.pool.fetchval("select count(*) from events")
    act = message("RulesAdopted", "sweeto", "S-1", "y", rules="mine", by="Eve", reason="why not")
    async with (
        signed_in(own_desk, Role.OPERATOR, "sweeto") as one,
        client(own_desk, Role.OPERATOR, "sweeto") as program,
        signed_in(own_desk, Role.OPERATOR) as whole,
    ):
        for who, told in ((one, placed("allectra", "A-1")), (one, act), (whole, act)):
            form = {"csrf": await word(who), "value": told.value.decode(), "by": "Eve", "note": "x",
                    "reason": "x"}  # fmt: skip
            answer = await who.post(f"/dead-letters/{letter}/edit", data=form)
            assert answer.status_code in (403, 422), answer.text
            body = {"note": "x", "fact": json.loads(told.value)}
            answer = await program.post(f"/v1/dead-letters/{letter}/retry", json=body)
            assert answer.status_code in (403, 422), answer.text
    assert await store.pool.fetchval("select count(*) from events") == events
    assert await store.pool.fetchval("select state from dead_letters where id = $1", letter) == (
        "parked"
    )


async def test_a_form_of_nobody_leads_to_signing_in_and_not_back_to_the_act(desk: Desk) -> None:
    async with browsing(desk) as one:
        for path in FORMS:
            answer = await one.post(path, data={"csrf": ""})
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/")


async def test_no_other_site_signs_anybody_in(desk: Desk) -> None:
    """Else people would act under a token that is not theirs."""
    async with browsing(desk, **{"sec-fetch-site": "cross-site"}) as one:
        answer = await one.post("/sign-in", data={"token": await token(desk, Role.AGENT)})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_a_body_is_not_read_beyond_what_forms_have(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever length it claims, in one piece or in many, known or not; and not for longer than
    anybody's takes, here and by programs.
    """

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 65536 + 1):
            yield b"a=" + b"b" * 65533 + b"&"

    async def endless() -> AsyncIterator[bytes]:
        yield b"token=a"
        await asyncio.Event().wait()

    async with browsing(desk) as one:
        form = {"content-type": "application/x-www-form-urlencoded"}
        for body in (b"a=b&" * (LARGEST // 4 + 1), pieces()):
            answer = await one.post("/sign-in", content=body, headers=form)
            assert answer.status_code == 413
            assert HEADERS.items() <= dict(answer.headers).items()
        monkeypatch.setattr("adapters.http.limits.READ_SECONDS", 0.05)
        answer = await one.post("/sign-in", content=endless(), headers=form)
        assert answer.status_code == 408
        assert HEADERS.items() <= dict(answer.headers).items()
    async with client(desk, Role.OPERATOR) as program:
        answer = await program.post("/v1/facts", content=endless())
        assert answer.status_code == 408


# -- headers and the log --------------------------------------------------------------------------


async def test_every_answer_says_what_it_may_load_and_that_nobody_keeps_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages and errors of every kind, also what nobody expected, and the API's answers."""
    monkeypatch.setattr("adapters.console.sla.page", lambda *_, **__: 1 / 0)
    async with signed_in(desk, Role.AGENT) as one:
        for method, path, status in (
            ("GET", "/", 303), ("GET", "/orders", 200), ("GET", "/sign-in", 200),
            ("GET", "/nowhere", 404), ("DELETE", "/orders", 405), ("GET", "/ledger", 403),
            ("GET", "/static/nothing.css", 404), ("GET", "/orders?after=x", 422),
            ("POST", "/sign-out", 403), ("GET", "/sla", 500), ("GET", "/v1/orders", 401),
            ("GET", "/v1/nowhere", 404), ("GET", "/v1/openapi.json", 200),
            ("GET", "/orders?text=%00", 422), ("GET", "/orders/x/%00", 422),
            ("GET", "/orders/allectra/2026-99-99T00:00:00+00:00", 404),
            ("GET", "/orders/allectra/0001-01-01T00:00:00+23:59", 404),
            ("GET", f"/dead-letters/{TOO_LONG}", 404), ("GET", f"/ledger/{TOO_LONG}", 404),
            ("GET", f"/orders/x/y/steps/{TOO_LONG}", 404),
        ):  # fmt: skip
            answer = await one.request(method, path)
            assert answer.status_code == status, path
            assert HEADERS.items() <= dict(answer.headers).items(), path
            assert answer.headers["cache-control"] == "no-store", path
        kept = await one.get("/static/villkor.css")
        assert "immutable" in kept.headers["cache-control"]
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))


async def test_the_log_holds_no_token_no_cookie_and_nothing_that_was_asked(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = await token(desk, Role.AGENT)
    async with browsing(desk, authorization=f"Bearer {secret}") as one:
        await one.post("/sign-in?next=/orders?text=nextsecret", data={"token": secret})
        await one.post("/sign-in", data={"token": "wrongsecret"})
        for path in ("/orders?text=asksecret", "/v1/orders?text=asksecret", "/nowhere?x=asksecret"):
            await one.get(path)
        cookie = one.cookies["villkor"]
    out, err = capsys.readouterr()
    said = out + err
    assert said.count("path=/orders") == 1
    assert said.count("path=/sign-in") == 2
    for hidden in (secret, cookie, "nextsecret", "wrongsecret", "asksecret"):
        assert hidden not in said


async def test_head_is_answered_as_get_is_without_a_body(desk: Desk) -> None:
    """With a session and without: who only looks whether a page is there hears the same."""
    async with browsing(desk) as nobody, signed_in(desk, Role.AUDITOR) as auditor:
        for one in (nobody, auditor):
            for path in ("/sign-in", "/", "/orders", "/sla", "/acts", "/ledger", "/nothing"):
                get, head = await one.get(path), await one.head(path)
                for name in ("location", "content-type", "content-length"):
                    assert head.headers.get(name) == get.headers.get(name), (path, name)
                assert (head.status_code, head.content) == (get.status_code, b""), path
