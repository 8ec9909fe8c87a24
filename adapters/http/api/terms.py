"""/v1/terms: the terms of sale, for anyone with a token; editions that orders pinned, as orders."""

from collections import Counter
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from adapters.terms import coverage, editions
from adapters.terms.coverage import Covered
from adapters.http.api.caching import tagged
from adapters.http.api.days import Day
from adapters.http.api.errors import problems
from adapters.http.api.identity import AtDesk, Orders, Somebody
from adapters.http.api.orders import links
from adapters.http.api.terms_models import (
    ClauseShown, Clauses, Comparison, Coverage, Edition, Editions, Says, Sellers,
)  # fmt: skip
from adapters.terms import installed
from domain.calendar import day_of
from domain.errors import Missing, Refused, TermsError, VillkorError
from domain.terms import book as books
from domain.terms.book import Book
from domain.terms.values import as_list

router = APIRouter(prefix="/terms", tags=["terms"])
Seller = Annotated[str, Path(examples=["allectra"])]
OnDay = Annotated[
    Day | None,
    Query(description="The contract's day; today where none is said.", examples=["2026-08-25"]),
]
Marketplace = Annotated[str | None, Query(description="The marketplace whose terms fill the gaps.")]
Place = Literal["enforced", "shown", "not_computable"]
PINNED = """
    select hash as edition, seller, marketplace, day from editions
    where seller = $1 or marketplace = $1 order by day, hash
"""


@router.get(
    "/sellers", response_model=Sellers, operation_id="list_terms",
    responses={200: links({"seller": "$response.body#/sellers/0/seller"}, "get_edition",
                          "list_editions", "list_clauses"), **problems(401)},
)  # fmt: skip
async def list_terms(request: Request, desk: AtDesk, who: Somebody) -> Response:
    """The sellers whose terms are known, and the days on which their terms change."""
    return tagged(request, {
        "sellers": [
            {"seller": name, "values": sum(map(len, values.values())), "since": _turns(values)}
            for name, values in sorted(desk.book.sellers.items())
        ],
        "readings": len(desk.book.readings), "still_valid_on": desk.book.still_valid_on,
    })  # fmt: skip


@router.get(
    "/sellers/{seller}", response_model=Edition, operation_id="get_edition",
    responses=problems(401, 404, 422),
)  # fmt: skip
async def get_edition(
    request: Request, desk: AtDesk, who: Somebody, seller: Seller, day: OnDay = None,
    marketplace: Marketplace = None,
) -> Response:  # fmt: skip
    """What applies to a contract of a day."""
    return tagged(request, _edition(_of_a_day(desk, seller, marketplace, day)))


@router.get(
    "/sellers/{seller}/editions", response_model=Editions, operation_id="list_editions",
    responses={200: links({"seller": "$response.body#/editions/0/seller",
                           "edition": "$response.body#/editions/0/edition"}, "get_pinned_edition"),
               **problems(401, 404)},
)  # fmt: skip
async def list_editions(request: Request, desk: AtDesk, store: Orders, seller: Seller) -> Response:
    """The editions that orders pinned: of this seller, or through it as a marketplace. Those of
    sellers whose orders are there for who asks."""
    _known(desk.book, seller)
    pinned = await store.pool.fetch(PINNED, seller)
    return tagged(request, {"editions": [dict(one) for one in pinned]})


@router.get(
    "/sellers/{seller}/editions/{edition}", response_model=Edition,
    operation_id="get_pinned_edition", responses=problems(401, 404, 422),
)  # fmt: skip
async def get_pinned_edition(
    request: Request, desk: AtDesk, store: Orders, seller: Seller,
    edition: Annotated[str, Path(description="Its hash, or the first 12 letters of it.")],
) -> Response:  # fmt: skip
    """An edition as it was pinned."""
    for one in await store.editions(edition):
        if seller in (one.seller, one.marketplace):
            return tagged(request, _edition(one))
    raise Missing(f"no order of {seller} pinned an edition {edition!r}")


@router.get(
    "/sellers/{seller}/clauses", response_model=Clauses, operation_id="list_clauses",
    responses={200: links({"clause": "$response.body#/clauses/0/clause"}, "get_clause"),
               **problems(401, 404, 422)},
)  # fmt: skip
async def list_clauses(
    request: Request, desk: AtDesk, who: Somebody, seller: Seller, day: OnDay = None,
    marketplace: Marketplace = None,
) -> Response:  # fmt: skip
    """A seller's clauses, each with what enforces it, and its values of a day."""
    edition = _of_a_day(desk, seller, marketplace, day)
    values = [(key, entry) for key, entry in edition.entries.items() if entry]
    return tagged(request, {"edition": edition.hash, "clauses": [
        _clause(one) | {"values": [
            _value(key, entry) for key, entry in values if one.clause.id in entry["clause"]
        ]}
        for one in _covered(desk.book) if one.clause.document in (seller, marketplace)
    ]})  # fmt: skip


