"""What terms say about who may pay how, from what order value, and for which goods."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Money, Term

Method = Literal[
    "card", "swish", "cash", "advance", "klarna_invoice", "klarna_account", "payson_invoice",
    "part_payment", "invoice",
]  # fmt: skip
Methods = tuple[Method, ...]
Offer = Literal["everyone", "companies"]


@dataclass(slots=True, frozen=True, kw_only=True)
class PaymentMethodTerms:
    """A key for each method says to whom it is offered; `others` are refused, or not spoken of.
    `presumed` is what is meant where nothing was chosen; what is paid by `paid_first` is delivered
    once it is paid.

    Who buys in person, or fetches the goods, may pay by `in_person`, which for a consumer's
    purchase in person are the only ones. Some methods are for order values `over` a limit, freight
    and VAT included, which binds everyone or consumers (`over_binds`). `persons` are for consumers
    of age and registered in the country, `firms` for registered companies. `plan` needs a chosen
    credit period. A person may refuse after the checks of card, invoice and credit, or because a
    method is likely to be misused (`may_reject`); some are then not delivered either.

    Of the methods `goods_of`, line categories that are `prohibited` are refused and those that are
    `restricted` wait for a person; `health` says which of the two holds of `health_goods`.
    """

    card: Term[Offer] | None
    swish: Term[Offer] | None
    cash: Term[Offer] | None
    advance: Term[Offer] | None
    klarna_invoice: Term[Offer] | None
    klarna_account: Term[Offer] | None
    payson_invoice: Term[Offer] | None
    part_payment: Term[Offer] | None
    invoice: Term[Offer] | None
    others: Term[Literal["refused"]] | None
    presumed: Term[Method] | None
    paid_first: Term[Methods] | None
    in_person: Term[Methods] | None
    over: Term[Mapping[Method, Money]] | None
    over_binds: Term[Literal["everyone", "consumers"]] | None
    persons: Term[Methods] | None
    firms: Term[Methods] | None
    plan: Term[Methods] | None
    card_check: Term[Methods] | None
    invoice_check: Term[Methods] | None
    credit_check: Term[Methods] | None
    may_reject: Term[Methods] | None
    no_delivery: Term[Methods] | None
    goods_of: Term[Methods] | None
    prohibited: Term[tuple[str, ...]] | None
    restricted: Term[tuple[str, ...]] | None
    health_goods: Term[tuple[str, ...]] | None
    health: Term[Literal["restricted", "prohibited"]] | None
