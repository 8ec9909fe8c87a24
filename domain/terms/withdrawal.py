"""What terms and statutes say about the right of withdrawal and about sending goods back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.fields import PaymentMethod
from domain.terms.values import Days, Money, Term

Excluded = Literal["excluded"]
Circle = Literal["consumers_only", "everyone"]


@dataclass(slots=True, frozen=True, kw_only=True)
class WithdrawalTerms:
    """Who may withdraw, until when, and how it is said.

    `days` run from receipt of the last item, `method_days` are promised for a way to pay, and
    `day_count` says whether the day of receipt is day 0. `circle` is who has the right,
    `face_to_face` that purchases in person have none, `handover` whether collecting what
    was ordered at a distance takes it away. `struck_last`: whether the
    period may begin with the strike of the last item outstanding. `extension`: whether the year of
    a consumer who was not informed is added to the seller's own end or to the statutory one.
    `campaign_end`: whether a campaign's longer period outlives the campaign. `open_purchase` is a
    further right of return in days, 0 where there is none, and `open_circle` who has it. `channel`
    and `form` are what a message needs. `silent_return`: what goods sent back without a word mean,
    and `silent_date` from which day. `acknowledged`: every message is confirmed.
    """

    days: Term[Days] | None
    method_days: Term[Mapping[PaymentMethod, Days]] | None
    day_count: Term[Literal["day_zero", "day_one"]] | None
    circle: Term[Circle] | None
    face_to_face: Term[Excluded] | None
    handover: Term[Literal["distance_contract", "handover_excludes"]] | None
    struck_last: Term[Literal["strike", "last_receipt"]] | None
    extension: Term[Literal["own_end", "statutory_end"]] | None
    campaign_end: Term[Literal["terms_at_order", "plain_terms"]] | None
    open_purchase: Term[Days] | None
    open_circle: Term[Circle] | None
    channel: Term[Literal["any_message", "email_only"]] | None
    form: Term[Literal["not_required", "required"]] | None
    silent_return: Term[Literal["withdrawal", "message_needed"]] | None
    silent_date: Term[Literal["posting", "arrival"]] | None
    acknowledged: Term[Literal["every_message"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class ExclusionTerms:
    """The seller's own words for what cannot be withdrawn from.

    `hygiene` says what is left of an exclusion by name (`hygiene_goods`) that is wider than the
    statute; `cleanable` whether goods that can be cleaned (`cleanable_goods`) are hygiene goods;
    `built` whether a computer that the seller built is excluded without instructions;
    `consumables` are excluded as such, which the statute does not know;
    `uncollected` that goods must be collected first. `method_goods` are line categories and
    traits to which what is promised for a way to pay does not extend.
    """

    made_to_order: Term[Excluded] | None
    perishable: Term[Excluded] | None
    consumables: Term[Excluded] | None
    broken_hygiene_seal: Term[Excluded] | None
    broken_software_seal: Term[Excluded] | None
    begun_download: Term[Excluded] | None
    hygiene: Term[Literal["statutory", "named", "named_after_statutory"]] | None
    hygiene_goods: Term[tuple[str, ...]] | None
    cleanable: Term[Literal["excluded", "value_loss_only"]] | None
    cleanable_goods: Term[tuple[str, ...]] | None
    built: Term[Literal["customers_instructions", "built_by_seller"]] | None
    uncollected: Term[Excluded] | None
    method_goods: Term[Mapping[PaymentMethod, tuple[str, ...]]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class ReturnTerms:
    """How withdrawn goods come back and what is paid for them.

    The goods are back `days` after the notice or its assessment (`days_from`), `in_time` when sent
    or received. The refund is due `refund_days` after `refund_from` and waits for goods or proof
    unless `withholding` is none. `part_delivery` is the delivery price in a part return,
    `last_part` whether it goes back with the last part, `extra_delivery` the excess over standard
    delivery. `recharge` is freight charged afterwards where the kept goods are worth
    `recharge_up_to` at most. The customer pays `own_cost`; a parcel fetched from an agent costs
    `agent_pickup`, `agent_charge` saying how; `uncollected` is the carrier's way back of what was
    never collected; `customs` those of a return from outside the EU, `late_customs` when known only
    after the refund was paid; `wrong_seller` the cost of forwarding. `loss_cause` says which loss
    of value is deducted; `means` is how the money goes back. After the statutory period a
    `condition` of `floor` to `ceiling` per cent for damaged packaging can apply (`later_regime`).
    """

    days: Term[Days] | None
    days_from: Term[Literal["notice", "assessment"]] | None
    in_time: Term[Literal["sent", "received"]] | None
    refund_days: Term[Days] | None
    refund_from: Term[Literal["from_notice", "from_acceptance"]] | None
    withholding: Term[Literal["statutory", "none"]] | None
    delivery: Term[Literal["refunded"]] | None
    part_delivery: Term[Literal["not_refunded", "pro_rata_value", "kept_basket", "per_line"]] | None
    last_part: Term[Literal["whole_order", "separate"]] | None
    extra_delivery: Term[Literal["kept", "refunded"]] | None
    recharge: Term[Money] | None
    recharge_up_to: Term[Money] | None
    own_cost: Term[Literal["customer"]] | None
    prepaid_label: Term[Literal["deducted"]] | None
    agent_pickup: Term[Money] | None
    agent_charge: Term[Literal["deduct", "separate_fee"]] | None
    uncollected: Term[Literal["none", "return_freight", "return_label"]] | None
    customs: Term[Literal["customer"]] | None
    late_customs: Term[Literal["only_at_refund", "claim_afterwards"]] | None
    wrong_seller: Term[Literal["separate_fee", "deduction"]] | None
    loss_cause: Term[Literal["excess_only", "also_inspection"]] | None
    means: Term[Literal["same"]] | None
    later_regime: Term[Literal["statutory_regime", "open_purchase"]] | None
    floor: Term[Days] | None
    ceiling: Term[Days] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class NoticeTerms:
    """What a notice is about: `scope` is one seller's order, and a `return_number` accepts none."""

    scope: Term[Literal["sellers_order"]] | None
    return_number: Term[Literal["accepts_nothing"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class WayBackTerms:
    """In which condition goods come back, by which way, and what that leads to.

    `handling` is the handling that costs nothing, `transit` until when the goods are the customer's
    risk. `postage` is the carrier's price and the customer's own cost, unless returns are `free`
    and the order says so. A `receipt` shows that goods were sent. `approval` says whether a
    withdrawal waits for goods that were accepted, `addressee` to whom goods go.
    """

    handling: Term[Literal["opening_and_testing"]] | None
    transit: Term[Literal["customer_until_receipt"]] | None
    postage: Term[Literal["carriers_price"]] | None
    free: Term[Literal["where_stated"]] | None
    receipt: Term[Literal["shows_sending"]] | None
    approval: Term[Literal["from_notice", "from_acceptance"]] | None
    addressee: Term[Literal["lines_seller"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class WithdrawalLaw:
    """Distansavtalslagen 2005:59, chapter 2, for consumers; a worse term is bounded (DAL 1:4).

    `days` from the possession of the last item (2:10, 2:12), `extension_years` more for who was
    not informed (2:12); `excluded` is the closed list of exceptions (2:11). The goods go back in
    `return_days` at the consumer's cost if that was said (2:13); the refund is due `refund_days`
    after the message and may wait for goods or proof (2:14), less extra delivery and the loss of
    value from excess handling (2:15). `site_message` is confirmed (2:10), and so is a message
    through the withdrawal function (2:10 a). `moved`: a last day for an act (1930:173, 2 §).
    """

    mandatory: Term[bool]
    days: Term[Days]
    extension_years: Term[Days]
    excluded: Term[bool]
    site_message: Term[bool]
    function: Term[bool] | None
    return_days: Term[Days]
    refund_days: Term[Days]
    deductions: Term[bool]
    moved: Term[bool]
    union: Term[tuple[str, ...]]
