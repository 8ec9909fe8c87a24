"""A line that cannot be delivered is struck, and what was paid for it goes back."""

from datetime import datetime

from domain.facts import LineStruck, PaymentReceived
from domain.outcomes import Because, Information, Owed, Refund
from domain.policies import rescission
from domain.policies.cancelled import cancelled_at
from domain.policies.delay import paid_for
from domain.policies.grounds import distinct
from domain.policies.placing import STANDING_READS, order_stands
from domain.policies.policy import Policy
from domain.policies.promise import received_at
from domain.policies.rescission import rescinded_at, statute
from domain.state import OrderState, Told
from domain.terms import Terms


def undeliverable(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """One refund a line; the delivery price goes with the last when nothing is left to carry.

    A line that the customer had received, cancelled or rescinded before is not one that failed.
    """
    owed, rescinded = Owed(), rescinded_at(order, terms)
    ended = {**cancelled_at(order, terms), **rescinded}
    if order_stands(order, terms).decision == "refused":
        return owed
    struck: dict[str, Told[LineStruck]] = {}
    for told in order.all(LineStruck):
        line = told.fact.line
        had = received_at(order, terms, line) if line in order.lines else told.at
        if (had is None or had > told.at) and ended.get(line, told.at) >= told.at:
            struck.setdefault(line, told)
    gone: set[str] = set()
    for line, told in struck.items():
        gone |= {line, *(one for one, at in rescinded.items() if at < told.at)}
        _refund(owed, order, terms, told, carries_nothing=set(order.lines) <= gone)
        _told(owed, terms, told)
    return owed


def _refund(
    owed: Owed, order: OrderState, terms: Terms, told: Told[LineStruck], *, carries_nothing: bool
) -> None:
    own, law = terms.undeliverable, terms.law.delay
    freight = own.freight if own else None
    keeps = freight is not None and freight.value == "keep"
    delivery = order.freight if carries_nothing and not keeps else 0
    parts = paid_for(order, order.value(told.fact.line), delivery)
    if not parts:
        return
    refund = law.consumer_refund if order.consumer else law.company_refund
    statutes = (*statute(order, terms), *(refund.clauses if refund else ()))
    because = Because(
        rule="undeliverable.refund",
        clauses=distinct(own.refund.clauses if own else (), statutes),
        inputs={"line": told.fact.line, "struck": told.at.isoformat()},
        steps=parts,
        readings=freight.readings if freight and carries_nothing else (),
        statutes=tuple((one, "applies") for one in statutes),
    )
    owed.add(
        Refund(
            kind="undeliverable", amount=sum(part for _, part in parts), breakdown=parts,
            line=told.fact.line, because=because,
        )
    )  # fmt: skip


def _told(owed: Owed, terms: Terms, told: Told[LineStruck]) -> None:
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
    reads=(*rescission.READS, *STANDING_READS, PaymentReceived),
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
