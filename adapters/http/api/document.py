"""The API's OpenAPI document (3.1): what FastAPI generates from the operations' types, finished.

Every body and answer gets an example, put together from those of its fields; every GET its entity
tag; every problem its one media type.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from adapters.http.problems import MEDIA_TYPE

Json = dict[str, Any]
JSON, CSV = "application/json", "text/csv"
TAG: Json = {
    "ETag": {"description": "Names this answer.", "schema": {"type": "string"}},
}
ASKED_BEFORE: Json = {
    "name": "If-None-Match", "in": "header", "required": False,
    "description": "The tag of the answer that whoever asks has already.",
    "schema": {"type": "string"},
}  # fmt: skip
UNCHANGED: Json = {"description": "Whoever asks has this answer already.", "headers": TAG}
GENERATED = ("HTTPValidationError", "ValidationError")
"""FastAPI's own forms of a refusal, which are never answered."""
SAID = {
    400: "There was an error parsing the body",
    401: "this token is unknown, or was revoked",
    403: "the role agent may not do that (it lacks 'ledger')",
    404: "allectra has no order 'ALL-9999'; `villkor orders` lists them",
    409: "this Idempotency-Key was used for another request",
    413: "a body has at most 2000000 bytes",
    415: "Content-Type: text/plain is not taken",
    422: "as_of: is not a time in ISO 8601",
    503: "the database does not answer; ask again",
}


def document(app: FastAPI) -> Json:
    """An application's document. Raises ValueError where a field of an answer has no example."""
    found = FastAPI.openapi(app)
    shapes = found["components"]["schemas"]
    for name in GENERATED:
        shapes.pop(name, None)
    for method, operation in operations(found):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "example" not in media:
                media["example"] = example(media["schema"], shapes, operation["operationId"])
        answers = operation["responses"]
        if "requestBody" in operation:
            answers.setdefault("400", {"description": "Bad Request"})
        answers.setdefault("503", {"description": "Service Unavailable"})
        for status, answer in answers.items():
            if int(status) >= 400:
                answer["content"] = {MEDIA_TYPE: _problem(int(status))}
                continue
            for media in answer.get("content", {}).values():
                if "example" not in media:
                    media["example"] = example(media["schema"], shapes, operation["operationId"])
        if method == "get":
            operation.setdefault("parameters", []).append(ASKED_BEFORE)
            answers["200"].setdefault("headers", {}).update(TAG)
            answers["304"] = UNCHANGED
        operation["responses"] = dict(sorted(answers.items()))
    return found


def operations(of: Json) -> Iterator[tuple[str, Json]]:
    """(method, operation) of every operation in a document."""
    for operations in of["paths"].values():
        yield from operations.items()


def _problem(status: int) -> Json:
    said = SAID.get(status, HTTPStatus(status).description)
    return {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status,
                    "detail": said},
    }  # fmt: skip


def example(schema: Json, shapes: Json, where: str = "") -> Any:
    """What a value of a schema looks like, by its own example or those of what it is made of."""
    match schema:
        case {"examples": [first, *_]}:
            return first
        case {"$ref": name}:
            called = name.rsplit("/", 1)[1]
            return example(shapes[called], shapes, called)
        case {"const": value} | {"default": value}:
            return value
        case {"enum": [first, *_]}:
            return first
        case {"anyOf": [first, *_]}:
            return example(first, shapes, where)
        case {"type": "array", "items": items}:
            return [example(items, shapes, where)]
        case {"type": "object", "properties": fields}:
            return {name: example(field, shapes, f"{where}.{name}")
                    for name, field in fields.items()}  # fmt: skip
    raise ValueError(f"{where} has no example: {schema}")
