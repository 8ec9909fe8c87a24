"""The fields that facts are made of, and the order of FACTS.md section 2.

Amounts are integers of öre, times are aware and in UTC, days are dates. `PersonalMark` marks what
is kept beside the log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema,
)  # fmt: skip

from domain.calendar import end, moment
from domain.money import KRONOR, ore


class PersonalMark:
    """Marks a field whose value is kept beside the log and never read by a policy."""


INSTANT = WithJsonSchema({
    "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}([T ].+)?$",
    "description": "ISO 8601; without offset Stockholm's time, a date alone means 12:00",
})  # fmt: skip
PER_CENT = WithJsonSchema({
    "type": ["number", "string"], "minimum": 0, "maximum": 100,
    "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})?$", "description": "per cent: 12.5",
})  # fmt: skip
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
CUSTOMER = "customer:"
"""How the subject of a customer's stream begins."""
LONGEST = 200
"""Bytes of a name: it stands in the keys of indexes."""


def a_moment(value: object) -> datetime:
    """An instant as told. Raises ValueError where it is none, or beyond all orders."""
    return _read(value, moment)


def an_end(value: object) -> datetime:
    """An instant up to which is asked: a date alone is the end of that day. Raises ValueError."""
    return _read(value, end)


def _read(value: object, read: Callable[[str], datetime]) -> datetime:
    if not isinstance(value, str):
        raise ValueError("is not a time in ISO 8601")
    try:
        at = read(value)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a time in ISO 8601") from error
    if not FIRST_DAY.year <= at.year <= LAST_DAY.year:
        raise ValueError("lies outside the years 1990 to 2199")
    return at


def _short(text: str) -> str:
    size = len(text.encode("utf-8", "replace"))
    if size > LONGEST:
        raise ValueError(f"has {size} bytes, at most {LONGEST} are taken")
    return text


def _short_subject(ref: str) -> str:
    """It is the name of a stream of its own, behind the word that says so."""
    _short(CUSTOMER + ref)
    return ref


def _pseudonym(ref: str) -> str:
    digits = sum(character.isdigit() for character in ref)
    looks_like_a_number = digits >= 9 and digits >= len(ref) - 3
    if "@" in ref or looks_like_a_number:
        raise ValueError("looks like an e-mail address, telephone or personal number")
    return ref


Amount = Annotated[int, PlainValidator(ore), KRONOR]
Moment = Annotated[datetime, PlainValidator(a_moment), INSTANT]
End = Annotated[datetime, PlainValidator(an_end), INSTANT]
Day = Annotated[
    date,
    Field(ge=FIRST_DAY, le=LAST_DAY, json_schema_extra={"pattern": "^\\d{4}-\\d{2}-\\d{2}$"}),
]
AT_MOST = Field(min_length=1, json_schema_extra={"maxLength": LONGEST})
Name = Annotated[str, AT_MOST, AfterValidator(_short)]
Code = Annotated[str, Field(pattern="^[a-z0-9_]{1,80}$")]
"""A word of a list that somebody keeps, never free text."""
Lines = Annotated[tuple[Name, ...], Field(max_length=500)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2), PER_CENT]
Age = Annotated[int, Field(ge=0, le=150)]
Minutes = Annotated[int, Field(ge=0, le=100_000)]
Sessions = Annotated[tuple[Minutes, ...], Field(max_length=100)]
"""Of one piece of work, an entry each."""
Quantity = Annotated[int, Field(ge=1, le=100_000)]
BESIDE = Field(description="about a person: kept beside the log, never in it")
PersonalText = Annotated[str | None, PersonalMark, BESIDE]
Reference = Annotated[str, BeforeValidator(_pseudonym), AT_MOST, AfterValidator(_short_subject)]

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
    """Who bought. `of_age` and `registered` (an organisation number was given; false: known not to
    be registered in the country) are derived at the edge where they are not told; `kind` by the
    seller's terms (`domain.customer.kind_of`)."""

    ref: Reference | None = None
    kind: Literal["consumer", "business"] | None = None
    type: Literal["private", "business"] | None = None
    organisation_number: PersonalText = None
    invoice_address: Literal["private", "business"] | None = None
    age: Annotated[Age | None, PersonalMark, BESIDE] = None
    of_age: bool | None = None
    registered: bool | None = None
    guardian_consent: bool | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Line(Value):
    """Goods of one kind; `unit_price` with VAT or without, as the order's `prices` say."""

    line: Name
    sku: str = ""
    name: str = ""
    category: str = ""
    quantity: Quantity = 1
    unit_price: Amount
    vat_rate: Percent = Decimal(25)
    traits: tuple[Trait, ...] = ()
    consent_to_start: bool = False


def _each_once(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    names = [line.line for line in lines]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"names the line {name!r} twice")
    return lines


SomeLines = Annotated[tuple[Line, ...], Field(max_length=500), AfterValidator(_each_once)]
NewLines = Annotated[
    tuple[Line, ...], Field(min_length=1, max_length=500), AfterValidator(_each_once)
]


@dataclass(slots=True, frozen=True, kw_only=True)
class Shipping(Value):
    """`price` is what the customer pays, `standard_price` the cheapest standard delivery."""

    method: ShippingMethod = "standard"
    price: Amount | None = None
    standard_price: Amount | None = None
    tracked: bool = True
    promised_by: Day | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Payment(Value):
    method: PaymentMethod
    plan: Literal["3_months", "6_months", "12_months", "24_months"] | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Campaign(Value):
    name: str
    withdrawal_days: Annotated[int, Field(ge=0, le=1000)] | None = None
    until: Day | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class OrderData(Value):
    """The order of FACTS.md section 2.

    `cart_total` is the goods of the whole cart, `cart_shipping` what its deliveries cost together.
    """

    seller: Name | None = None
    marketplace: Name | None = None
    customer: Customer = Customer()
    placed_at: Moment | None = None
    confirmed_at: Moment | None = None
    channel: Literal["web", "phone", "email", "in_person"] = "web"
    prices: Literal["including_vat", "excluding_vat"] = "including_vat"
    cart: str | None = None
    cart_total: Amount | None = None
    cart_shipping: Amount | None = None
    campaign: Campaign | None = None
    terms_informed: bool = True
    custom_terms: dict[str, bool | str | int] | None = None
    shipping: Shipping = Shipping()
    payment: Payment | None = None
    stock: Literal["own", "supplier", "back_order"] = "own"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "SEK"
