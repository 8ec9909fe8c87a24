"""Terms of sale and statutes as typed, frozen models; the values are in the TOML files beside.

One section a situation, in a file named like its policy. A seller whose terms have no such section
has None there: its terms are silent on the subject.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from domain.money import ore
from domain.terms.cancellation import CancellationTerms, CancelledUncollectedTerms
from domain.terms.complaint import ComplaintTerms, SaleLaw
from domain.terms.contract import ContractTerms
from domain.terms.credit_stop import CreditStopTerms
from domain.terms.customer import CustomerTerms
from domain.terms.change import ChangeTerms
from domain.terms.damage import DamageTerms, ReportLaw, ReportTerms
from domain.terms.delivery import (
    DelayLaw, DelayTerms, DeliveryTerms, ForceMajeureTerms, ShipmentTerms, UndeliverableTerms,
)  # fmt: skip
from domain.terms.dispute import DisputeTerms
from domain.terms.invoice import CreditTerms, InvoiceTerms, PaymentLaw
from domain.terms.payment_method import PaymentMethodTerms
from domain.terms.personal_data import AccountTerms, BookkeepingLaw, PersonalDataTerms
from domain.terms.placing import PlacingTerms
from domain.terms.purchase_guarantee import PurchaseGuaranteeTerms
from domain.terms.rma import InspectionTerms, RmaFeeTerms, RmaTerms
from domain.terms.seller_return import SellerReturnTerms
from domain.terms.sending_back import SendingBackTerms
from domain.terms.shipping import ShippingTerms
from domain.terms.unclaimed import (
    CollectionTerms, ReshippingTerms, UnclaimedLaw, UnclaimedTerms, UncollectedTerms,
    WrongAddressTerms,
)  # fmt: skip
from domain.terms.values import Entry, Term, as_list, build, required_of
from domain.terms.warranty import WarrantyTerms
from domain.terms.withdrawal import (
    ExclusionTerms, NoticeTerms, ReturnTerms, WayBackTerms, WithdrawalLaw, WithdrawalTerms,
)  # fmt: skip


@dataclass(slots=True, frozen=True, kw_only=True)
class Law:
    """The statutes in force on the contract's day; series are chosen by another day."""

    payment: PaymentLaw
    bookkeeping: BookkeepingLaw
    unclaimed: UnclaimedLaw
    withdrawal: WithdrawalLaw
    report: ReportLaw
    delay: DelayLaw
    sale: SaleLaw
    danish_sale: SaleLaw


@dataclass(slots=True, frozen=True, kw_only=True)
class Terms:
    """What an order lives under.

    `tariff` has amounts in öre that the printed terms leave open, by fee kind or delivery method;
    `rates` has kronor for one unit of a foreign currency.
    """

    seller: str
    marketplace: str | None
    edition: str
    tariff: Mapping[str, Term[int]]
    rates: Mapping[str, Decimal]
    law: Law
    contract: ContractTerms | None
    placing: PlacingTerms | None
    cancellation: CancellationTerms | None
    unclaimed: UnclaimedTerms | None
    collection: CollectionTerms | None
    uncollected: UncollectedTerms | None
    cancelled_uncollected: CancelledUncollectedTerms | None
    wrong_address: WrongAddressTerms | None
    reshipping: ReshippingTerms | None
    seller_return: SellerReturnTerms | None
    customer: CustomerTerms | None
    invoice: InvoiceTerms | None
    klarna_invoice: InvoiceTerms | None
    klarna_account: InvoiceTerms | None
    klarna_account_credit: CreditTerms | None
    payson_invoice: InvoiceTerms | None
    payson_invoice_credit: CreditTerms | None
    part_payment: InvoiceTerms | None
    part_payment_credit: CreditTerms | None
    payment_method: PaymentMethodTerms | None
    personal_data: PersonalDataTerms | None
    payment_account: AccountTerms | None
    damage: DamageTerms | None
    withdrawal: WithdrawalTerms | None
    exclusions: ExclusionTerms | None
    returns: ReturnTerms | None
    notice: NoticeTerms | None
    way_back: WayBackTerms | None
    sending_back: SendingBackTerms | None
    damage_visible: ReportTerms | None
    damage_hidden: ReportTerms | None
    discrepancy: ReportTerms | None
    complaint: ComplaintTerms | None
    warranty: WarrantyTerms | None
    rma: RmaTerms | None
    inspection: InspectionTerms | None
    rma_fees: RmaFeeTerms | None
    delivery: DeliveryTerms | None
    shipment: ShipmentTerms | None
    undeliverable: UndeliverableTerms | None
    delay: DelayTerms | None
    force_majeure: ForceMajeureTerms | None
    change: ChangeTerms | None
    credit_stop: CreditStopTerms | None
    shipping: ShippingTerms | None
    dispute: DisputeTerms | None
    purchase_guarantee: PurchaseGuaranteeTerms | None


def sections(model: type[Any]) -> dict[str, type[Any]]:
    """The sections of `Terms` or `Law`, by name."""
    found: dict[str, type[Any]] = {}
    for name, hint in get_type_hints(model).items():
        for one in (hint, *get_args(hint)):
            if isinstance(one, type) and is_dataclass(one) and one is not Law:
                found[name] = one
    return found


SECTIONS, STATUTES = sections(Terms), sections(Law)


def build_terms(
    head: Mapping[str, Any],
    entries: Mapping[str, Entry | list[Entry] | None],
    law_until: date,
) -> Terms:
    """The typed model of an edition's entries. Raises TermsError, naming the key.

    A section that must have values and has none yet has not begun on the edition's day.
    """
    prefixes = {key.rsplit(".", 1)[0] for key in entries}
    spoken = {key.rsplit(".", 1)[0] for key, entry in entries.items() if entry is not None}
    law: dict[str, Any] = {
        name: build(model, f"law.{name}", entries, law_until) for name, model in STATUTES.items()
    }
    own: dict[str, Any] = {
        name: build(model, name, entries)
        if name in spoken or (name in prefixes and not required_of(model)) else None
        for name, model in SECTIONS.items()
    }  # fmt: skip
    tariff = {
        key.removeprefix("tariff."): Term(ore(entry["value"]), tuple(as_list(entry["clause"])))
        for key, entry in entries.items()
        if key.startswith("tariff.") and isinstance(entry, dict)
    }
    rates = {
        key.removeprefix("rates."): Decimal(entry["value"])
        for key, entry in entries.items()
        if key.startswith("rates.") and isinstance(entry, dict)
    }
    return Terms(**head, tariff=tariff, rates=rates, law=Law(**law), **own)


assert set(SECTIONS) | {"seller", "marketplace", "edition", "tariff", "rates", "law"} == {
    one.name for one in fields(Terms)
}
