"""What the pages of the ledger share: what is asked of them, and what goes from page to page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right, Who
from adapters.console.rendering import page
from adapters.console.session import signed_in
from adapters.http.desk import needs
from adapters.ledger.told import span_of
from adapters.ledger.trial import EVER, Balance, Span
from adapters.orders import sellers
from adapters.postgres.store import Store
from domain.calendar import add_months
from domain.words import word

KEPT = ("seller", "month", "from", "to", "as_of")
"""What a link from one page of the ledger to another takes along."""
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
        kept = {name: self.query[name] for name in KEPT if name in self.query} | changed
        told = urlencode({name: value for name, value in kept.items() if value not in (None, "")})
        return path + (f"?{told}" if told else "")

    def month(self, path: str, by: int) -> str:
        """The same page for the month before or after, of one month."""
        month = f"{add_months(self.span.first, by):%Y-%m}"
        return self.at(path, month=month, **{"from": None, "to": None})

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
    seller = query.get("seller")
    if seller is not None:
        needs(who, Right.LEDGER, seller)
    span = span_of(query.get("month"), query.get("from"), query.get("to"), query.get("as_of"))
    return Asked(who, seller, span, query)


async def sellers_of(store: Store, who: Who) -> list[str]:
    """Whose books somebody can choose from."""
    return await sellers(store.pool)


def ledger_page(request: Request, template: str, asking: Asked, **told: Any) -> Response:
    """A page of the ledger, with its tabs and what is asked."""
    as_csv = asking.at(request.url.path, format="csv") if "format" not in asking.query else ""
    return page(request, template, asking=asking, ledger_tabs=TABS, as_csv=as_csv, spoken=spoken,
                **told)  # fmt: skip


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
