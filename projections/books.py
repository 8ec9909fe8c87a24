"""The books of one order: the balance of every account, from its facts and what stands.

Balances follow from what is known, never from how it became known: an event's entry in the ledger
is the difference that it makes to them. The customer is the other side of everything, so that the
balances add up to nought whatever they are.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from domain.facts import (
    CancellationRequested, Collected, Delivered, InvoiceIssued, LineStruck, PaymentReceived,
    RefundPaid, RescissionDeclared, RmaIssued, RmaRequested, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.money import divided, half_up
from domain.state import OrderState
from projections.posting_rules import (
    ADVANCE, BANK, FREIGHT, GOODS, RECEIVABLE, ROUNDING, STANDARD_RATE, Rule, account_at, fee_rule,
    refund_rule, vat_account,
)  # fmt: skip
from projections.stands import FeeStands, RefundStands, Stands

Balances = dict[int, int]
"""Account and VAT rate (`taxed`) -> öre, debits positive."""
ByRate = dict[int, int]
"""VAT rate in hundredths of a per cent -> öre, as the order's prices say."""

UNDONE: Mapping[str, type[Any]] = {
    "cancellation": CancellationRequested,
    "withdrawal": WithdrawalNotified,
    "undeliverable": LineStruck,
    "delay": RescissionDeclared,
}
"""Refunds that undo a purchase, and the facts that say of which lines. They give back what was
paid for goods that never left before they credit what was sold; others concern goods sold."""

SENT = frozenset({Shipped, Collected, Delivered})
"""Facts that say that goods left, told by whoever told first."""


MOVING = SENT | {InvoiceIssued, PaymentReceived, RefundPaid}
"""Facts without one of which no account moves, but for what is owed."""


TAXED = ("included", "excluded")
"""How an amount may hold its VAT; any other has none."""


def taxed(account: int, rate: int) -> int:
    """What a balance is kept under: both in one number, by which balances sort."""
    return account * 10_000 + rate


def account_and_rate(key: int) -> tuple[int, int]:
    """An account, and the VAT rate at which what is on it was taxed (0: it was not)."""
    return divmod(key, 10_000)


class Sold(NamedTuple):
    """What was sold on an account at a rate: as priced, without VAT, and its VAT."""

    priced: int = 0
    net: int = 0
    vat: int = 0


def balances(state: OrderState, stands: Stands) -> dict[str, Balances]:
    """The balance of every account, by currency; nothing until the order is known."""
    if state.data is None or (MOVING.isdisjoint(state.by_type) and not stands.moving):
        return {}
    books = Books(state)
    books.sales()
    books.credits(stands)
    for fee in stands.fees.values():
        books.fee(fee)
    books.payments()
    found = books.closed()
    return {state.data.currency: found} if found else {}


