"""Signing in with a token, and out."""

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right
from adapters.console.rendering import anew, page
from adapters.console.session import begin, end, fields_of, form_of, path_of, signed_in


async def asked_to(request: Request, _: Exception) -> Response:
    """Nobody is signed in: sign in first, and come back.

    To what was asked for; a form is not sent again, but its page opens and says so, and what renews
    a page loads the page.
    """
    if request.headers.get("hx-request") == "true":
        return anew()
    if request.method in ("GET", "HEAD"):
        back = path_of(request) + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(back)}", 303)
    ours = rf"https?://{re.escape(request.headers.get('host', ''))}(/.*)"
    page_of = re.fullmatch(ours, request.headers.get("referer", ""))
    if page_of is None:
        return RedirectResponse("/sign-in?next=/", 303)
    return RedirectResponse(f"/sign-in?unsent=1&next={quote(page_of[1])}", 303)


async def sign_in(request: Request) -> Response:
    """The form. It carries no word: who sends it from elsewhere needs a token all the same."""
    back = _ours(request.query_params.get("next", "/"))
    if request.method != "POST":
        return page(request, "sign_in.html", back=back, wrong=False)
    token = (await fields_of(request)).get("token", "")
    response: Response = RedirectResponse(back, 303)
    if not await begin(request, token, response):
        return page(request, "sign_in.html", 401, back=back, wrong=True)
    return response


async def sign_out(request: Request) -> Response:
    await signed_in(request, Right.ORDERS)
    await form_of(request)
    response = RedirectResponse("/sign-in", 303)
    await end(request, response)
    return response


def _ours(path: str) -> str:
    """A path of this site; what leads elsewhere leads to the first page.

    Browsers take a backslash for a slash, and leave out tabs and line breaks wherever they are.
    """
    return path if re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", path) else "/"


ROUTES = (
    Route("/sign-in", sign_in, methods=["GET", "POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
)
