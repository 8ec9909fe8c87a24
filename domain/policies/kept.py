"""Which goods the customer does not keep to: withdrawn from, cancelled, or rescinded."""

from datetime import datetime

from domain.policies import leaving as left
from domain.policies.leaving import leaving
from domain.policies.question import question
from domain.policies.report import lines_in
from domain.policies.whereabouts import sent_at
from domain.state import OrderState, Parcel
from domain.terms import Terms

READS = left.READS


@question
def let_go_at(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when the customer had let go of all of its pieces."""
    story = leaving(order, terms)
    kept = {line for one in story.departures if one.way == "struck" for line in one.pieces}
    general = terms.cancelled_uncollected
    if general is not None and general.owed.value == "general_fee" and not order.consumer:
        for one in story.departures:
            if one.way == "cancelled":
                kept |= {line for line in one.pieces if _sent_before(order, line, one.at)}
    return {line: at for line, at in story.gone.items() if line not in kept}


def _sent_before(order: OrderState, line: str, at: datetime) -> bool:
    sent = sent_at(order, line)
    return sent is not None and sent < at


def let_go_since(order: OrderState, parcel: Parcel, gone: dict[str, datetime]) -> datetime | None:
    """When everything in a parcel was let go (`gone`: `let_go_at`); None while any is kept."""
    lines = lines_in(order, parcel)
    if not lines or not all(line in gone for line in lines):
        return None
    return max(gone[line] for line in lines)
