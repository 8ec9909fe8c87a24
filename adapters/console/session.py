"""Being signed in: a token is traded for a cookie, and forms say that they come from our pages.

The cookie holds a secret of its own (HttpOnly, SameSite=Strict, over https also Secure and of this
host alone); the database has its digest, and it ends after a working day, or with its token. Every
form carries a word that follows from the secret, which no other site can know.
"""

import hmac
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right, Who, digest, new_secret
from adapters.http.desk import Desk, Forbidden, needs
from adapters.pending import NOTHING, Pending, pending
from domain.errors import Refused

COOKIE = "villkor"
LASTS = timedelta(hours=12)
BEGIN = "insert into sessions (digest, token, ends_at) values ($1, $2, $3)"
FORGET = "delete from sessions where digest = $1 or ends_at <= $2"
ELSEWHERE = "this form was not sent from here, or is of another session; open it anew"


class SignedOut(HTTPException):
    """Nobody is signed in: the page of signing in leads back to what was asked."""

    def __init__(self) -> None:
        super().__init__(401)


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def secret_of(request: Request) -> str | None:
    return request.cookies.get(_cookie(request))


def _secure(request: Request) -> bool:
    """Whether the browser came by https, here or at the proxy where TLS ends."""
    told = request.headers.get("x-forwarded-proto", request.url.scheme)
    return told.partition(",")[0].strip().lower() == "https"


def _cookie(request: Request) -> str:
    """The cookie's name; over https one that no other host can have set (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{COOKIE}" if _secure(request) else COOKIE


def path_of(request: Request) -> str:
    """The path that was asked for, to the letter: a blank or a slash in a name is still escaped."""
    raw: bytes = request.scope.get("raw_path") or quote(request.url.path).encode()
    return raw.decode("latin-1")


def who_of(request: Request) -> Who | None:
    """Who asked for this page, once `signed_in` has looked."""
    who: Who | None = getattr(request.state, "who", None)
    return who


def pending_of(request: Request) -> Pending:
    """What the head of this page says that waits; nothing where it is no whole page."""
    told: Pending = getattr(request.state, "pending", NOTHING)
    return told


async def signed_in(request: Request, right: Right) -> Who:
    """Who is signed in. Raises SignedOut, or Forbidden where it may not do that."""
    secret, desk = secret_of(request), desk_of(request)
    who = None if secret is None else await desk.reader.whose_session(secret, desk.now)
    if who is None:
        raise SignedOut
    request.state.who = who
    needs(who, right)
    if "hx-request" not in request.headers:
        async with desk.reader.asking(who) as store:
            request.state.pending = await pending(store.pool, who)
    return who


async def begin(request: Request, token: str, response: Response) -> bool:
    """Trade a token for a new cookie on this response; whether the token is known.

    Who was signed in before with this browser is not any more.
    """
    desk = desk_of(request)
    if (who := await desk.reader.whose_token(token)) is None:
        return False
    secret, ends = new_secret(""), desk.now + LASTS
    pool = desk.session.store.pool
    await pool.execute(FORGET, digest(secret_of(request) or ""), desk.now)
    await pool.execute(BEGIN, digest(secret), who.token, ends)
    response.set_cookie(
        _cookie(request), secret, max_age=int(LASTS.total_seconds()), httponly=True,
        samesite="strict", secure=_secure(request),
    )  # fmt: skip
    return True


async def end(request: Request, response: Response) -> None:
    """Sign out; sessions that have ended are forgotten with it."""
    desk, secret = desk_of(request), secret_of(request) or ""
    await desk.session.store.pool.execute(FORGET, digest(secret), desk.now)
    response.delete_cookie(
        _cookie(request), httponly=True, samesite="strict", secure=_secure(request)
    )


def csrf_of(request: Request) -> str:
    """The word that forms of this session carry."""
    secret = secret_of(request)
    return "" if secret is None else sha256(f"form {secret}".encode()).hexdigest()


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form of ours. Raises SignedOut, or Forbidden where it is another site's."""
    if secret_of(request) is None:
        raise SignedOut
    fields = await fields_of(request)
    if not hmac.compare_digest(fields.pop("csrf", "").encode(), csrf_of(request).encode()):
        raise Forbidden(ELSEWHERE)
    return fields


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form, files as their text. Raises Forbidden where the browser says that
    another site sent it.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(ELSEWHERE)
    form = await request.form()
    try:
        return {name: (await _text(name, value)).strip() for name, value in form.items()}
    finally:
        await form.close()


async def _text(name: str, value: str | UploadFile) -> str:
    """What was typed, or stands in a file. Raises Refused where that is no text."""
    if isinstance(value, str):
        return value
    try:
        return (await value.read()).decode("utf-8-sig")
    except ValueError as error:
        raise Refused(f"{name}: the file is not text in UTF-8") from error
