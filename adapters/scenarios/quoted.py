"""Quotes as scenarios and the command line ask for them, and how an expected one is compared."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from domain.decide import pinned
from domain.errors import Refused
from domain.money import kronor, ore
from domain.order import Order
from domain.policies.shipping import cart
from domain.quotes import AnyQuote
from domain.quotes.credit import BEYOND_MEANING, CreditQuote, credit_of, on_credit
from domain.quotes.delivery import ORDINARY, cart_of, delivered, listed_as
from domain.quotes.dispute import settled_by
from domain.terms import Terms
from domain.terms.book import Book
from domain.terms.tariff import TRANSPORT

INPUTS = frozenset(
    {"seller", "marketplace", "goods", "method", "plan", "amount", "months", "dispute_amount",
     "currency"}
)  # fmt: skip
"""What a quote is asked by where there is no order; all else that is expected is its answer."""
COST_CEILING = date(2025, 3, 1)
"""From then on a consumer's credit costs as much as the credit at most (KKrL 19 b, 2024:1238)."""
COUNTS = frozenset({"months"})
"""Whole numbers of a quote that are no amounts."""


def quoted(asked: Mapping[str, Any], book: Book, day: date) -> tuple[str, AnyQuote]:
    """(seller, quote) of what is asked: a cart (`goods`), a credit (`plan`) or a dispute.

    Raises VillkorError where what is asked cannot be understood.
    """
    terms = book.terms(book.edition(_seller(asked, book, day), asked.get("marketplace"), day))
    return terms.seller, _quote(asked, terms)


def looked_up(asked: Mapping[str, Any], book: Book, day: date) -> tuple[str | None, str]:
    """(name, sentence): which name of the tariff a quote looks up, if any, and why that one."""
    if "goods" not in asked:
        return None, "a credit or a dispute looks up nothing in a tariff"
    terms = book.terms(book.edition(_seller(asked, book, day), asked.get("marketplace"), day))
    method, own = str(asked.get("method", ORDINARY)), terms.shipping
    if own is not None and own.standard is not None and method == ORDINARY:
        printed = ", ".join(own.standard.clauses)
        return None, f"the terms of {terms.seller} print the price of this delivery ({printed})"
    name = listed_as(method, own)
    by = f" ({', '.join(own.price_list.clauses)})" if own and own.price_list else ""
    if name == TRANSPORT:
        return name, f"the terms of {terms.seller} have one price of all transport{by}"
    return name, f"the terms of {terms.seller} leave open what this delivery costs{by}"


def quoted_order(asked: Mapping[str, Any], order: Order, book: Book) -> tuple[str, AnyQuote]:
    """The same about an order: its cart, unless something else is asked."""
    terms, _ = pinned(order, book)
    if "plan" in asked or "dispute_amount" in asked:
        return terms.seller, _quote(asked, terms)
    return terms.seller, delivered(cart(order.state), terms)


def _seller(asked: Mapping[str, Any], book: Book, day: date) -> str:
    """Who is asked: as said, else the only one whose terms have the plan."""
    if "seller" in asked:
        return str(asked["seller"])
    plan = str(asked.get("plan", ""))
    editions = [book.edition(seller, None, day) for seller in book.sellers]
    found = [one.seller for one in editions if credit_of(plan, book.terms(one))]
    if len(found) != 1:
        raise Refused(f"seller: {plan or 'what is asked'} is not one seller's alone; say whose")
    return found[0]


def _quote(asked: Mapping[str, Any], terms: Terms) -> AnyQuote:
    if "plan" in asked:
        months = str(asked.get("months", ""))
        if not months.isascii() or not months.isdigit():
            raise Refused(f"months: {months!r} is not a number of months")
        return on_credit(str(asked["plan"]), _amount(asked, "amount"), int(months), terms)
    if "dispute_amount" in asked:
        currency = str(asked.get("currency", "SEK"))
        if len(currency) != 3 or not currency.isalpha() or not currency.isupper():
            raise Refused(f"currency: {currency!r} is not a currency such as EUR")
        return settled_by(_amount(asked, "dispute_amount"), currency, terms)
    return delivered(
        cart_of(_amount(asked, "goods"), str(asked.get("method", "standard")), terms), terms
    )


def _amount(asked: Mapping[str, Any], name: str) -> int:
    if name not in asked:
        raise Refused(f"{name}: a quote needs one")
    try:
        return ore(asked[name])
    except ValueError as error:
        raise Refused(f"{name}: {asked[name]!r} {error}") from error


def figures(seller: str, quote: AnyQuote) -> dict[str, Any]:
    """A quote's fields by their names: amounts in kronor and percentages as decimals."""
    named = {one.name: getattr(quote, one.name) for one in fields(quote) if one.name != "because"}
    shown = {name: value if name in COUNTS else _kronor(value) for name, value in named.items()}
    return {"seller": seller, **shown, "clauses": quote.because.clauses}


def _kronor(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_kronor, value))
    is_amount = isinstance(value, int) and not isinstance(value, bool)
    return Decimal(kronor(value)) if is_amount else value


def remarks(quote: AnyQuote, terms_day: date) -> list[str]:
    """What somebody should know who reads the bare figures of a credit."""
    if not isinstance(quote, CreditQuote) or quote.total is None:
        return []
    found, cost = [], quote.total - quote.amount
    price = f"the credit costs {kronor(cost)} for {kronor(quote.amount)}"
    if quote.effective_rate is None:
        found.append(f"no yearly rate makes the payments worth the credit: {price}")
    elif quote.effective_rate > BEYOND_MEANING:
        found.append(
            f"an effective rate over {BEYOND_MEANING} % is what fixed fees make of a small or "
            f"short credit: {price}"
        )
    if quote.least is not None:
        found.append(
            f"at the least {kronor(quote.least)} is to be paid a month: of the two amounts that "
            "the terms print, the lower"
        )
    if cost > quote.amount and terms_day >= COST_CEILING:
        found.append(
            f"{price}: more than the credit itself, which is the most that a consumer may be made "
            f"to pay since {COST_CEILING} (KKrL-19b; not for an account mainly for purchases, nor "
            "for the purchase of very little); no rule here tests it"
        )
    elif cost > quote.amount:
        found.append(
            f"{price}: more than the credit itself, which a consumer's credit may not cost if it "
            f"is agreed from {COST_CEILING} on (KKrL-19b, with exceptions)"
        )
    return found


def differences(expected: Mapping[str, Any], seller: str, quote: AnyQuote) -> list[str]:
    """Sentences about each expected value that is another, and about those no quote has."""
    got, found = figures(seller, quote), []
    for name, value in expected.items():
        if name == "clauses" and isinstance(value, list):
            missing = ", ".join(one for one in value if one not in got[name])
            found += [f"quote: {missing} is not among its clauses"] if missing else []
        elif name not in got:
            found.append(f"quote: {name} is not understood")
        elif not _equal(value, got[name]):
            found.append(f"quote: expected {name} {value}, got {_worded(got[name])}")
    return found


def _equal(expected: Any, got: Any) -> bool:
    if isinstance(got, tuple):
        same = isinstance(expected, list) and len(expected) == len(got)
        return same and all(map(_equal, expected, got))
    if isinstance(got, (int, Decimal)) and not isinstance(got, bool):
        try:
            return Decimal(expected) == got
        except (ArithmeticError, TypeError, ValueError):
            return False
    return bool(expected == _worded(got))


def _worded(value: Any) -> str:
    """As a scenario writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
