"""The API's OpenAPI document (3.1): what FastAPI generates from the operations' types, finished.

Every body and answer gets an example, put together from those of its fields; every GET its entity
tag; every problem its one media type.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from adapters.http.api.said import said, unknown
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


def document(app: FastAPI) -> Json:
    """An application's document.

    Raises ValueError where a field of an answer has no example, KeyError where a problem has none.
    """
    found = FastAPI.openapi(app)
    shapes = found["components"]["schemas"]
    for name in GENERATED:
        shapes.pop(name, None)
    for method, operation in operations(found):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "example" not in media:
                media["example"] = example(media["schema"], shapes, operation["operationId"])
        answers = operation["responses"]
        slip = "422" not in answers or _is_generated(answers["422"])
        if slip:  # of its parameters none can be wrong
            answers["422"] = {"description": "Unprocessable Content"}
        if "terms" not in operation["tags"] and "seller" in asked_of(operation):
            answers.setdefault("403", {"description": "Forbidden"})  # terms are for all
        answers.setdefault("503", {"description": "Service Unavailable"})
        for status, answer in answers.items():
            if int(status) >= 400:
                told = unknown("colour", asked_of(operation)) if slip and status == "422" else None
                answer["content"] = {MEDIA_TYPE: _problem(int(status), operation, told)}
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


def asked_of(operation: Json) -> list[str]:
    """What an operation can be asked with behind its path."""
    told = operation.get("parameters", ())
    return [one["name"] for one in told if one["in"] == "query"]


def _is_generated(answer: Json) -> bool:
    schemas = [media.get("schema", {}) for media in answer.get("content", {}).values()]
    return any(one.get("$ref", "").endswith(GENERATED) for one in schemas)


def _problem(status: int, operation: Json, told: str | None) -> Json:
    sentence = told or said(status, operation["operationId"], *operation["tags"])
    return {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status,
                    "detail": sentence},
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
