"""Closing a month, as people ask for it: on the command line and over HTTP."""

from adapters.access import Who
from adapters.cli.session import Session
from adapters.ledger import periods
from adapters.ledger.periods import Period
from adapters.ledger.told import month_of
from adapters.orders import sellers
from domain.acts import PeriodClosed
from domain.errors import Guarded, Refused


async def close_month(
    session: Session, seller: str, month: str, by: str, reason: str, who: Who | None = None
) -> Period:
    """Close a month of a seller's books, and wait until every partition has it closed.

    Raises Guarded where nobody is called so, naming those that `who` sees (nobody: all), or what
    `periods.close` guards; Refused where the month is none, or nothing says why.
    """
    month_of(month)
    if not reason.strip():
        raise Refused("reason: say why now, such as what was reconciled, and with what")
    having = {*await sellers(session.store.pool), *session.book.sellers}
    if seller not in having:
        names = ", ".join(sorted(one for one in having if who is None or who.sees(one)))
        raise Guarded(f"nobody is called {seller!r}{names and f'; there are {names}'}")
    told = PeriodClosed(seller=seller, month=month, by=by, reason=reason)
    return await periods.close(session.store, session.taken, told, session.clock.now())
