"""What an order's invoices ask for: amounts with VAT, due days, payments, and what ends a delay."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.calendar import add_days, add_months, day_of, lapses_at, rolled
from domain.facts import InvoiceIssued, PaymentReceived, PriceChanged, Shipped
from domain.money import half_up
from domain.policies import prices as price_changes
from domain.policies import promise, release
from domain.policies.discretion import Question, choice
from domain.policies.prices import prices
from domain.policies.promise import done_at
from domain.policies.release import (
    Pieces, Suspension, all_released, released_lines, suspensions,
)  # fmt: skip
from domain.quotes.credit import credit_of
from domain.state import Invoice, OrderState, Told
from domain.terms import Terms
from domain.terms.invoice import CreditTerms, InvoiceTerms, Plan
from domain.terms.values import Term

Payment = tuple[datetime, int]
READS = (
    InvoiceIssued, PaymentReceived, *promise.READS, *price_changes.READS, *release.READS,
    *release.COMPLAINT_READS,
)  # fmt: skip
PAID_AT_ONCE = ("card", "swish", "cash", "advance")


@dataclass(slots=True, frozen=True, kw_only=True)
class Debt:
    """One invoice: `printed` is its amount with VAT, `amount` what of it is still asked for.

    `written_off` is what was taken off it because the item came back for a complaint.
    `formed_at` is the payment that made the rest a credit, `fell_short` whether one was too small
    to do so, `declined` whether a person let none of them do so.
    """

    invoice: str
    issued: Told[InvoiceIssued]
    printed: int
    amount: int
    due: date
    payments: tuple[Payment, ...]
    formed_at: datetime | None = None
    fell_short: bool = False
    awaits_goods: bool = False
    """Whether nothing is to be paid yet because no goods have come."""
    declined: bool = False
    written_off: int = 0
    pauses: tuple[tuple[date, date], ...] = ()
    """First and last day of each time in which it was written off and then owed again."""

    @property
    def settled_at(self) -> datetime | None:
        """When all of it was paid; where nothing is asked for any more, all that was printed."""
        rest = self.amount or self.printed
        for at, amount in self.payments:
            rest -= amount
            if rest <= 0:
                return at
        return None

    @property
    def ended_at(self) -> datetime | None:
        """When nothing was due any more, by payment or because the rest became a credit."""
        return self.formed_at or self.settled_at

    @property
    def late_from(self) -> datetime:
        return lapses_at(self.due)

    def overdue(self, at: datetime) -> bool:
        """Whether it was due and not paid at an instant."""
        unpaid = self.ended_at is None or at < self.ended_at
        owed = self.amount > 0 and not self.awaits_goods
        return owed and unpaid and at >= self.late_from

    def was_late(self, now: datetime) -> bool:
        """Whether it is overdue, or was when it ended."""
        in_time = self.ended_at is not None and self.ended_at < self.late_from
        owed = self.amount > 0 and not self.awaits_goods
        return owed and not in_time and now >= self.late_from


def invoice_terms(order: OrderState, terms: Terms) -> InvoiceTerms | None:
    """What the terms say of the order's kind of invoice."""
    return {
        "klarna_invoice": terms.klarna_invoice,
        "klarna_account": terms.klarna_account,
        "payson_invoice": terms.payson_invoice,
        "part_payment": terms.part_payment,
        "invoice": terms.invoice,
    }.get(method_of(order, terms))


def method_of(order: OrderState, terms: Terms) -> str:
    """How the order is to be paid: as it says, else as the terms presume, else by invoice."""
    payment, own = order.order.payment, terms.payment_method
    presumed = own.presumed.value if own is not None and own.presumed is not None else "invoice"
    return presumed if payment is None else payment.method


def credit_terms(order: OrderState, terms: Terms) -> CreditTerms | None:
    """What the terms say of the order's kind of credit."""
    payment = order.order.payment
    return credit_of(payment.method, terms) if payment else None


def plan_of(order: OrderState, own: CreditTerms) -> Term[Plan] | None:
    """The printed plan that the customer chose, if the terms print it."""
    payment = order.order.payment
    return own.plan(payment.plan if payment else None)


