"""Which goods the customer does not keep to: withdrawn from, cancelled, or rescinded."""

from datetime import datetime

from domain.policies import cancelled, rescission, withdrawal_right
from domain.policies.cancelled import cancelled_at
from domain.policies.rescission import rescinded_at
from domain.policies.report import lines_in
from domain.policies.whereabouts import sent_at
from domain.policies.withdrawal_right import withdrawals
from domain.policies.question import question
from domain.state import OrderState, Parcel
from domain.terms import Terms

READS = (*cancelled.READS, *rescission.READS, *withdrawal_right.READS)


@question
def let_go_at(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when the customer had let go of all of its pieces."""
    gone = rescinded_at(order, terms)
    left = {line: goods.quantity for line, goods in order.lines.items()}
    for one in withdrawals(order, terms):
        for line, count in one.accepted.items():
            left[line] -= count
            if left[line] <= 0:
                gone[line] = min(one.at, gone.get(line, one.at))
    general = terms.cancelled_uncollected
    for line, at in cancelled_at(order, terms).items():
        sent = sent_at(order, line)
        owed = general is not None and general.owed.value == "general_fee" and not order.consumer
        if not (owed and sent is not None and sent < at):
            gone[line] = min(at, gone.get(line, at))
    return gone


def let_go_since(order: OrderState, parcel: Parcel, gone: dict[str, datetime]) -> datetime | None:
    """When everything in a parcel was let go (`gone`: `let_go_at`); None while any is kept."""
    lines = lines_in(order, parcel)
    if not lines or not all(line in gone for line in lines):
        return None
    return max(gone[line] for line in lines)
