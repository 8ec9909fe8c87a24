"""What terms say about return cases: their numbers, their periods and what they cost."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.complaint import Span
from domain.terms.values import Days, Money, Term

FeeVat = Literal["included", "excluded"]


@dataclass(slots=True, frozen=True, kw_only=True)
class RmaTerms:
    """The course of a return case.

    `number` are the words on its number. The goods arrive within `arrival` of `arrival_from`, else
    the case closes, with the claim or without it (`closing`); `agent` is whether a parcel at an
    agent has not arrived. `doa` and `sales_return` are working days from the invoice in which such
    a case is applied for. It is applied for at `apply_to`, with what must be `stated` of each
    product, and sent to `address`, with what a complaint (`enclosed`) or a warranty case must have.
    """

    number: Term[bool]
    apply_to: Term[str] | None
    stated: Term[tuple[Literal["model", "serial", "fault"], ...]] | None
    address: Term[str] | None
    enclosed: Term[Literal["delivery_note"]] | None
    enclosed_warranty: Term[Literal["delivery_note_and_number"]] | None
    arrival: Term[Span] | None
    arrival_from: Term[Literal["rma_issued", "rma_requested"]] | None
    closing: Term[Literal["case_only", "claim_lost"]] | None
    agent: Term[bool] | None
    doa: Term[Days] | None
    sales_return: Term[Days] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class Charge:
    """A fee of a kind: `amount` öre, or what the tariff has under `tariff`.

    `in_warranty` names its kind in a warranty case. A finding that is `unhandled` ends the case.
    """

    kind: str
    amount: Money | None = None
    tariff: str | None = None
    in_warranty: str | None = None
    unhandled: bool = False


@dataclass(slots=True, frozen=True, kw_only=True)
class InspectionTerms:
    """What each finding of the workshop costs the customer (silent: nothing).

    `grounds` says whether several grounds on one case add up. `faultless_scope` and
    `faultless_window` limit the fee for a faultless item (silent: they do not). `technician` is
    the price of a started hour, `technician_beside` whether it comes beside the fee for a
    faultless item or in its place. `partner_cost` may be passed on, but for a fault where it is
    then free (`partner_free`); `partner_case` says whether a fixed fee is then a person's decision
    too. `unlocked` and `described` ask the customer to send devices in unlocked and their fault
    described. `foreign_system` may be charged for. `disguised` is
    a withdrawal sent in as a complaint, `disguised_by` whom it binds. `justified` says whether a
    consumer's justified complaint bears fees for a poor description or a locked device. `slip`
    adds the seller's return slip to the fee. The way back is the customer's on a denied complaint
    (`way_back`) or warranty case, or in every case of a company.
    """

    vat: Term[FeeVat] | None
    faultless: Term[Charge] | None
    physical_damage: Term[Charge] | None
    liquid_damage: Term[Charge] | None
    mishandled: Term[Charge] | None
    third_party_software: Term[Charge] | None
    illegal_software: Term[Charge] | None
    locked_device: Term[Charge] | None
    bad_description: Term[Charge] | None
    unlocked: Term[bool] | None
    described: Term[bool] | None
    grounds: Term[Literal["once_per_case", "per_ground"]] | None
    faultless_scope: (
        Term[
            Literal["complaint", "warranty_sent_abroad", "any_warranty_case", "any_faultless_case"]
        ]
        | None
    )
    faultless_window: Term[Literal["printed", "statutory"]] | None
    technician: Term[Money] | None
    technician_beside: Term[Literal["instead", "beside"]] | None
    technician_sum: Term[Literal["sum_first", "each_session"]] | None
    technician_scope: Term[Literal["faultless_only", "always"]] | None
    partner_cost: Term[bool] | None
    partner_free: Term[bool] | None
    partner_case: Term[Literal["fixed_fee_stands", "all_discretionary"]] | None
    foreign_system: Term[bool] | None
    disguised: Term[Charge] | None
    disguised_by: Term[Literal["business_only", "everybody"]] | None
    justified: Term[Literal["struck", "stands"]] | None
    slip: Term[Literal["both_legs", "way_back_only"]] | None
    way_back: Term[bool] | None
    way_back_warranty: Term[bool] | None
    way_back_business: Term[bool] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class RmaFeeTerms:
    """A printed list of what returns cost, in öre.

    A return without an approved `number` asks a person to choose. `deviating` ones cost
    `handling`. What was not bought here or is damaged is not approved: `not_approved` and
    `freight`, once a return or a product (`not_approved_per`, `freight_per`), with `handling` or
    without (`not_approved_handling`); damage by poor packaging and incomplete DOA returns as
    `packaging_damage` and `incomplete_doa` say. Faultless goods cost `examination` a product and
    freight. `scrapping` is what is left of the fees when the product is scrapped instead,
    `scrapped_packaging` when poor packaging had let it be damaged.
    """

    vat: Term[FeeVat]
    examination: Term[Money]
    not_approved: Term[Money]
    handling: Term[Money]
    freight: Term[Money]
    number: Term[bool]
    deviating: Term[bool]
    disapproved: Term[bool]
    faultless: Term[bool]
    not_approved_per: Term[Literal["per_return", "per_product"]]
    freight_per: Term[Literal["parcel", "product"]]
    not_approved_handling: Term[Literal["not_approved_only", "with_handling"]]
    packaging_damage: Term[Literal["handling_and_freight", "not_approved"]]
    incomplete_doa: Term[Literal["not_approved", "handling_fee"]]
    scrapping: Term[Literal["none", "not_approved_without_freight"]]
    scrapped_packaging: Term[Literal["none"]]
