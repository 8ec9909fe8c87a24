"""Which goods cannot be withdrawn from: the statute's closed list, and the seller's own words.

For a consumer the list of DAL 2:11 is all there is; what a seller excludes beyond it falls.
"""

from dataclasses import dataclass
from typing import Any

from domain.facts import ReturnReceived
from domain.fields import Line
from domain.outcomes import Effect
from domain.policies.grounds import Readings, clauses_of, readings_of
from domain.policies.question import question
from domain.policies.withdrawal_period import READS as PERIOD_READS
from domain.policies.withdrawal_period import of_method, parcels_with, received_at
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.values import Term
from domain.terms.withdrawal import ExclusionTerms

READS = (*PERIOD_READS, ReturnReceived)


@dataclass(slots=True, frozen=True, kw_only=True)
class Exclusion:
    """Why a line is excluded (`reason` is None where it is not), or which wider words fell."""

    reason: str | None = None
    clauses: tuple[str, ...] = ()
    readings: Readings = ()
    statutes: tuple[tuple[str, Effect], ...] = ()


@question
def exclusion(order: OrderState, terms: Terms, name: str) -> Exclusion:
    """Whether a line of the order cannot be withdrawn from, and by which words."""
    line, own = order.lines[name], terms.exclusions
    statutory = _statutory(order, own, line)
    law = terms.law.withdrawal.excluded.clauses
    if statutory is not None:
        reason, words = statutory
        return Exclusion(
            reason=reason,
            clauses=(*clauses_of(*words), *law),
            readings=readings_of(*words),
            statutes=tuple((one, "applies") for one in law) if order.consumer else (),
        )
    if own is None:
        return _fell(order, terms, None, considered(terms, line))
    if own.uncollected and not_collected(order, name):
        if not order.consumer:
            return Exclusion(reason="uncollected", clauses=own.uncollected.clauses)
        return _fell(order, terms, own.uncollected, ())
    if own.built and "custom_computer" in line.traits and own.built.value == "built_by_seller":
        return Exclusion(reason="built", clauses=own.built.clauses, readings=own.built.readings)
    if own.hygiene and is_named(own, line):
        if own.hygiene.value == "named" and not order.consumer:
            return Exclusion(
                reason="named", clauses=own.hygiene.clauses, readings=own.hygiene.readings
            )
        return _fell(order, terms, own.hygiene, considered(terms, line))
    if own.built and "custom_computer" in line.traits:
        return _fell(order, terms, own.built, ())
    if own.consumables and "consumable" in line.traits:
        return _fell(order, terms, own.consumables, considered(terms, line))
    return _fell(order, terms, None, considered(terms, line))


def is_named(own: ExclusionTerms | None, line: Line) -> bool:
    """Whether the seller's terms exclude goods like this by name."""
    goods = own.hygiene_goods.value if own and own.hygiene_goods else ()
    return bool(goods) and (line.category in goods or "hygiene" in line.traits)


def considered(terms: Terms, line: Line) -> tuple[str, ...]:
    """The words that would exclude a line if its seal were broken or its download begun."""
    own = terms.exclusions
    found: list[Term[Any] | None] = []
    if own and "sealed" in line.traits and "hygiene" in line.traits:
        found.append(own.broken_hygiene_seal)
    if own and "sealed" in line.traits and "software" in line.traits:
        found.append(own.broken_software_seal)
    if own and "digital" in line.traits:
        found.append(own.begun_download)
    return clauses_of(*found)


def not_collected(order: OrderState, line: str) -> bool:
    """Whether the line was sent and is not in the customer's hands."""
    return bool(parcels_with(order, line)) and received_at(order, line) is None


def _fell(
    order: OrderState, terms: Terms, term: Term[Any] | None, other: tuple[str, ...]
) -> Exclusion:
    """The line is not excluded; `term` would have done so and is worse than the statute."""
    law, words = terms.law.withdrawal, (*other, *clauses_of(term))
    if not words or not order.consumer:
        return Exclusion(clauses=words, readings=readings_of(term))
    struck = law.mandatory.clauses if term is not None else ()
    return Exclusion(
        clauses=(*words, *law.excluded.clauses, *struck),
        readings=readings_of(term),
        statutes=tuple((one, "struck") for one in struck),
    )


def _statutory(
    order: OrderState, own: ExclusionTerms | None, line: Line
) -> tuple[str, tuple[Term[Any] | None, ...]] | None:
    """The exception of the list that a line falls under, with the seller's words for it."""
    traits = line.traits
    listed = own.method_goods if own else None
    unpromised = of_method(order, listed) or ()
    if "made_to_order" in traits:
        built = own.built if own and "custom_computer" in traits else None
        by_method = listed if "made_to_order" in unpromised else None
        return "made_to_order", (own.made_to_order if own else None, built, by_method)
    if line.category in unpromised:
        return "method_goods", (listed,)
    if "perishable" in traits:
        return "perishable", (own.perishable if own else None,)
    begun = "digital" in traits and received_at(order, line.line) is not None
    if begun and line.consent_to_start:
        return "begun_download", (own.begun_download if own else None,)
    if "sealed" in traits and seal_broken(order, line.line):
        if "hygiene" in traits and not _cleanable(own, line):
            words = (own.broken_hygiene_seal, own.cleanable) if own else ()
            return "broken_hygiene_seal", words
        if "software" in traits:
            return "broken_software_seal", (own.broken_software_seal if own else None,)
    return None


def _cleanable(own: ExclusionTerms | None, line: Line) -> bool:
    """Goods that can be cleaned and sold again, where those are no hygiene goods."""
    if own is None or own.cleanable is None or own.cleanable_goods is None:
        return False
    return own.cleanable.value == "value_loss_only" and line.category in own.cleanable_goods.value


def seal_broken(order: OrderState, line: str) -> bool:
    """Whether the warehouse found the seal broken."""
    return any(
        told.fact.seal_broken
        for told in order.all(ReturnReceived)
        if line in order.named(told.fact.lines)
    )