class Books:
    """Balances while they are made up. `customer` is what the customer owes; negative: is owed."""

    def __init__(self, state: OrderState) -> None:
        self.state = state
        self.mode = "excluded" if state.order.prices == "excluding_vat" else "included"
        self.accounts: Balances = {}
        self.customer = 0
        self.roundings = 0
        """VAT put on top so far: each may be off by half an öre against what others came to."""
        self.lines = sold_lines(state)
        self.sold: dict[tuple[int, int], Sold] = {}
        self.rates = by_rate(state, state.lines)
        """Of all goods ordered: freight is taxed as they are, in whatever parcels they go."""
        self.undone: set[str] = set()

    # -- moving accounts ------------------------------------------------------------------------

    def move(self, account: int, rate: int, net: int, vat: int) -> None:
        """The customer owes `net` more to an account, and `vat` more for the tax of its rate."""
        self._add(account_at(account, rate), -net, rate)
        self._add(vat_account(rate), -vat, rate)
        self.customer += net + vat

    def _add(self, account: int, amount: int, rate: int = 0) -> None:
        key = taxed(account, rate)
        self.accounts[key] = self.accounts.get(key, 0) + amount

    def parted(self, amount: int, rate: int, mode: str) -> tuple[int, int]:
        """(net, VAT) of an amount with the tax `included`, `excluded`, or without any."""
        if mode == "included":
            vat = divided(amount * rate, 10_000 + rate)
            return amount - vat, vat
        if mode == "excluded":
            self.roundings += 1
            return amount, divided(amount * rate, 10_000)
        return amount, 0

    def charge(self, rule: Rule, amount: int, rates: ByRate, mode: str) -> None:
        """The customer owes an amount (negative: is owed it), taxed as goods of these rates."""
        for rate, part in spread(amount, rates).items():
            at = rate if mode in TAXED else 0
            self.move(rule.account, at, *self.parted(part, rate, mode))

    # -- what is sold, and taken back -----------------------------------------------------------

    def sales(self) -> None:
        """Goods that left or were invoiced, line by line, and with the first their freight."""
        for line in self.lines:
            rate = rate_of(self.state, line)
            self._sell(GOODS, rate, self.state.value(line))
        if self.lines:
            for rate, part in spread(self.state.freight, self.rates).items():
                self._sell(FREIGHT, rate, part)

    def _sell(self, account: int, rate: int, priced: int) -> None:
        net, vat = self.parted(priced, rate, self.mode)
        before = self.sold.get((account, rate), Sold())
        self.sold[account, rate] = Sold(before.priced + priced, before.net + net, before.vat + vat)
        self.move(account, rate, net, vat)

    def credits(self, stands: Stands) -> None:
        """Refunds and write-offs, together never more than was sold.

        What goes beyond is the customer's own money: it is owed already, without a credit.
        """
        credit: dict[tuple[int, int], int] = {}
        refunds = sorted(
            ((concerned(self.state, one), key, one) for key, one in stands.refunds.items()),
            key=lambda found: (len(found[0]), found[1]),
        )
        parts = [part for lines, _, one in refunds for part in self._refund(one, lines)]
        parts += [part for off in stands.written_off.values() for part in self._written_off(off)]
        for account, amount, rates in parts:
            for rate, share in spread(amount, rates).items():
                credit[account, rate] = credit.get((account, rate), 0) + share
        for (account, rate), amount in credit.items():
            if amount:
                self._credit(account, rate, amount)

    def _credit(self, account: int, rate: int, amount: int) -> None:
        """Take back what was sold: all of it to the öre, or a part with its share of VAT."""
        sold = self.sold.get((account, rate), Sold())
        if amount >= sold.priced:
            self.move(account, rate, -sold.net, -sold.vat)
        else:
            net, vat = self.parted(amount, rate, self.mode)
            self.move(account, rate, -net, -vat)

    def _refund(
        self, refund: RefundStands, lines: tuple[str, ...]
    ) -> Iterable[tuple[int, int, ByRate]]:
        """What a refund credits: (account, amount, rates). Its other entries are charged here."""
        sold = by_rate(self.state, [line for line in lines if line in self.lines])
        rates = sold or self.rates
        breakdown = refund.breakdown or (("goods", refund.amount),)
        goods = 0
        for entry, amount in breakdown:
            rule = refund_rule(refund.kind, entry)
            if rule.account == GOODS:
                goods += amount
            elif rule.account == FREIGHT and amount > 0:
                yield FREIGHT, amount, self.rates
            else:
                self.charge(rule, -amount, rates, self.mode if rule.vat == "goods" else "none")
        if refund.kind in UNDONE:
            goods -= self._never_left(lines, struck=refund.kind == "undeliverable")
        yield GOODS, max(0, min(goods, sum(sold.values()))), sold
        odd = refund.amount - sum(amount for _, amount in breakdown)
        self.move(ROUNDING, 0, -odd, 0)

    def _never_left(self, lines: Iterable[str], *, struck: bool) -> int:
        """The value of goods among these that were not sold, and of which no other refund speaks.

        Refunds are looked at from the one of fewest lines on, so that one that names a line has
        it before one that speaks of all.
        """
        kept = self.undone.union(self.lines, () if struck else self.state.struck)
        gone = [line for line in lines if line not in kept]
        self.undone.update(gone)
        return sum(self.state.value(line) for line in gone)

    def _written_off(self, amount: int) -> Iterable[tuple[int, int, ByRate]]:
        """What a write-off credits: goods, and what goes beyond them freight."""
        rates = by_rate(self.state, self.lines)
        goods = min(amount, sum(rates.values()))
        yield GOODS, goods, rates
        yield FREIGHT, amount - goods, self.rates

    # -- fees and money -------------------------------------------------------------------------

    def fee(self, fee: FeeStands) -> None:
        """A fee is taxed as it says, at the standard rate."""
        rule = fee_rule(fee.kind)
        mode = fee.vat if rule.vat == "told" else "none"
        self.charge(rule, fee.amount, {STANDARD_RATE: 1}, mode)

    def payments(self) -> None:
        """Money in and out. Where prices exclude VAT so do these, unless they say otherwise."""
        state = self.state
        for told in state.all(PaymentReceived):
            self._bank(told.fact.amount, told.fact.vat or self.mode, tuple(state.lines))
        self.repayments()

    def repayments(self) -> None:
        """Money out."""
        for told in self.state.all(RefundPaid):
            lines = concerned(self.state, named_refund(self.state, told.fact.refund or ""))
            self._bank(-told.fact.amount, self.mode, lines)

    def _bank(self, amount: int, mode: str, lines: tuple[str, ...]) -> None:
        gross = amount
        if mode == "excluded":
            for rate, part in spread(amount, by_rate(self.state, lines)).items():
                gross += self.parted(part, rate, mode)[1]
        self._add(BANK, gross)
        self.customer -= gross

    def closed(self) -> Balances:
        """Every balance that is not nought, the customer's on its side."""
        if 2 * abs(self.customer) <= self.roundings:
            self._add(ROUNDING, self.customer)
        else:
            self._add(RECEIVABLE if self.customer > 0 else ADVANCE, self.customer)
        return {account: amount for account, amount in sorted(self.accounts.items()) if amount}


