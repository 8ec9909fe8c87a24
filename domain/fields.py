"""The fields that facts are made of, and the order of FACTS.md section 2.

Amounts are integers of öre, times are aware and in UTC, days are dates. `PersonalMark` marks what
is kept beside the log.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator

from domain.calendar import moment
from domain.money import ore


class PersonalMark:
    """Marks a field whose value is kept beside the log and never read by a policy."""


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("is not a time in ISO 8601")
    try:
        return moment(value)
    except ValueError as error:
        raise ValueError("is not a time in ISO 8601") from error


def _pseudonym(ref: str) -> str:
    digits = sum(character.isdigit() for character in ref)
    looks_like_a_number = digits >= 9 and digits >= len(ref) - 3
    if "@" in ref or looks_like_a_number:
        raise ValueError("looks like an e-mail address, telephone or personal number")
    return ref


Amount = Annotated[int, PlainValidator(ore)]
Moment = Annotated[datetime, PlainValidator(_moment)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Lines = tuple[Name, ...]
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Quantity = Annotated[int, Field(ge=1, le=100_000)]
PersonalText = Annotated[str | None, PersonalMark]
Reference = Annotated[str, BeforeValidator(_pseudonym), Field(min_length=1, max_length=200)]

Trait = Literal[
    "sealed", "made_to_order", "hygiene", "software", "perishable", "consumable", "battery",
    "digital", "smartphone", "own_make", "custom_computer", "printed_matter",
]  # fmt: skip
ShippingMethod = Literal[
    "standard", "express", "economy", "letter", "bulky_letter", "courier", "pickup"
]
PaymentMethod = Literal[
    "card", "swish", "cash", "advance", "klarna_invoice", "klarna_account", "payson_invoice",
    "part_payment", "invoice",
]  # fmt: skip
RmaKind = Literal["complaint", "warranty", "doa", "sales_return"]
Finding = Literal[
    "defect", "faultless", "physical_damage", "liquid_damage", "mishandled",
    "third_party_software", "illegal_software", "locked_device", "bad_description",
    "wrong_product", "not_bought_here",
]  # fmt: skip


class Value:
    """What every class here shares: slots, no surprises, and a refusal of unknown fields."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(slots=True, frozen=True, kw_only=True)
class Customer(Value):
    """Who bought. `of_age` and `registered` (an organisation number was given) are derived at the
    edge where they are not told; `kind` by the seller's terms (`domain.customer.kind_of`)."""

    ref: Reference | None = None
    kind: Literal["consumer", "business"] | None = None
    type: Literal["private", "business"] | None = None
    organisation_number: PersonalText = None
    invoice_address: Literal["private", "business"] | None = None
    age: Annotated[int | None, PersonalMark] = None
    of_age: bool | None = None
    registered: bool | None = None
    guardian_consent: bool | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Line(Value):
    """Goods of one kind; `unit_price` in öre as the order's `prices` say."""

    line: Name
    sku: str = ""
    name: str = ""
    category: str = ""
    quantity: Quantity = 1
    unit_price: Amount
    vat_rate: Percent = Decimal(25)
    traits: tuple[Trait, ...] = ()
    consent_to_start: bool = False


@dataclass(slots=True, frozen=True, kw_only=True)
class Shipping(Value):
    """`price` is what the customer pays, `standard_price` the cheapest standard delivery."""

    method: ShippingMethod = "standard"
    price: Amount | None = None
    standard_price: Amount | None = None
    tracked: bool = True
    promised_by: date | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Payment(Value):
    method: PaymentMethod
    plan: Literal["3_months", "6_months", "12_months", "24_months"] | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Campaign(Value):
    name: str
    withdrawal_days: int | None = None
    until: date | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class OrderData(Value):
    """The order of FACTS.md section 2."""

    seller: Name | None = None
    marketplace: Name | None = None
    customer: Customer = Customer()
    placed_at: Moment | None = None
    confirmed_at: Moment | None = None
    channel: Literal["web", "phone", "email", "in_person"] = "web"
    prices: Literal["including_vat", "excluding_vat"] = "including_vat"
    cart: str | None = None
    cart_total: Amount | None = None
    campaign: Campaign | None = None
    terms_informed: bool = True
    custom_terms: dict[str, bool | str | int] | None = None
    shipping: Shipping = Shipping()
    payment: Payment | None = None
    stock: Literal["own", "supplier", "back_order"] = "own"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "SEK"
