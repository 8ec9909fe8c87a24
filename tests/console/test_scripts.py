"""What looks like a script stays text, on every page, in every field that facts can carry."""

import json
from urllib.parse import quote

from adapters.access import Role
from adapters.app import App
from adapters.clock import Clock
from adapters.http.desk import Desk
from adapters.inbox import drain
from adapters.messages import Message
from adapters.tokens import Signed, create
from tests.console.conftest import Opened
from tests.console.test_sessions import routes
from tests.facts import message, placed

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
ORDER = "<svg onload=alert(1)>'\""
SELLER = "allectra"
MARKUP = ("<script>alert", "<img src=x", "<svg onload")
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


def told() -> list[Message]:
    """One order whose every text is a script, and what is parked because of one."""
    line = {"line": SCRIPT, "sku": IMAGE, "name": SCRIPT, "category": "home", "unit_price": 1000.0}
    facts: list[tuple[str, dict[str, object]]] = [
        ("OrderConfirmed", {}),
        ("InvoiceIssued", {"invoice": IMAGE, "amount": 1049.0, "due": "2024-04-01"}),
        ("PaymentReceived", {"amount": 1049.0, "invoice": IMAGE}),
        ("Shipped", {"parcel": SCRIPT, "carrier": IMAGE, "tracking": SCRIPT, "lines": [SCRIPT],
                     "cost": 79.0}),
        ("InTransit", {"parcel": SCRIPT, "reason": SCRIPT}),
        ("Unclaimed", {"parcel": SCRIPT}),
        ("RmaRequested", {"rma": SCRIPT, "kind": "complaint", "lines": [SCRIPT], "model": IMAGE,
                          "serial": SCRIPT, "fault": SCRIPT}),
        ("RmaIssued", {"rma": SCRIPT, "kind": "complaint", "lines": [SCRIPT]}),
        ("WithdrawalNotified", {"lines": [SCRIPT], "statement": SCRIPT}),
        ("DiscretionExercised", {"about": "goodwill", "decision": "granted", "amount": 10.0,
                                 "by": SCRIPT, "reason": SCRIPT}),
        ("DiscretionExercised", {"about": SCRIPT, "decision": IMAGE, "by": SCRIPT,
                                 "reason": SCRIPT}),
        (SCRIPT, {"why": SCRIPT}),
    ]  # fmt: skip
    return [
        placed(SELLER, ORDER, lines=[line], customer={"kind": "consumer", "ref": IMAGE},
               cart=SCRIPT),
        *(message(type, SELLER, ORDER, f"{SCRIPT}{number}", 24 * number, **data)
          for number, (type, data) in enumerate(facts)),
        message("OrderConfirmed", SCRIPT, SCRIPT, SCRIPT, 1),
        Message(json.dumps({"specversion": SCRIPT}).encode(), SCRIPT),
    ]  # fmt: skip


async def test_no_page_runs_what_a_fact_said(own_opened: Opened, own_desk: Desk) -> None:
    """Each page of the console is opened; a dialog, or a complaint of the browser, fails it."""
    store = own_desk.session.store
    await create(store, SCRIPT, Role.AGENT, [SELLER], Signed(SCRIPT, SCRIPT), own_desk.now)
    app = App(store, own_desk.book, "test", Clock(own_desk.now), 1)
    await app.claim()
    assert (await app.handle(told())).parked >= 2
    await drain(app)
    await app.release()
    letter = await store.pool.fetchval("select max(id) from dead_letters")
    ran: list[str] = []
    seen = ""
    for role, only in ((Role.AUDITOR, ""), (Role.AGENT, "/decisions"), (Role.OPERATOR, "/dead")):
        page = await own_opened("/orders", role)
        page.on("dialog", lambda dialog: ran.append(dialog.message))
        for path in (one for one in addresses(letter) if one.startswith(only)):
            answer = await page.request.get(path, max_redirects=0)
            text = await answer.text()
            assert answer.status < 500, path
            assert not [one for one in MARKUP if one in text], path
            shown = answer.status == 200 and text.startswith("<!doctype")
            if shown and "?" not in path:
                await page.goto(path)
                await page.evaluate(OPEN)
                assert await page.locator("body script, img[src=x], svg[onload]").count() == 0, path
                seen += await page.locator("body").inner_text()
    assert seen.count(SCRIPT) > 10
    assert ran == []


def addresses(letter: int) -> list[str]:
    """Every page, about that order and that letter; searches for what looks like a script."""
    places = {"ALL-0004": ORDER, "c-1614": IMAGE}
    found = [path for path in routes("GET") if path != "/sign-in" and "download" not in path]
    for name, other in places.items():
        found = [path.replace(name, quote(other, safe="")) for path in found]
    found = [path.replace("/dead-letters/1", f"/dead-letters/{letter}") for path in found]
    asked = quote(SCRIPT, safe="")
    return [
        *found,
        *(f"{path}?{name}={asked}" for path in ("/orders", "/sla", "/dead-letters")
          for name in ("text", "seller", "status", "reason", "carrier", "after")),
    ]  # fmt: skip