def paid_later(order: OrderState) -> bool:
    """Whether goods are paid against invoices; otherwise an invoice is only a receipt."""
    payment = order.order.payment
    return payment is None or payment.method not in PAID_AT_ONCE


def with_vat(order: OrderState, amount: int, vat: str | None) -> int:
    """The amount as it is owed, VAT included, whichever way it was told."""
    included = order.order.prices == "including_vat" if vat is None else vat == "included"
    if included:
        return amount
    return half_up(amount * order.gross)


def debts(order: OrderState, terms: Terms) -> list[Debt]:
    """The order's invoices in order of issue."""
    if not paid_later(order):
        return []
    issued = [one for one in order.invoices.values() if one.last(InvoiceIssued)]
    printed = [_printed(order, terms, one) for one in issued]
    found = sorted(printed, key=lambda one: one.issued.place)
    gone = released_lines(order, terms)
    found = _released(order, _repriced(order, terms, found), gone)
    found = _suspended(order, terms, found, gone)
    found = _spread(order, found)
    return [_as_credit(order, one, credit_terms(order, terms)) for one in found]


def _printed(order: OrderState, terms: Terms, invoice: Invoice) -> Debt:
    issued = invoice.all(InvoiceIssued)[-1]
    amount = with_vat(order, issued.fact.amount, issued.fact.vat)
    payments = tuple(
        (told.at, with_vat(order, told.fact.amount, told.fact.vat))
        for told in invoice.all(PaymentReceived)
    )
    due = _due(order, terms, issued)
    return Debt(
        invoice=invoice.id, issued=issued, printed=amount, amount=amount, due=due,
        payments=payments, awaits_goods=_awaits_goods(order, terms),
    )  # fmt: skip


def _due(order: OrderState, terms: Terms, issued: Told[InvoiceIssued]) -> date:
    """The last day to pay; a consumer's moves to a working day (LT 2)."""
    own, stated = invoice_terms(order, terms), issued.fact.due
    period = own.period_days if own else None
    due = add_days(day_of(issued.at), (period or terms.law.payment.payment_days).value)
    if own and own.due.value == "end_of_next_month":
        due = max(end_of_next_month(day_of(order.placed_at)), day_of(issued.at))
    if stated is not None:
        never_earlier = own is not None and own.stated_due.value == "never_earlier"
        due = max(stated, due) if never_earlier else stated
    there = _goods_there_at(order, terms) if own and own.not_before else None
    if there is not None:
        due = max(due, day_of(there))
    return rolled(due) if order.consumer else due


def _goods_there_at(order: OrderState, terms: Terms) -> datetime | None:
    """When the first of the goods came, or could have been had."""
    times = [done_at(order, terms, line) for line in order.lines]
    return min((at for at in times if at is not None), default=None)


def _awaits_goods(order: OrderState, terms: Terms) -> bool:
    """Whether goods are known to be on their way, and the invoice waits for them.

    Of a parcel without tracking nobody hears when it came.
    """
    own, sent = invoice_terms(order, terms), order.all(Shipped)
    if own is None or own.not_before is None or not sent:
        return False
    tracked = all(told.fact.tracking is not None for told in sent)
    return tracked and _goods_there_at(order, terms) is None


def end_of_next_month(day: date) -> date:
    """The last day of the month after a day's."""
    return add_days(add_months(day.replace(day=1), 2), -1)


def _repriced(order: OrderState, terms: Terms, found: list[Debt]) -> list[Debt]:
    """What invoices ask beyond the price that holds, by a rise that does not, is not owed."""
    told = order.all(PriceChanged)
    if not told:
        return found
    held = prices(order, terms)
    asked = dict(held)
    for one in told:
        if one.fact.line in asked:
            asked[one.fact.line] = max(asked[one.fact.line], one.fact.unit_price)
    rise = sum((asked[line] - held[line]) * order.lines[line].quantity for line in held)
    goods = sum(held[line] * order.lines[line].quantity for line in held)
    over = sum(one.printed for one in found) - with_vat(order, goods + order.freight, None)
    return _lowered(found, min(with_vat(order, rise, None), max(over, 0)))


