"""What goods are credited at that a company gives back by leave of the seller."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from domain.facts import InvoiceIssued, ReturnAssessed
from domain.money import half_up, percent_of
from domain.state import OrderState, Told
from domain.terms.seller_return import SellerReturnTerms

READS = (InvoiceIssued, ReturnAssessed)


@dataclass(slots=True, frozen=True)
class Valued:
    """`goods` öre less `fee` öre, the fee nought where the day price alone decides."""

    goods: int
    fee: int
    clauses: tuple[str, ...]
    readings: tuple[tuple[str, str], ...]


def valued(
    order: OrderState, own: SellerReturnTerms, lines: tuple[str, ...], day_price: int | None,
    freight: int = 0,
) -> Valued:  # fmt: skip
    """The lower of the day price of the lines and their price less the seller-return fee.

    `day_price` is for all of the lines, None where none was told; `freight` is given back too.
    """
    price = sum(order.value(line) for line in lines)
    fee = fee_of(order, own, lines)
    clauses = dict.fromkeys((*own.value.clauses, *own.percent.clauses, *own.least.clauses))
    readings = dict.fromkeys((*own.base.readings, *own.base_vat.readings, *own.value.readings))
    value, taken = price + freight, fee
    if day_price is not None:
        if own.value.value == "lower_price_less_fee":
            value = min(day_price, price) + freight
        elif day_price < price - fee:
            value, taken = day_price + freight, 0
    return Valued(value, taken, tuple(clauses), tuple(readings))


def fee_of(order: OrderState, own: SellerReturnTerms, lines: tuple[str, ...]) -> int:
    """The printed share of the invoice, or of the goods that come back; at least the minimum."""
    base = sum(order.value(line) for line in lines)
    if own.base.value == "whole_invoice":
        base = _invoiced(order, base)
    if own.base_vat.value == "including_vat" and order.order.prices == "excluding_vat":
        base = half_up(base * _gross(order))
    return max(percent_of(base, own.percent.value), own.least.value)


def _invoiced(order: OrderState, goods: int) -> int:
    """The invoice on which the goods stand, VAT as the order's prices have it.

    Of several the smallest that can hold them, against the party that wrote the terms; without
    one, what the order comes to.
    """
    told = [one.last(InvoiceIssued) for one in order.invoices.values()]
    amounts = sorted(
        _as_priced(order, one.fact.amount, one.fact.vat) for one in told if one is not None
    )
    holding = [amount for amount in amounts if amount >= goods]
    if holding or amounts:
        return holding[0] if holding else amounts[-1]
    return order.goods + order.freight


def _as_priced(order: OrderState, amount: int, vat: str | None) -> int:
    """An invoiced amount with or without VAT, as the order's prices are."""
    if vat in (None, vat_of(order)):
        return amount
    return half_up(amount / _gross(order) if vat == "included" else amount * _gross(order))


def _gross(order: OrderState) -> Fraction:
    """What one krona of the order's goods comes to with VAT."""
    net = {line: Fraction(order.value(line)) for line in order.lines}
    if order.order.prices == "including_vat":
        net = {line: value / _rate(order, line) for line, value in net.items()}
    whole = sum(net.values(), Fraction(0))
    if not whole:
        return Fraction(1)
    return sum((value * _rate(order, line) for line, value in net.items()), Fraction(0)) / whole


def vat_of(order: OrderState) -> Literal["included", "excluded"]:
    """Whether figures that follow the order's prices have VAT in them."""
    return "excluded" if order.order.prices == "excluding_vat" else "included"


def _rate(order: OrderState, line: str) -> Fraction:
    return 1 + Fraction(order.lines[line].vat_rate) / 100


def day_price_of(
    order: OrderState, lines: tuple[str, ...], since: Told[Any] | None = None
) -> tuple[int | None, bool]:
    """The day price of the lines by the last assessment of each, and whether none was disapproved.

    None unless every line has one; assessments from before `since` do not count.
    """
    prices: dict[str, int] = {}
    approved = True
    for told in order.all(ReturnAssessed):
        if since is not None and told.place < since.place:
            continue
        named = set(order.named(told.fact.lines)) & set(lines)
        approved = approved and not (named and told.fact.approved is False)
        if told.fact.day_price is not None:
            prices |= {line: told.fact.day_price * order.lines[line].quantity for line in named}
    known = bool(lines) and all(line in prices for line in lines)
    return (sum(prices[line] for line in lines) if known else None), approved
