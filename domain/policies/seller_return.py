"""What goods are credited at that a company gives back by leave of the seller."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from domain.facts import InvoiceIssued, ReturnAssessed
from domain.money import half_up, percent_of
from domain.policies import prices as price_changes
from domain.policies.prices import prices
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.seller_return import SellerReturnTerms

READS = (*price_changes.READS, InvoiceIssued, ReturnAssessed)


@dataclass(slots=True, frozen=True)
class Valued:
    """`goods` öre less `fee` öre, the fee nought where the day price alone decides."""

    goods: int
    fee: int
    clauses: tuple[str, ...]
    readings: tuple[tuple[str, str], ...]
    figures: Mapping[str, str | int]
    """What it was reckoned from, by name."""


def valued(
    order: OrderState, terms: Terms, own: SellerReturnTerms, pieces: Mapping[str, int],
    day_price: int | None, freight: int = 0,
) -> Valued:  # fmt: skip
    """The lower of the day price of the goods and their price less the seller-return fee.

    `pieces` is how many come back of each line; `day_price` is for all of them, None where none was
    told; `freight` is given back too.
    """
    held = prices(order, terms)
    price = sum(held[line] * count for line, count in pieces.items())
    base = _base(order, own, price)
    fee = max(percent_of(base, own.percent.value), own.least.value)
    clauses = dict.fromkeys((*own.value.clauses, *own.percent.clauses, *own.least.clauses))
    readings = dict.fromkeys((*own.base.readings, *own.base_vat.readings, *own.value.readings))
    value, taken = price + freight, fee
    if day_price is not None:
        if own.value.value == "lower_price_less_fee":
            value = min(day_price, price) + freight
        elif day_price < price - fee:
            value, taken = day_price + freight, 0
    figures: dict[str, str | int] = {
        "goods_price": price, "percent": str(own.percent.value), "base_amount": base,
        "least_fee": own.least.value,
    }  # fmt: skip
    if day_price is not None and (value, taken) != (price + freight, fee):
        figures["day_price"] = day_price
    return Valued(value, taken, tuple(clauses), tuple(readings), figures)


def _base(order: OrderState, own: SellerReturnTerms, price: int) -> int:
    """What the printed share is of: the invoice, or the goods that come back."""
    base = price
    if own.base.value == "whole_invoice":
        base = _invoiced(order, base)
    if own.base_vat.value == "including_vat" and order.order.prices == "excluding_vat":
        base = half_up(base * order.gross)
    return base


def _invoiced(order: OrderState, goods: int) -> int:
    """The invoice on which the goods stand, VAT as the order's prices have it.

    Of several the smallest that can hold them, against the party that wrote the terms; without
    one, what the order comes to.
    """
    told = [one.last(InvoiceIssued) for one in order.invoices.values()]
    amounts = sorted(
        order.as_priced(one.fact.amount, one.fact.vat) for one in told if one is not None
    )
    holding = [amount for amount in amounts if amount >= goods]
    if holding or amounts:
        return holding[0] if holding else amounts[-1]
    return order.goods + order.freight


def vat_of(order: OrderState) -> Literal["included", "excluded"]:
    """Whether figures that follow the order's prices have VAT in them."""
    return "excluded" if order.order.prices == "excluding_vat" else "included"


def day_price_of(
    order: OrderState, pieces: Mapping[str, int], since: Told[Any] | None = None
) -> tuple[int | None, bool]:
    """The day price of the pieces by the last assessment of each line, and whether all are well.

    None unless every line has one; assessments from before `since` do not count.
    """
    prices: dict[str, int] = {}
    approved = True
    for told in order.all(ReturnAssessed):
        if since is not None and told.at < since.at:
            continue
        named = set(order.named(told.fact.lines)) & set(pieces)
        approved = approved and not (named and told.fact.approved is False)
        if told.fact.day_price is not None:
            prices |= {line: told.fact.day_price * pieces[line] for line in named}
    known = bool(pieces) and all(line in prices for line in pieces)
    return (sum(prices[line] for line in pieces) if known else None), approved
