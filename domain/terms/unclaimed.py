"""What terms and statutes say about parcels that nobody collects or receives."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Days, Money, Term

Legs = Literal["none", "return_leg", "outbound_leg", "round_trip"]
Vat = Literal["included", "excluded", "unspecified"]


@dataclass(slots=True, frozen=True, kw_only=True)
class UnclaimedTerms:
    """The fee for a parcel that was not collected.

    `floor` is charged, and more where a `tariff` may set more. The actual freight of `freight_legs`
    comes on top, or decides where it is larger. It arises when the carrier reports it, or when the
    parcel is back. `express` and `untracked` parcels may be excepted, `early_return` says whether
    the fee is owed when the hold was cut short, `refused` for whom refusing counts as not
    collecting, and `nobody_home` what a vain unloading costs beside the trip. `other_costs` are
    charged only if a person decides so.
    """

    floor: Term[Money]
    tariff: Term[Literal["may_set_more"]] | None
    vat: Term[Vat]
    freight_legs: Term[Legs]
    freight: Term[Literal["added", "if_larger"]] | None
    arises: Term[Literal["at_unclaimed", "at_return"]]
    express: Term[Literal["fee", "no_fee"]] | None
    untracked: Term[Literal["no_fee"]] | None
    early_return: Term[Literal["fee", "no_fee"]] | None
    refused: Term[Literal["nobody", "business", "everybody"]] | None
    nobody_home: Term[Literal["trip", "fee_and_trip"]] | None
    other_costs: Term[Literal["by_decision"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class CollectionTerms:
    """How many days a parcel waits, unless the notification names the last one.

    They are `counted_from` the notification; `not_for` are delivery methods without such a promise.
    """

    days: Term[Days]
    named: Term[Literal["decides"]]
    not_for: Term[tuple[str, ...]] | None
    counted_from: Term[Literal["notification"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class UncollectedTerms:
    """What becomes of goods that came back uncollected.

    `price` says whether it is credited, whole or as a seller return. `handling` and
    `return_freight` come off, unless a wrong address has a fee that covers them. A `shortfall` is
    claimed or dropped.
    """

    price: Term[Literal["contract_stands", "credited", "seller_return"]]
    handling: Term[Money] | None
    return_freight: Term[Money] | None
    wrong_address: Term[Literal["covered", "deducted"]] | None
    shortfall: Term[Literal["dropped", "claimed"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class WrongAddressTerms:
    """The fee for an address that was wrong in the order, once an order or for each parcel."""

    fee: Term[Money]
    vat: Term[Vat]
    charged: Term[Literal["never", "per_order", "per_parcel"]]


@dataclass(slots=True, frozen=True, kw_only=True)
class ReshippingTerms:
    """The new freight of a parcel that is sent again.

    `freight` is what the warehouse told, what the price list has for transport, or a flat amount;
    `was_free` names the clause for orders that were delivered free of freight.
    """

    freight: Term[Literal["told", "price_list", "flat"]]
    flat: Term[Money] | None
    was_free: Term[Literal["told"]] | None
    vat: Term[Vat]


@dataclass(slots=True, frozen=True, kw_only=True)
class UnclaimedLaw:
    """A sum agreed for a consumer who leaves the sale stands if it is reasonable (KKL 7:7)."""

    agreed_sum: Term[bool] | None