def gross(state: OrderState, refund: RefundStands) -> int:
    """What a refund comes to with the VAT that is put on top of it, by the rules of its entries."""
    books, lines = Books(state), concerned(state, refund)
    rates, odd = by_rate(state, lines) or books.rates, refund.amount
    for entry, amount in refund.breakdown or (("goods", refund.amount),):
        rule = refund_rule(refund.kind, entry)
        of = books.rates if rule.account == FREIGHT and amount > 0 else rates
        books.charge(rule, -amount, of, books.mode if rule.vat == "goods" else "none")
        odd -= amount
    return odd - books.customer


def repaid(state: OrderState) -> int:
    """What was paid back, as the bank has it: with the VAT that is put on top."""
    books = Books(state)
    books.repayments()
    return books.customer


def spread(amount: int, weights: Mapping[int, int]) -> ByRate:
    """An amount over VAT rates in proportion to weights; the parts add up to it exactly."""
    total = sum(weights.values())
    if total <= 0 or len(weights) == 1:
        return {next(iter(weights), STANDARD_RATE): amount}
    parts: ByRate = {}
    weighed = done = 0
    for rate, weight in weights.items():
        weighed += weight
        upto = divided(amount * weighed, total)
        parts[rate] = upto - done
        done = upto
    return parts


def rate_of(state: OrderState, line: str) -> int:
    """A line's VAT rate in hundredths of a per cent; there is no finer one."""
    return int(state.lines[line].vat_rate * 100)


def by_rate(state: OrderState, lines: Iterable[str]) -> ByRate:
    """The value of lines by VAT rate, the lowest rate first."""
    values: ByRate = {}
    for line in lines:
        rate = rate_of(state, line)
        values[rate] = values.get(rate, 0) + state.value(line)
    return dict(sorted(values.items()))


def sold_lines(state: OrderState) -> tuple[str, ...]:
    """Lines that were sent or received; all once invoices have come to the whole order."""
    sent = {
        line
        for parcel in state.parcels.values()
        if not SENT.isdisjoint(parcel.by_type)
        for line in parcel.lines
    }
    invoiced = _invoiced_whole(state)
    return tuple(
        line for line in state.lines if line in sent or (invoiced and line not in state.struck)
    )


def _invoiced_whole(state: OrderState) -> bool:
    """Whether the invoices together ask for all goods, each with or without VAT as it says."""
    invoices = [told.fact for told in state.all(InvoiceIssued)]
    if not invoices:
        return False
    own = "excluded" if state.order.prices == "excluding_vat" else "included"
    values = by_rate(state, [line for line in state.lines if line not in state.struck])
    priced = sum(values.values())
    if own == "excluded":
        gross = half_up(sum(Fraction(v * (10_000 + rate), 10_000) for rate, v in values.items()))
        whole = {"excluded": priced, "included": gross}
    else:
        net = half_up(sum(Fraction(v * 10_000, 10_000 + rate) for rate, v in values.items()))
        whole = {"included": priced, "excluded": net}
    if not priced:
        return False
    return sum(Fraction(one.amount, whole[one.vat or own] or 1) for one in invoices) >= 1


def concerned(state: OrderState, refund: RefundStands) -> tuple[str, ...]:
    """The lines of a refund: its own, its parcel's, its case's, its causing fact's, or all."""
    if refund.line is not None:
        return state.named((refund.line,))
    if refund.parcel in state.parcels:
        return state.named(state.parcels[refund.parcel].lines)
    told: list[Any] = []
    if refund.rma in state.rmas:
        case = state.rmas[refund.rma]
        told = [*case.all(RmaRequested), *case.all(RmaIssued)]
    elif refund.cause is not None:
        every = (one for facts in state.by_type.values() for one in facts)
        told = [one for one in every if one.id == refund.cause]
    elif refund.kind in UNDONE:
        told = state.all(UNDONE[refund.kind])
    named = [_lines_of(one.fact) for one in told]
    if not named or None in named:
        return tuple(state.lines)
    return state.named(tuple(dict.fromkeys(line for lines in named for line in lines or ())))


def named_refund(state: OrderState, name: str) -> RefundStands:
    """What a payment says of its refund: `kind`, or `kind:subject`."""
    kind, _, subject = name.partition(":")
    about, _, cause = subject.partition("#")
    refund = RefundStands(kind, 0, (), cause=cause or None)
    if about in state.parcels:
        refund.parcel = about
    elif about in state.rmas:
        refund.rma = about
    elif about in state.lines:
        refund.line = about
    elif about:
        refund.cause = about
    return refund


def _lines_of(fact: Any) -> tuple[str, ...] | None:
    """The lines that a fact names; None where it speaks of all."""
    line = getattr(fact, "line", None)
    lines = getattr(fact, "lines", None)
    return (line,) if line is not None else lines
