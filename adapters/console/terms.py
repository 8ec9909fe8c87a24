"""Terms: editions by date, one as a contract that can be read, two side by side, a clause."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.terms import clauses, coverage, outcomes, printed
from adapters.scenarios import worked
from adapters.access import Right, Who
from adapters.terms.clauses import Count
from adapters.console.rendering import count, page
from adapters.console.session import desk_of, signed_in
from adapters.http.api.paging import cursor, place
from adapters.http.desk import needs
from adapters.http.downloads import sheet
from adapters.orders import sellers as having_orders
from adapters.terms.printed import Dated
from adapters.queries import Queries
from adapters.terms import installed
from domain.calendar import day_of
from domain.errors import Refused

PLACES = {"enforced": "enforced", "shown": "shown", "not_computable": "not computable"}
MEANINGS = {
    "enforced": "rules decide by them, whenever an order comes to one",
    "shown": "they decide no money; each is told to whom it concerns, where it matters",
    "not_computable": "nothing that is told of an order says whether they hold: a person must look",
}
"""What each place of a clause means."""
LONGEST = 100
"""So many characters of a search are looked for."""
SHOWN = 50
"""So many clauses are listed of those that a search finds."""
OUTCOMES = {
    "fee": ("fee", "fees"), "refund": ("refund", "refunds"),
    "writeoff": ("write-off", "write-offs"), "deadline": ("deadline", "deadlines"),
    "ruling": ("ruling", "rulings"), "decisionneeded": ("decision asked", "decisions asked"),
    "replacement": ("replacement", "replacements"), "closedcase": ("case closed", "cases closed"),
    "information": ("information owed", "pieces of information owed"),
    "acknowledgement": ("acknowledgement owed", "acknowledgements owed"),
    "block": ("delivery held", "deliveries held"),
}  # fmt: skip
"""One and several of each outcome, in words."""


@cache
def recorded() -> Mapping[str, coverage.Decided]:
    """What scenarios decided; read once."""
    return coverage.recorded()


class Tally(NamedTuple):
    """How often something decided, in words, and what in all: by currency, in öre."""

    parts: tuple[tuple[str, Count], ...]
    money: tuple[tuple[str, int], ...]

    @property
    def times(self) -> int:
        return sum(one.standing for _, one in self.parts)


def tally(counts: Iterable[Count]) -> Tally:
    """Of one clause: those that are money come first."""
    in_turn = sorted(counts, key=lambda one: (not one.is_money, -one.standing, one.outcome))
    money: Counter[str] = Counter()
    for one in in_turn:
        if one.is_money:
            money[one.currency] += one.amount
    parts = tuple((_words(one), one) for one in in_turn)
    return Tally(parts, tuple(sorted(money.items())))


def _words(one: Count) -> str:
    single, several = OUTCOMES[one.outcome]
    return f"{count(one.standing)} {single if one.standing == 1 else several}"


# -- pages -----------------------------------------------------------------------------------------


async def sellers(request: Request) -> Response:
    """The sellers whose terms are known, and their editions by date."""
    who, desk = await signed_in(request, Right.ORDERS), desk_of(request)
    book, text = desk.book, (request.query_params.get("text") or "").strip()[:LONGEST]
    if text:
        said = printed.saying(installed(), text)
        return page(request, "terms_found.html", text=text, found=said[:SHOWN], all=len(said),
                    places=PLACES)  # fmt: skip
    async with desk.reader.asking(who) as store:
        through = [one for one in await Queries(store.pool).merchants() if who.sees(one[0])]
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for clause in installed().clauses.values():
        places[clause.document][clause.place] += 1
    rows = [
        {"seller": name, "places": places[name], "editions": _changes(printed.dated(book, name)),
         "merchants": [seller for seller, marketplace in through if marketplace == name]}
        for name in sorted(book.sellers)
    ]  # fmt: skip
    return page(
        request, "terms.html", rows=rows, still_valid_on=book.still_valid_on, places=PLACES,
        text=text, meanings=MEANINGS,
        under=[one for one in through if one[0] not in book.sellers],
    )  # fmt: skip


async def _marketplace(request: Request, who: Who) -> str | None:
    """The marketplace that is said, or the one that a seller without terms of its own sells on."""
    desk, seller = desk_of(request), request.path_params["seller"]
    if told := request.query_params.get("marketplace"):
        return told
    if seller in desk.book.sellers:
        return None
    async with desk.reader.asking(who) as store:
        known = await Queries(store.pool).merchants()
    return next((place for one, place in known if one == seller and who.sees(seller)), None)


def _changes(known: Sequence[Dated]) -> list[tuple[Dated, Dated | None, list[str]]]:
    """Each edition, the one before it, and the keys that differ; the newest first."""
    found = []
    for at, one in enumerate(known):
        before = known[at - 1] if at else None
        found.append((one, before, [] if before is None else _differing(before, one)))
    return found[::-1]


def _differing(one: Dated, other: Dated) -> list[str]:
    return [row.key for row in printed.beside(one.edition, other.edition) if row.change]


async def of_a_seller(request: Request) -> Response:
    """To the edition of today."""
    who = await signed_in(request, Right.ORDERS)
    desk, seller = desk_of(request), request.path_params["seller"]
    printed.dated(desk.book, seller, await _marketplace(request, who))
    today = min(day_of(desk.now), desk.book.still_valid_on)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/terms/{quote(seller, '')}/{today}{query}", 303)


async def edition(request: Request) -> Response:
    """An edition, clause by clause, as a contract that can be printed."""
    who = await signed_in(request, Right.ORDERS)
    desk, path = desk_of(request), request.path_params
    marketplace = await _marketplace(request, who)
    known = printed.dated(desk.book, path["seller"], marketplace)
    shown = printed.edition_of(desk.book, path["seller"], path["edition"], marketplace)
    async with desk.reader.asking(who) as store:
        counts = await clauses.counts(store.pool)
        behind = await clauses.behind(store.pool)
    documents = printed.documents(
        shown.edition, desk.book, installed(), recorded(), worked.recorded()
    )
    only = query_place(request)
    hashes = [one.edition.hash for one in known]
    at = hashes.index(shown.edition.hash) if shown.edition.hash in hashes else None
    return page(
        request, "terms_edition.html", seller=path["seller"], shown=shown, documents=documents,
        heading=printed.heading, opening=printed.opening,
        statutes=printed.statutes(shown.edition, installed()), behind=behind, places=PLACES,
        tallies={id: tally(some) for id, some in counts.items()}, marketplace=marketplace,
        only=only, meanings=MEANINGS,
        before=known[at - 1] if at else None,
        after=known[at + 1] if at is not None and at + 1 < len(known) else None,
    )  # fmt: skip


def query_place(request: Request) -> str | None:
    """The place that clauses are narrowed to. Raises Refused where there is no such place."""
    told = request.query_params.get("place") or None
    if told is not None and told not in PLACES:
        raise Refused(f"place: {told!r} is none of {', '.join(PLACES)}")
    return told


async def compare(request: Request) -> Response:
    """Two editions of a seller side by side, with what changed."""
    who = await signed_in(request, Right.ORDERS)
    book, seller, query = desk_of(request).book, request.path_params["seller"], request.query_params
    marketplace = await _marketplace(request, who)
    known = printed.dated(book, seller, marketplace)
    if not query.get("a") or not query.get("b"):
        a, b = known[max(len(known) - 2, 0)], known[-1]
    else:
        a, b = (printed.edition_of(book, seller, query[name], marketplace) for name in "ab")
    rows = printed.beside(a.edition, b.edition)
    changed = [row for row in rows if row.change]
    if (everything := query.get("all")) not in (None, "", "1"):
        raise Refused(f"all: {everything!r} is neither 1 nor nothing")
    return page(
        request, "terms_compare.html", seller=seller, a=a, b=b, known=known, changed=len(changed),
        same=len(rows) - len(changed), rows=rows if everything else changed, all=everything,
        marketplace=marketplace,
    )  # fmt: skip


async def clause(request: Request) -> Response:
    """One clause, statute or open reading: what it says, what it gives, what it decided."""
    who = await signed_in(request, Right.ORDERS)
    desk, id = desk_of(request), request.path_params["id"]
    about = printed.about(id, desk.book, installed())
    async with desk.reader.asking(who) as store:
        counts = await clauses.counts(store.pool, [id])
        behind = await clauses.behind(store.pool)
    by = recorded().get(id, coverage.Decided())
    known = worked.recorded()
    return page(
        request, "terms_clause.html", about=about, by=by, places=PLACES, behind=behind,
        tally=tally(counts.get(id, ())), known_sellers=desk.book.sellers,
        examples=[known[one] for one in by.scenarios if one in known],
    )  # fmt: skip


async def decided(request: Request) -> Response:
    """What a clause decided in a seller's orders: some hundred of them, or those before."""
    who, query = await signed_in(request, Right.ORDERS), request.query_params
    desk, id = desk_of(request), request.path_params["id"]
    printed.about(id, desk.book, installed())
    async with desk.reader.asking(who) as store:
        shops = await having_orders(store.pool)
        seller = query.get("seller") or (shops[0] if shops else "")
        needs(who, Right.ORDERS, seller)
        after = place(query.get("after") or None, outcomes.Place)
        found = await outcomes.naming(store.pool, seller, id, after)
    if query.get("format") == "csv":
        return await sheet(f"{id}-{seller}", lambda out: outcomes.sheet(out, found.rows))
    return page(
        request, "terms_decided.html", id=id, seller=seller, sellers=shops, found=found,
        words={name: one[0] for name, one in OUTCOMES.items()},
        more=None if found.next is None else cursor(found.next),
    )  # fmt: skip


ROUTES = (
    Route("/terms", sellers),
    Route("/terms/clause/{id}", clause),
    Route("/terms/clause/{id}/decided", decided),
    Route("/terms/{seller}", of_a_seller),
    Route("/terms/{seller}/compare", compare),
    Route("/terms/{seller}/{edition}", edition),
)
