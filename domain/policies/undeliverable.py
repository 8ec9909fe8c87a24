"""A line that cannot be delivered is struck, and what was paid for it goes back."""

from datetime import datetime

from domain.facts import LineStruck
from domain.outcomes import Because, Information, Owed, Refund
from domain.policies import shares
from domain.policies.grounds import distinct
from domain.policies.placing import STANDING_READS
from domain.policies.policy import Policy
from domain.policies.rescission import statute
from domain.policies.shares import Share
from domain.state import OrderState
from domain.terms import Terms


def undeliverable(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """One refund a line; the delivery price goes with the last when nothing is left to carry.

    A line that the customer had received, or that had left the order, is not one that failed.
    """
    owed = Owed()
    for share in shares.shares(order, terms):
        if share.departure.way == "struck":
            _refund(owed, order, terms, share)
            _told(owed, terms, share)
    return owed


def _refund(owed: Owed, order: OrderState, terms: Terms, share: Share) -> None:
    own, law = terms.undeliverable, terms.law.delay
    freight = own.freight if own else None
    told, parts = share.departure.told, share.parts
    if not parts:
        return
    refund = law.consumer_refund if order.consumer else law.company_refund
    statutes = (*statute(order, terms), *(refund.clauses if refund else ()))
    because = Because(
        rule="undeliverable.refund",
        clauses=distinct(own.refund.clauses if own else (), statutes),
        inputs={"line": told.fact.line, "struck": told.at.isoformat()},
        steps=parts,
        readings=freight.readings if freight and share.departure.last else (),
        statutes=tuple((one, "applies") for one in statutes),
    )
    owed.add(
        Refund(
            kind="undeliverable", amount=sum(part for _, part in parts), breakdown=parts,
            line=told.fact.line, because=because,
        )
    )  # fmt: skip


def _told(owed: Owed, terms: Terms, share: Share) -> None:
    told = share.departure.told
    informed = terms.undeliverable.informed if terms.undeliverable else None
    if informed is not None:
        because = Because(
            rule="undeliverable.told",
            clauses=informed.clauses,
            inputs={"line": told.fact.line, "struck": told.at.isoformat()},
        )
        owed.add(Information(about="undeliverable", line=told.fact.line, because=because))


UNDELIVERABLE = Policy(
    "undeliverable",
    undeliverable,
    reads=(*shares.READS, *STANDING_READS),
    starts=(LineStruck,),
    sentences={
        "undeliverable.refund": (
            "The line {line} cannot be delivered and was struck on {struck}.",
            "Raden {line} kan inte levereras och ströks {struck}.",
        ),
        "undeliverable.told": (
            "The customer is told that the line {line} cannot be delivered.",
            "Kunden underrättas om att raden {line} inte kan levereras.",
        ),
    },
)
