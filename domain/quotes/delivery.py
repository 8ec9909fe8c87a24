"""What a cart costs delivered: goods, the price of delivery, and their total."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from domain.outcomes import Because
from domain.quotes.limits import HOME, limit_in, worded
from domain.quotes.reasons import because
from domain.terms import Terms
from domain.terms.shipping import ShippingTerms
from domain.terms.tariff import TRANSPORT
from domain.terms.values import Term

ORDINARY, COLLECTED = "standard", "pickup"
Vat = Literal["included", "excluded"]


@dataclass(slots=True, frozen=True, kw_only=True)
class Cart:
    """Goods and how they are delivered; `price` is what the seller asks for the delivery.

    Amounts are in minor units, with or without VAT as `vat` says (`vat_by`: the words that do, if
    the order itself does not); `gross` is the goods with it.
    """

    goods: int
    gross: Fraction
    method: str = ORDINARY
    price: int | None = None
    currency: str = HOME
    vat: Vat = "included"
    vat_by: Term[Vat] | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class CartQuote:
    """`shipping` and `total` are None where nobody can know them before a person has said."""

    goods: int
    shipping: int | None
    total: int | None
    method: str
    currency: str
    vat: Vat
    because: Because


def cart_of(goods: int, method: str, terms: Terms, rate: Decimal = Decimal(25)) -> Cart:
    """A cart of so many öre, priced as the seller's terms price goods, at one VAT rate."""
    by = terms.shipping.vat if terms.shipping else None
    included = by is None or by.value == "included"
    gross = goods * (1 if included else 1 + Fraction(rate) / 100)
    return Cart(
        goods=goods, gross=Fraction(gross), method=method,
        vat="included" if included else "excluded", vat_by=by,
    )  # fmt: skip


def delivered(cart: Cart, terms: Terms) -> CartQuote:
    """The quote for a cart. What the seller asks for this delivery goes before the terms' prices,
    and free delivery before both.
    """
    rule, price, words = _price(cart, terms)
    inputs: dict[str, Any] = {"goods": cart.goods, "method": cart.method}
    limit = terms.shipping.free_over if terms.shipping else None
    if limit is not None and limit in words:
        inputs["limit"] = worded(cart.currency, limit.value, terms.rates)
    if price is not None:
        inputs["delivery_price"] = price
    steps = (("goods", cart.goods), *((("delivery", price),) if price is not None else ()))
    return CartQuote(
        goods=cart.goods, shipping=price, total=None if price is None else cart.goods + price,
        method=cart.method, currency=cart.currency, vat=cart.vat,
        because=because(rule, inputs, (*words, cart.vat_by), steps),
    )  # fmt: skip


Priced = tuple[str, int | None, tuple[Term[Any], ...]]
"""The rule that decides, the price of delivery if it is known, and the words that say so."""


def _price(cart: Cart, terms: Terms) -> Priced:
    own = terms.shipping
    asked, by = _asked(cart, terms)
    if own is None:
        rule = "delivery" if asked is not None else "delivery_silent"
        return rule, asked, _words(by)
    if own.in_price is not None and own.in_price.value:
        return "delivery_in_price", 0, _words(own.in_price)
    words = _words(own.in_price)
    if _may_be_free(own, cart.method):
        assert own.free_over is not None
        words = _words(own.in_price, own.free_over, _scope(own, cart.method))
        limit = limit_in(cart.currency, own.free_over.value, terms.rates)
        if limit is not None and cart.gross > limit:
            return "delivery_free", 0, words
        if limit is None and cart.price is None and asked != 0:
            return "delivery_no_rate", None, words
    elif own.free_over is not None:
        words = _words(own.in_price, _scope(own, cart.method))
    if asked is None:
        return "delivery_no_price", None, (*words, *_words(own.price_list))
    rule = "collected" if cart.method == COLLECTED and not asked else "delivery"
    return rule, asked, (*words, *_words(by))


def _words(*terms: Term[Any] | None) -> tuple[Term[Any], ...]:
    return tuple(term for term in terms if term is not None)


def _may_be_free(own: ShippingTerms, method: str) -> bool:
    """Whether free delivery of a large order reaches a method."""
    if own.free_over is None or method == COLLECTED:
        return False
    scope = own.free_methods
    return method == ORDINARY or scope is None or scope.value == "every_method"


def _scope(own: ShippingTerms, method: str) -> Term[Any] | None:
    """The words on which methods are free; nobody doubts the ordinary one."""
    return None if method in (ORDINARY, COLLECTED) else own.free_methods


def _asked(cart: Cart, terms: Terms) -> tuple[int | None, Term[Any] | None]:
    """The price of a delivery that is not free, and the words that print it or refer to a list.

    A printed price is in kronor, with VAT as the terms' prices are: for a cart priced otherwise it
    is none.
    """
    own = terms.shipping
    listed_by = own.price_list if own else None
    if cart.price is not None:
        stated = own.checkout if own else None
        return cart.price, stated or (listed_by if cart.method != ORDINARY else None)
    printed = own.standard if own and cart.method == ORDINARY else None
    same = own is not None and cart.currency == HOME and _vat(own) == cart.vat
    if printed is not None and same:
        return printed.value, printed
    listed = terms.tariff.get(listed_as(cart.method, own))
    if listed is not None:
        return listed.value, listed_by or listed
    return (0 if cart.method == COLLECTED else None), None


def listed_as(method: str, own: ShippingTerms | None) -> str:
    """Under which name of the tariff the price of a method is, where none is printed."""
    by = own.price_list if own else None
    one_price = method != COLLECTED and by is not None and by.value == "one_price"
    return TRANSPORT if one_price else method


def _vat(own: ShippingTerms) -> Vat:
    return own.vat.value if own.vat else "included"