def _released(order: OrderState, found: list[Debt], released: Pieces) -> list[Debt]:
    """The price of released goods leaves the invoices without a payment, the latest one first.

    Invoices that ask for no more than what is left of the order were written knowing of it.
    """
    if all_released(order, released):
        return [replace(one, amount=0) for one in found]
    gone = sum(order.value(line, pieces) for line, pieces in released.items())
    left = with_vat(order, order.goods + order.freight - gone, None)
    asked = sum(one.amount for one in found)
    return _lowered(found, min(with_vat(order, gone, None), max(asked - left, 0)))


def _suspended(order: OrderState, terms: Terms, found: list[Debt], gone: Pieces) -> list[Debt]:
    """Written off while the item is back for a complaint; revived, it is due again at once.

    Its old due day stands where that is still to come, and no interest runs for the time between.
    """
    own = invoice_terms(order, terms)
    if own is None or own.denied_complaint is None:
        return found
    stays = own.denied_complaint.value == "stays_written_off"
    known = suspensions(order, terms)
    found = _written_off(order, found, gone, [one for one in known if stays or one.until is None])
    revived = {(one.since, one.until) for one in known if not stays and one.until is not None}
    for since, until in sorted((day_of(since), day_of(until)) for since, until in revived):
        found = [
            replace(debt, due=max(debt.due, rolled(until) if order.consumer else until))
            if debt.due >= since
            else replace(debt, pauses=(*debt.pauses, (since, until)))
            for debt in found
        ]
    return found


def _written_off(
    order: OrderState, found: list[Debt], gone: Pieces, back: list[Suspension]
) -> list[Debt]:
    """The price of what is back, as far as it was unpaid when it came; all where all is back."""
    left = {line: one.quantity - gone.get(line, 0) for line, one in order.lines.items()}
    here = dict.fromkeys(left, 0)
    asked, off = sum(debt.amount for debt in found), 0
    for one in back:
        here[one.line] = min(here[one.line] + one.pieces, left[one.line])
        price = sum(order.value(line, pieces) for line, pieces in here.items())
        price = asked if here == left else with_vat(order, price, None)
        paid = sum(
            with_vat(order, told.fact.amount, told.fact.vat)
            for told in order.all(PaymentReceived)
            if told.at < one.since
        )
        off += max(min(price, asked - paid) - off, 0)
    lowered = _lowered(found, off)
    return [
        replace(less, written_off=debt.amount - less.amount)
        for debt, less in zip(found, lowered, strict=True)
    ]


def _lowered(found: list[Debt], rest: int) -> list[Debt]:
    lowered: list[Debt] = []
    for one in reversed(found):
        share = min(rest, one.amount)
        rest -= share
        lowered.insert(0, replace(one, amount=one.amount - share))
    return lowered


def _spread(order: OrderState, found: list[Debt]) -> list[Debt]:
    """A payment that names no invoice counts towards the oldest that is not paid."""
    for told in order.all(PaymentReceived):
        rest = with_vat(order, told.fact.amount, told.fact.vat) if not told.fact.invoice else 0
        for place, one in enumerate(found):
            share = min(rest, max(one.amount - sum(amount for _, amount in one.payments), 0))
            rest -= share
            if share:
                payments = tuple(sorted((*one.payments, (told.at, share))))
                found[place] = replace(one, payments=payments)
    return found


def _as_credit(order: OrderState, debt: Debt, credit: CreditTerms | None) -> Debt:
    """An invoice that shows a least amount becomes a credit when only part of it is paid.

    Of an account, which is one from the start, that least amount keeps the rest from being late.
    """
    minimum, formed_by = debt.issued.fact.minimum, credit.formed_by if credit else None
    if minimum is None or credit is None or not (formed_by or credit.least):
        return debt
    any_part = formed_by is not None and formed_by.value == "any_part_payment"
    words = ("accepted", "refused", "stop")
    check = Question(about="credit", choices=words, subject=debt.invoice)
    declined = credit.check is not None and choice(order, check) in ("refused", "stop")
    paid, fell_short = 0, False
    for at, amount in debt.payments:
        paid += amount
        if not 0 < paid < debt.amount:
            break
        if declined:
            return replace(debt, declined=True)
        enough = paid >= minimum and at < debt.late_from
        if any_part or enough:
            return replace(debt, formed_at=at)
        fell_short = True
    return replace(debt, fell_short=fell_short)
