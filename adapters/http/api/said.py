"""What problems say, word for word: the examples of the API's document. A test provokes each."""

from collections.abc import Sequence

ANY = {
    400: "There was an error parsing the body",
    401: "say who asks: `Authorization: Bearer TOKEN`",
    403: "this token is not for allectra",
    409: "Idempotency-Key: this request is being worked on; ask again in a moment",
    413: "a body has 2097152 bytes at most",
    415: "Content-Type: text/plain is no CloudEvent; send application/cloudevents+json, "
         "application/cloudevents-batch+json, or the headers ce-specversion, ce-id, .. with the "
         "data",
    422: "a value is none that could be found: it is too large, or is no text",
    429: "this token listens 5 times already; end a stream, or ask for pages",
    503: "the database did not answer, or not in time; ask again",
}  # fmt: skip
"""Status -> sentence, whatever is asked."""
LACKING = "the role {} may not do that (it lacks '{}')"
ORDER = {
    404: "allectra has no order 'ALL-9999'; `villkor orders` lists them",
    422: "as_of: is not a time in ISO 8601",
}
TERMS = {
    404: "there are no terms of 'nobody'; there are those of allectra, compumail, gandalf, "
         "netzilla, sweeto",
    422: "day: is not a day, like 2026-09-30",
}  # fmt: skip
LETTER = {404: "there is no dead letter 999999; /v1/dead-letters lists them"}
PAGE = {422: "limit: Input should be less than or equal to 200"}
BOARD = {422: "party: Input should be 'seller', 'customer' or 'carrier'"}
LEDGER = {403: LACKING.format("agent", "ledger")}
MONTH = {422: "month: '2026-13' is not a month, like 2026-09"}
ACCOUNT = {
    404: "9999 is no account of the chart; there are 1510, 1930, 2420, 2610, 2611, 2621, 2631, "
         "3000, 3001, 3002, 3003, 3004, 3520, 3530, 3540, 3590, 3730, 3740, 3992, 5710, 8313",
}  # fmt: skip
OF = {
    "ledger": LEDGER | MONTH,
    "get_statement": ACCOUNT, "get_statement_csv": ACCOUNT, "list_periods": PAGE,
    "orders": ORDER, "list_orders": PAGE, "sla": BOARD,
    "terms": TERMS, "get_pinned_edition": {
        404: "no order of allectra pinned an edition 'x'", 422: ANY[422],
    },
    "get_clause": {404: "nothing is called 'ALL-99'; `villkor terms coverage` lists clauses"},
    "get_coverage": {422: "place: Input should be 'enforced', 'shown' or 'not_computable'"},
    "compare_editions": {422: "one: is not a day, like 2026-09-30"},
    "dead letters": LETTER | PAGE | {403: LACKING.format("agent", "letters")},
    "get_dead_letter": {422: "id: Input should be greater than or equal to 1"},
    "retry_dead_letter": {
        403: LACKING.format("agent", "operate"),
        422: "note: String should have at least 1 character",
    },
    "discard_dead_letter": {
        403: LACKING.format("agent", "operate"),
        422: "reason: String should have at least 1 character",
    },
    "acts": PAGE | {403: LACKING.format("agent", "log")},
    "events": {
        403: LACKING.format("agent", "log"),
        422: "cursor: that is no cursor of this feed; begin without one",
    },
    "tell_facts": {
        403: LACKING.format("agent", "tell"),
        422: "not a CloudEvent: object missing required field `specversion`",
    },
    "fact_status": {422: "id: String should have at least 1 character"},
    "post_decision": {
        403: LACKING.format("auditor", "decide"),
        404: "there is no order 'ALL-9999'; `villkor orders` lists them",
        422: "amount: Input should be greater than or equal to 0",
    },
    "ask_what_if": {
        403: LACKING.format("agent", "log"),
        404: "there is no order 'ALL-9999'; `villkor orders` lists them",
        422: "date: is not a day, like 2026-09-30",
    },
    "close_books": {403: LACKING.format("agent", "close")} | MONTH,
}  # fmt: skip
"""The same of an operation, or of all with a tag."""


def said(status: int, *names: str) -> str:
    """The sentence of a status: of the first of these names that has one, else of any."""
    own = (OF[name][status] for name in names if status in OF.get(name, ()))
    return next(own, None) or ANY[status]


def unknown(name: str, known: Sequence[str]) -> str:
    """That an operation cannot be asked with a parameter."""
    there_are = f"there are {', '.join(known)}" if known else "it has none"
    return f"{name}: is no parameter of this operation; {there_are}"
