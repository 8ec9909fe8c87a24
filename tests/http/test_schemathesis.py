"""The whole document against the whole program: every operation, with its own examples, with what
is drawn, and from answer to answer by links, on a copy of the demo with its writer at work.

Whoever asks has the role that may: no role may all. A call is valid where its answer is no
refusal; those that are made without a token, to see that they are refused, are counted too.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from adapters.access import Role
from adapters.cli.demo import FACTS, NOW
from adapters.http.api import api
from adapters.http.api.document import operations
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked
from adapters.http.server import listening
from adapters.ingest import ingest
from adapters.messages import Message
from tests.asked import token, writing

DOCUMENT = api(None).openapi()
ROLES = {
    "/ledger": Role.ACCOUNTANT, "/orders": Role.AGENT, "/sla": Role.AGENT, "/terms": Role.AGENT,
    "/decisions": Role.AGENT,
}  # fmt: skip
"""Who asks, by how a path begins; an operator for all others."""
CURSORS = {"after", "before", "cursor"}
"""Parameters that are cursors, and what pages call them."""
GIVEN = {"next", "earlier"}
FIRST = {"seller": "allectra", "month": "2026-09"}
"""What a page is asked with, where a list knows it."""
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
PARKED = 40
"""Letters beside that of the demo: each can be put away once."""


@dataclass
class Seen:
    """What was asked and answered: statuses by operation, and what was wrong."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: set[str] = field(default_factory=set)

    def take(self, event: ScenarioFinished) -> None:
        recorder = event.recorder
        for id, exchange in recorder.interactions.items():
            if exchange.response is not None:
                case = recorder.cases[id].value
                name = case.operation.definition.raw["operationId"]
                self.statuses[name][exchange.response.status_code] += 1
        for checks in recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    self.faults.add(f"{failure.operation}: {failure.title}: {failure.message}")


class Client:
    """What no schema says of values: a key is for one post, a cursor one that a page gave, and of
    one list; months are one or several."""

    def __init__(self, address: str, tokens: dict[Role, str]) -> None:
        self.address, self.tokens, self.calls = address, tokens, 0
        self.known: dict[str, tuple[dict[str, str], str]] = {}

    def asks(self, case: Any) -> None:
        """Every third cursor stays as it was drawn, and so does every key that is none of ours."""
        self.calls += 1
        if case.headers.get("idempotency-key") == KEY:
            case.headers["idempotency-key"] = str(uuid4())
        if not self.calls % 3:
            return
        if "month" in case.query:
            for name in ("from", "to"):
                case.query.pop(name, None)
        for name in CURSORS & {*case.query}:
            del case.query[name]
            case.headers.pop("last-event-id", None)
            first, cursor = self._first(case)
            case.query |= first | {name: cursor} if cursor else {}

    def _first(self, case: Any) -> tuple[dict[str, str], str]:
        """What the first page of a list was asked with, and the cursor that it gave."""
        if (path := case.path.removesuffix(".csv")) not in self.known:
            headers = {"authorization": f"Bearer {self.tokens[role_of(path)]}"}
            has = {one["name"] for one in case.operation.definition.raw["parameters"]}
            asked = {name: value for name, value in FIRST.items() if name in has}
            at = self.address + path.format(account=1510)
            answer = httpx.get(at, params=asked | {"limit": 1}, headers=headers)
            self.known[path] = asked, next(cursors(answer.raise_for_status().json()), "")
        return self.known[path]


def cursors(page: Any) -> Iterator[str]:
    """Those in a page, wherever they stand."""
    inside = page.values() if isinstance(page, dict) else page if isinstance(page, list) else ()
    if isinstance(page, dict):
        yield from (str(page[name]) for name in GIVEN & {*page} if page[name])
    for one in inside:
        yield from cursors(one)


def run(address: str, tokens: dict[Role, str]) -> Seen:
    """All phases against a server."""
    seen = Seen()
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=configured(address, tokens))
    client = Client(address, tokens)

    @schemathesis.hook
    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        client.asks(case)

    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            seen.take(event)
        elif isinstance(event, NonFatalError):
            seen.faults.add(str(event.info))
    return seen


def role_of(path: str) -> Role:
    """Who asks there."""
    return next((role for begins, role in ROLES.items() if path.startswith(begins)), Role.OPERATOR)


def configured(address: str, tokens: dict[Role, str]) -> SchemathesisConfig:
    bearer = {role: {"Authorization": f"Bearer {secret}"} for role, secret in tokens.items()}
    positive = {"mode": "positive"}
    return SchemathesisConfig.from_dict({
        "base-url": address, "headers": bearer[Role.OPERATOR], "seed": 1,
        "continue-on-failure": True,
        "generation": {
            "deterministic": True, "no-shrink": True, "database": "none", "max-examples": 4,
            "with-security-parameters": False,
        },
        "phases": {
            "coverage": {"generation": positive},
            "fuzzing": {"generation": {"max-examples": 3}},
            "stateful": {"max-steps": 4, "generation": {**positive, "max-examples": 12}},
        },
        "checks": {"positive_data_acceptance": {"enabled": False}},
        "operations": [
            {"include-path-regex": f"^{beginning}", "headers": bearer[role]}
            for beginning, role in ROLES.items()
        ],
    })  # fmt: skip


def successes() -> Iterator[tuple[str, int]]:
    """(operation, status) of every success in the document."""
    for _, operation in operations(DOCUMENT):
        for status in operation["responses"]:
            if status.startswith("2"):
                yield operation["operationId"], int(status)


async def park(desk: Desk) -> None:
    """Park more of what is parked in the demo."""
    lines = FACTS.read_bytes().splitlines()
    told = next(msgspec.json.decode(one) for one in lines if b'"return_cost": -' in one)
    many = [
        Message(msgspec.json.encode(told | {"id": f"parked-{n}"}), "test") for n in range(PARKED)
    ]
    async with desk.session.writer() as app:
        assert (await ingest(app, many, NOW)).parked == PARKED


async def test_every_operation_does_what_its_document_says(own_desk: Desk):
    """No fault, no undocumented answer, every success reached, at least half of the calls valid."""
    await park(own_desk)
    app = application(asked(own_desk))
    async with writing(own_desk), listening(app, ("127.0.0.1", 0)) as port:
        tokens = {role: await token(own_desk, role) for role in Role}
        seen = await asyncio.to_thread(run, f"http://127.0.0.1:{port}/v1", tokens)
    assert sorted(seen.faults) == []
    assert [one for one in successes() if not seen.statuses[one[0]][one[1]]] == []
    calls = sum(seen.statuses.values(), Counter())
    valid = sum(count for status, count in calls.items() if status < 400)
    assert valid * 2 >= calls.total(), calls
