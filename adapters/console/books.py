"""What the pages of the ledger share: what is asked of them, and what goes from page to page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right, Who
from adapters.console.rendering import address, page, with_query
from adapters.console.session import desk_of, signed_in
from adapters.http.desk import needs
from adapters.ledger.sheets import For
from adapters.ledger.told import span_of
from adapters.ledger.trial import EVER, Balance, Span
from adapters.orders import sellers
from adapters.postgres.store import Store
from domain.calendar import add_months
from domain.errors import Missing, Refused
from domain.words import word

KEPT = ("seller", "month", "from", "to", "as_of")
"""What a link from one page of the ledger to another takes along."""
KNOWN = {
    *KEPT, "before", "after", "customer", "marketplace", "format", "for", "currency", "company",
    "orgnr", "year_starts",
}  # fmt: skip
"""All that a page of the ledger can be asked."""
FIRST_PAGE = {"before": None, "after": None}
"""What a link to the first page leaves out."""
PARTS = re.compile(r"[A-Z][a-z]*")
TABS = (
    ("Balances", "/ledger"), ("Customers", "/ledger/customers"), ("Sellers", "/ledger/sellers"),
    ("VAT", "/ledger/vat"), ("Ageing", "/ledger/ageing"), ("Months", "/ledger/periods"),
)  # fmt: skip


@dataclass(slots=True, frozen=True)
class Asked:
    """Who asks, for whose books, and for which months."""

    who: Who
    seller: str | None
    span: Span
    query: dict[str, str]

    def at(self, path: str, **changed: Any) -> str:
        """The address of another page for the same books and months."""
        kept = {name: self.query[name] for name in KEPT if name in self.query}
        return address(path, kept, **changed)

    def month(self, by: int) -> dict[str, str | None]:
        """What asks for the month before or after, of one month."""
        return {"month": f"{add_months(self.span.first, by):%Y-%m}", "from": None, "to": None,
                **FIRST_PAGE}  # fmt: skip

    @property
    def is_month(self) -> bool:
        return self.span.first == self.span.last

    @property
    def words(self) -> str:
        """The months in words."""
        first, last, as_of = self.span.first, self.span.last, self.span.as_of
        booked = f", as booked up to {as_of}" if as_of != EVER[1] else ""
        if first == last:
            return f"{first:%B %Y}{booked}"
        since = "" if first == EVER[0] else f"from {first:%B %Y} "
        until = "" if last == EVER[1] else f"to {last:%B %Y}"
        return (since + until).strip() + booked if since or until else f"all months{booked}"

    @property
    def name(self) -> str:
        """For a file: `allectra-2026-09`."""
        months = dict.fromkeys(
            f"{one:%Y-%m}" for one in (self.span.first, self.span.last) if one not in EVER
        )
        return "-".join([self.seller or "ledger", *months])


async def asked(request: Request) -> Asked:
    """What is asked of a page of the ledger. Raises Forbidden, SignedOut and Refused."""
    who = await signed_in(request, Right.LEDGER)
    query = {name: told.strip() for name, told in request.query_params.items() if told.strip()}
    for name in query.keys() - KNOWN:
        raise Refused(f"{name}: the ledger is not asked so; choose months and days in its form")
    seller = query.get("seller")
    if seller is not None:
        needs(who, Right.LEDGER, seller)
    span = span_of(query.get("month"), query.get("from"), query.get("to"), query.get("as_of"))
    return Asked(who, seller, span, query)


async def sellers_of(request: Request, store: Store, seller: str | None) -> list[str]:
    """Whose books somebody can choose from. Raises Missing where nobody is called so: none has
    such orders, or terms."""
    known = await sellers(store.pool)
    if seller is not None and seller not in (*known, *desk_of(request).book.sellers):
        names = ", ".join(known)
        raise Missing(f"nobody is called {seller!r}{names and f'; there are {names}'}")
    return known


def as_sheet(request: Request) -> For | None:
    """Whom a file is for, where one is asked for. Raises Refused."""
    told = request.query_params.get("for") or For.PROGRAMS
    if told not in set(For):
        raise Refused(f"for: {told!r} is neither programs nor excel")
    return For(told) if request.query_params.get("format") == "csv" else None


def ledger_page(request: Request, template: str, asking: Asked, **told: Any) -> Response:
    """A page of the ledger, with its tabs and what is asked."""
    as_csv = with_query(request, format="csv", **FIRST_PAGE)
    as_excel = with_query(request, format="csv", **FIRST_PAGE, **{"for": For.EXCEL})
    return page(request, template, asking=asking, ledger_tabs=TABS, as_csv=as_csv,
                as_excel=as_excel, spoken=spoken, **told)  # fmt: skip


class Group(NamedTuple):
    """The accounts of a seller in one currency, and what they come to."""

    seller: str
    currency: str
    accounts: Sequence[Balance]

    @property
    def opening(self) -> int:
        return sum(one.opening for one in self.accounts)

    @property
    def debit(self) -> int:
        return sum(one.debit for one in self.accounts)

    @property
    def credit(self) -> int:
        return sum(one.credit for one in self.accounts)

    @property
    def closing(self) -> int:
        return sum(one.closing for one in self.accounts)

    @property
    def balances(self) -> bool:
        """Whether opening, movement and closing each come to 0."""
        return self.opening == 0 == self.closing and self.debit == self.credit


def grouped(balances: Iterable[Balance]) -> list[Group]:
    """By seller and currency."""
    found: dict[tuple[str, str], list[Balance]] = {}
    for one in balances:
        found.setdefault((one.seller, one.currency), []).append(one)
    return [Group(*key, accounts) for key, accounts in found.items()]


def spoken(what: str) -> str:
    """What an entry is of, as people say it: `FeeRaised return_freight` is `Fee raised: return
    freight`."""
    event, *rest = what.split(" ")
    words = " ".join(part.lower() for part in PARTS.findall(event)).capitalize()
    return ": ".join([words or event, *map(word, rest)])
