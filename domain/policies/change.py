"""Changes of an order and of its prices: the answer, and what was paid above what holds."""

from datetime import datetime
from typing import Any, Literal

from domain.facts import OrderChanged, OrderChangeRequested, PaymentReceived, PriceChanged
from domain.fields import Line
from domain.outcomes import Because, Information, Owed, Refund, Ruling
from domain.policies import leaving
from domain.policies.grounds import clauses_of, readings_of
from domain.policies.leaving import gone_at
from domain.policies.policy import Policy
from domain.policies.prices import prices, stands
from domain.policies.rescission import effectuated_by
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.change import ChangeTerms
from domain.terms.values import Term

Decision = Literal["accepted", "refused", "pending"]
Pieces = list[tuple[int, int]]
"""How many pieces of a line at which price (öre), in the order in which they were bought."""


def change(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """A ruling for every change, and one refund of what was paid above the price that holds."""
    owed, own = Owed(), terms.change
    if own is None:
        return owed
    if own.until is not None:
        _requests(owed, order, terms, own, own.until)
    if own.price is not None and order.all(OrderChanged):
        pieces = settled(order, own.price)
        asked = (sum(one.unit_price * one.quantity for one in lines) for lines in versions(order))
        most = max(asked) - sum(_cost(one) for one in pieces.values())
        _refund(owed, order, terms, pieces, most, own.price)
    if own.price_rise is not None:
        _rises(owed, order, terms, own, own.price_rise)
    return owed


# -- changes that the customer asks for -----------------------------------------------------------


def _requests(
    owed: Owed, order: OrderState, terms: Terms, own: ChangeTerms, until: Term[Any]
) -> None:
    """Approved is accepted; too late, or not of such goods, is refused; the rest is pending."""
    approvals = list(order.all(OrderChanged))
    for request in order.all(OrderChangeRequested):
        approval = next((one for one in approvals if one.place > request.place), None)
        if approval is not None:
            approvals.remove(approval)
        late = effectuated_by(order, terms, order.lines, request.at)
        barred = own.goods if not approval and not _in_stock(order, request) else None
        refused = late or barred is not None
        decision: Decision = "accepted" if approval else "refused" if refused else "pending"
        reason = "goods" if barred is not None else "asked"
        _ruling(owed, request, decision, barred, until, own.price, reason=reason)
    for approval in approvals:
        _ruling(owed, approval, "accepted", until, own.price)


def _in_stock(order: OrderState, request: Told[OrderChangeRequested]) -> bool:
    """Whether the seller has the goods ordered, and what is asked for, in its own stock."""
    wanted = {line.line: line for line in request.fact.lines}
    touched = {
        name for name in order.lines.keys() | wanted.keys()
        if _bought(order.lines.get(name)) != _bought(wanted.get(name))
    }  # fmt: skip
    made = {
        line.line for line in [*order.lines.values(), *wanted.values()]
        if "made_to_order" in line.traits
    }  # fmt: skip
    return order.order.stock == "own" and not touched & made


def _bought(line: Line | None) -> tuple[str, int, int] | None:
    return None if line is None else (line.sku, line.quantity, line.unit_price)


def _ruling(
    owed: Owed, told: Told[Any], decision: Decision, *words: Term[Any] | None,
    line: str | None = None, reason: str = "asked",
) -> None:  # fmt: skip
    because = Because(
        rule=f"change.{reason}_{decision}",
        clauses=clauses_of(*words),
        inputs={"at": told.at.isoformat(), "line": line},
        readings=readings_of(*words),
    )
    reasons = () if decision == "accepted" else (f"{reason}_{decision}",)
    owed.add(
        Ruling(
            about="change", decision=decision, reasons=reasons, line=line, cause=told.id,
            because=because,
        )
    )  # fmt: skip


def settled(order: OrderState, price: Term[Any]) -> dict[str, Pieces]:
    """Line -> its pieces and their prices, after every change that was approved.

    Another item on a line is bought at its own price.
    """
    pieces: dict[str, Pieces] = {}
    before: dict[str, Line] = {}
    for lines in versions(order):
        pieces = {
            one.line: _changed(
                pieces[one.line] if _is_same(before.get(one.line), one) else [], one,
                whole=price.value == "whole_line",
            )
            for one in lines
        }  # fmt: skip
        before = {one.line: one for one in lines}
    return pieces


def _is_same(before: Line | None, now: Line) -> bool:
    """Whether a line is still of the same item; where nobody names the item, it is."""
    return before is not None and (not now.sku or not before.sku or before.sku == now.sku)


def versions(order: OrderState) -> list[tuple[Line, ...]]:
    """The lines as first ordered, and after each change that was approved."""
    first = getattr(order.order, "lines", ())
    return [first, *(told.fact.lines for told in order.all(OrderChanged))]


def _cost(pieces: Pieces) -> int:
    return sum(count * price for count, price in pieces)


def _changed(before: Pieces, line: Line, *, whole: bool) -> Pieces:
    """Added pieces take the new price; those that go are the ones bought last."""
    if whole:
        return [(line.quantity, line.unit_price)]
    kept: Pieces = []
    left = line.quantity
    for quantity, price in before:
        kept.append((min(quantity, left), price))
        left -= min(quantity, left)
    return [*kept, (left, line.unit_price)] if left else kept


# -- prices that the seller changes ---------------------------------------------------------------


def _rises(owed: Owed, order: OrderState, terms: Terms, own: ChangeTerms, word: Term[Any]) -> None:
    """The last price that holds of each line; what was paid of a refused one goes back."""
    asked = {line: goods.unit_price for line, goods in order.lines.items()}
    for told in order.all(PriceChanged):
        line = told.fact.line
        if line in asked:
            asked[line] = max(asked[line], told.fact.unit_price)
            _rise(owed, order, terms, own, word, told)
    held = prices(order, terms)
    count = {line: goods.quantity for line, goods in order.lines.items()}
    most = sum((asked[line] - held[line]) * count[line] for line in held)
    pieces = {line: [(count[line], price)] for line, price in held.items()}
    _refund(owed, order, terms, pieces, most, own.untold_rise or word)


def _rise(
    owed: Owed, order: OrderState, terms: Terms, own: ChangeTerms, word: Term[Any],
    told: Told[PriceChanged],
) -> None:  # fmt: skip
    """The ruling, and while nobody has told the customer, what is to be told."""
    line, (decision, reason) = told.fact.line, stands(order, terms, word, told)
    if decision == "pending":
        because = Because(
            rule="change.price_pending", clauses=word.clauses,
            inputs={"at": told.at.isoformat(), "line": line},
        )  # fmt: skip
        owed.add(Information(about="price", line=line, cause=told.id, because=because))
    untold = own.untold_rise if reason == "untold" else None
    reason = "binding" if reason == "binding" else "price"
    _ruling(owed, told, decision, word, untold, line=line, reason=reason)


# -- what was paid beyond -------------------------------------------------------------------------


def _refund(
    owed: Owed, order: OrderState, terms: Terms, pieces: dict[str, Pieces], most: int,
    word: Term[Any],
) -> None:  # fmt: skip
    """What was paid above the price that holds, at most what was asked above it.

    Lines that were left go back elsewhere, with all their price.
    """
    left = gone_at(order, terms)
    goods = sum(
        order.value(line) if line in left else _cost(pieces[line])
        for line in order.lines
        if line in pieces
    )
    over = order.paid - goods - order.freight
    amount = min(over, most)
    if amount <= 0:
        return
    because = Because(
        rule="change.refund",
        clauses=word.clauses,
        inputs={"paid": order.paid, "goods": goods, "freight": order.freight},
        steps=(("paid_above_price", amount),),
        readings=word.readings,
    )
    breakdown = (("goods", amount),)
    owed.add(Refund(kind="price", amount=amount, breakdown=breakdown, because=because))


CHANGE = Policy(
    "change",
    change,
    reads=(*leaving.READS, OrderChangeRequested, OrderChanged, PriceChanged, PaymentReceived),
    starts=(OrderChangeRequested, OrderChanged, PriceChanged),
    sections=("change",),
    sentences={
        "change.asked_accepted": (
            "The change asked for on {at} was approved.",
            "Ändringen som begärdes {at} godkändes.",
        ),
        "change.asked_refused": (
            "The change was asked for on {at}, after the order was effectuated.",
            "Ändringen begärdes {at}, efter att beställningen effektuerats.",
        ),
        "change.goods_refused": (
            "The change asked for on {at} is of goods that the seller does not have in stock.",
            "Ändringen som begärdes {at} gäller varor som säljaren inte har i lager.",
        ),
        "change.asked_pending": (
            "The change asked for on {at} waits for approval.",
            "Ändringen som begärdes {at} väntar på godkännande.",
        ),
        "change.price_accepted": (
            "The price of {line} that changed on {at} holds for this order.",
            "Priset på {line} som ändrades {at} gäller för beställningen.",
        ),
        "change.price_refused": (
            "The customer was told of the new price of {line} after delivery; the old one holds.",
            "Kunden fick veta det nya priset på {line} efter leveransen; det gamla gäller.",
        ),
        "change.price_pending": (
            "The customer is to be told of the new price of {line} before delivery.",
            "Kunden ska underrättas om det nya priset på {line} före leveransen.",
        ),
        "change.binding_refused": (
            "The price at which {line} was ordered is binding.",
            "Priset som {line} beställdes till är bindande.",
        ),
        "change.refund": (
            "{paid} was paid, but the goods cost {goods} and their delivery {freight}.",
            "{paid} betalades, men varorna kostar {goods} och frakten {freight}.",
        ),
    },
)
