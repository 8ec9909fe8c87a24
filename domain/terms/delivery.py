"""What terms and statutes say about delivery: by when, and what being late or unable leads to."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Days, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class Period:
    """A number of calendar or of working days."""

    count: Days
    unit: Literal["days", "working_days"] = "days"


@dataclass(slots=True, frozen=True, kw_only=True)
class DeliveryTerms:
    """By when goods are delivered where no day was promised for the order.

    `normal` is the printed time, `economy` that of the delivery method, `supplier` that of goods
    from a supplier's stock; both fall back on `normal`. They count from the order or from its
    confirmation. `advertised` is what a banner's time is. A `promise` for the single order stands
    before them. Delivery is `done_by` receipt (silent) or by the handover to the carrier.
    `companies_before` is an hour by which a company normally has what is sent; it sets no deadline.
    `dispatch_hours` after the confirmation goods are normally sent. `informed` says that the
    customer is told of a delay, `lost` what a customer does about a shipment that disappeared.
    """

    normal: Term[Period] | None
    economy: Term[Period] | None
    supplier: Term[Period] | None
    advertised: Term[Literal["estimate", "limit"]] | None
    counted_from: Term[Literal["order", "confirmation"]] | None
    promise: Term[Literal["stands"]] | None
    done_by: Term[Literal["receipt", "handover"]] | None
    companies_before: Term[str] | None
    dispatch_hours: Term[Days] | None
    informed: Term[bool] | None
    lost: Term[Literal["told_to_seller"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class ShipmentTerms:
    """Who sends the goods of an order, and how.

    `responsible` is whose deadline delivery is, of each seller for its own goods; they go by the
    `option` that the order names. `express` is the time that is expected of such a delivery, and
    `estimates` whether times like that bind anybody.
    """

    responsible: Term[Literal["seller"]]
    option: Term[Literal["as_chosen"]] | None
    express: Term[str] | None
    estimates: Term[Literal["bind_nobody"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class UndeliverableTerms:
    """A line that the seller cannot deliver is struck, and what was paid for it goes back.

    `freight` says whether the delivery price follows when nothing is left to carry (silent: it
    does). `informed` says that the customer is told.
    """

    refund: Term[Literal["price_paid"]]
    freight: Term[Literal["refund", "keep"]] | None
    informed: Term[bool] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class DelayTerms:
    """When a customer may rescind because goods are late, and what follows.

    `right` is given by the passing of the time alone or needs a delivery time of essential
    importance; `holder` says to whom (silent: everyone). `consumer_from` is which day a consumer's
    right attaches to where the printed time fell to the statute. A wait without a printed time is
    `unreasonable` by a person's judgement. `until` is when the right ends. `before_effectuation` a
    late item may be left without any importance. `web_orders` says whether they can be ended.
    `special_item` says what a company owes that leaves a late specially made item. The refund is
    due `refund_days` (calendar) from the declaration or from the day of delivery; silent: no day.
    """

    right: Term[Literal["time_passed", "essential"]] | None
    holder: Term[Literal["everyone", "consumer"]] | None
    consumer_from: Term[Literal["statutory", "printed"]] | None
    unreasonable: Term[Literal["staff_decides"]] | None
    until: Term[Literal["delivered", "effectuated"]] | None
    before_effectuation: Term[bool] | None
    web_orders: Term[Literal["allowed", "barred"]] | None
    special_item: Term[Literal["free", "compensation"]] | None
    refund_days: Term[Days] | None
    refund_from: Term[Literal["declaration", "delivery_day"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class ForceMajeureTerms:
    """Events beyond control: after more than `months` both parties may cancel.

    `released` is who need not perform while the event lasts, and so may give the order up at once.
    `with_delay` says whether the right to cancel for delay stays meanwhile; `informed` that the
    customer is told of the beginning and of the end.
    """

    months: Term[Days] | None
    released: Term[Literal["seller", "both"]] | None
    with_delay: Term[Literal["both_rights", "two_months_only"]] | None
    informed: Term[bool] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class DelayLaw:
    """Delay in the sale acts: KKL 2022:260 and 1990:932 for consumers, KL 1990:931 for companies.

    A consumer has the goods within `days` of the contract where nothing else was agreed (silent
    before 2014-06-13), and `possession` is what counts. `consumer_rescission` and
    `company_rescission` are given for a delay of essential importance or after an extra period,
    which no fact shows; the `refund`s follow without a number of days. The seller may wait for
    goods that the consumer has (`withholding`).
    """

    days: Term[Days] | None
    possession: Term[bool]
    consumer_rescission: Term[bool]
    consumer_refund: Term[bool] | None
    company_rescission: Term[bool]
    company_refund: Term[bool]