@router.get(
    "/clauses/{clause}", response_model=ClauseShown, operation_id="get_clause",
    responses=problems(401, 404),
)  # fmt: skip
async def get_clause(
    request: Request, desk: AtDesk, who: Somebody,
    clause: Annotated[str, Path(examples=["ALL-6.4-3"])],
) -> Response:  # fmt: skip
    """A clause, statute or reading: what it says, and where it is at work."""
    found = coverage.looked_up(clause, desk.book, installed())
    if found["says"] is not None:
        found["says"] = dict.fromkeys(Says.model_fields) | found["says"]
    return tagged(request, found)


@router.get(
    "/coverage", response_model=Coverage, operation_id="get_coverage",
    responses=problems(401, 422),
)  # fmt: skip
async def get_coverage(
    request: Request, desk: AtDesk, who: Somebody,
    seller: Annotated[str | None, Query(description="Only this document's clauses.")] = None,
    place: Annotated[Place | None, Query(description="Only those that have this place.")] = None,
) -> Response:  # fmt: skip
    """Where each clause has its place: enforced, shown, or not computable and why."""
    found = [
        one for one in _covered(desk.book)
        if seller in (None, one.clause.document) and place in (None, one.clause.place)
    ]  # fmt: skip
    faults = coverage.faults(desk.book, installed(), coverage.recorded(), seller)
    counts = Counter(one.clause.place for one in found)
    return tagged(request, {"clauses": [_clause(one) for one in found], "counts": counts,
                            "faults": faults})  # fmt: skip


@router.get(
    "/comparison", response_model=Comparison, operation_id="compare_editions",
    responses=problems(401, 404, 422),
)  # fmt: skip
async def compare_editions(
    request: Request, desk: AtDesk, who: Somebody,
    seller: Annotated[str, Query(examples=["allectra"])],
    one: Annotated[Day, Query(description="A contract's day.", examples=["2026-06-18"])],
    other: Annotated[Day, Query(description="Another one's.", examples=["2026-08-25"])],
    marketplace: Marketplace = None,
) -> Response:  # fmt: skip
    """A seller's terms on two days, the law as it was on each: the values that differ."""
    _known(desk.book, seller)
    try:
        sides = [
            editions.side(f"{seller}@{day}", desk.book, day_of(desk.now), marketplace)
            for day in (one, other)
        ]
    except VillkorError as error:
        raise Refused(str(error)) from error
    return tagged(request, {
        "seller": seller, "one": one, "other": other,
        "values": [
            {"value": key, "one": was or None, "other": now or None}
            for key, was, now in editions.values(*sides)
        ],
    })  # fmt: skip


# -- what the book says ---------------------------------------------------------------------------


def _known(book: Book, seller: str) -> None:
    if seller not in book.sellers:
        sellers = ", ".join(sorted(book.sellers))
        raise Missing(f"there are no terms of {seller!r}; there are those of {sellers}")


def _of_a_day(
    desk: AtDesk, seller: str, marketplace: str | None, day: date | None
) -> books.Edition:
    """The edition of a contract's day. Raises Missing, and Refused where it is not known."""
    _known(desk.book, seller)
    if marketplace is not None:
        _known(desk.book, marketplace)
    try:
        return desk.book.edition(seller, marketplace, day or day_of(desk.now))
    except TermsError as error:
        raise Refused(str(error)) from error


def _edition(found: books.Edition) -> dict[str, Any]:
    return {
        "edition": found.hash, "seller": found.seller, "marketplace": found.marketplace,
        "day": found.day,
        "values": [_value(key, entry) for key, entry in sorted(found.entries.items()) if entry],
    }  # fmt: skip


def _value(key: str, entry: Any) -> dict[str, Any]:
    return {
        "key": key, "value": coverage.worded(entry["value"]), "by": entry["by"],
        "clauses": as_list(entry["clause"]),
        "readings": [{"reading": name, "option": option}
                     for name, option in entry.get("readings", ())],
    }  # fmt: skip


def _covered(book: Book) -> list[Covered]:
    return coverage.covered(book, installed(), coverage.recorded())


def _clause(one: Covered) -> dict[str, Any]:
    clause = one.clause
    return {
        "clause": clause.id, "terms": clause.document, "rule": clause.rule, "place": clause.place,
        "to": clause.to, "where": clause.where, "why": clause.why,
        "policies": one.decided.policies, "scenarios": one.decided.scenarios,
    }  # fmt: skip


def _turns(values: dict[str, list[Any]]) -> list[date]:
    return sorted({one["from"] for entries in values.values() for one in entries})
