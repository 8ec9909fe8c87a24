"""The books of one order: the balance of every account, from its facts and what stands.

Balances follow from what is known, never from how it became known: an event's entry in the ledger
is the difference that it makes to them. The customer is the other side of everything, so that the
balances add up to nought whatever they are.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from domain.facts import (
    CancellationRequested, Collected, Delivered, InvoiceIssued, LineStruck, PaymentReceived,
    RefundPaid, RescissionDeclared, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.money import half_up
from domain.state import OrderState, Told
from projections.posting_rules import (
    ADVANCE, BANK, FREIGHT, RECEIVABLE, ROUNDING, STANDARD_RATE, fee_rule, refund_rule,
    sales_account, vat_account,
)  # fmt: skip
from projections.stands import FeeStands, RefundStands, Stands

Balances = dict[int, int]
"""Account -> öre, debits positive."""
ByRate = dict[Fraction, int]
"""VAT rate in per cent -> öre."""

UNDELIVERED_FIRST: Mapping[str, type[Any]] = {
    "cancellation": CancellationRequested,
    "withdrawal": WithdrawalNotified,
    "undeliverable": LineStruck,
    "delay": RescissionDeclared,
}
"""Refunds that undo a purchase, and the facts that say of which lines: they give back what was
paid for goods that never left before they credit what was sold. Others concern goods delivered."""


def balances(state: OrderState, stands: Stands) -> dict[str, Balances]:
    """The balance of every account, by currency; nothing until the order is known."""
    if state.data is None:
        return {}
    books = Books(state)
    books.sales()
    books.credits(stands)
    for fee in stands.fees.values():
        books.fee(fee)
    books.payments()
    found = books.closed()
    return {state.data.currency: found} if found else {}


def spread(amount: int, weights: Mapping[Fraction, int]) -> ByRate:
    """An amount over VAT rates in proportion to weights; the parts add up to it exactly."""
    total = sum(weights.values())
    if total <= 0:
        return {next(iter(weights), STANDARD_RATE): amount}
    parts: ByRate = {}
    sum_of_weights = done = 0
    for rate, weight in weights.items():
        sum_of_weights += weight
        upto = half_up(Fraction(amount * sum_of_weights, total))
        parts[rate] = upto - done
        done = upto
    return parts


def by_rate(state: OrderState, lines: Iterable[str]) -> ByRate:
    """The value of lines by VAT rate, as the order's prices say."""
    values: ByRate = {}
    for line in lines:
        rate = Fraction(state.lines[line].vat_rate)
        values[rate] = values.get(rate, 0) + state.value(line)
    return values


class Books:
    """Balances while they are made up. `customer` is what the customer owes, negative: is owed."""

    def __init__(self, state: OrderState) -> None:
        self.state = state
        self.mode = "excluded" if state.order.prices == "excluding_vat" else "included"
        self.accounts: Balances = {}
        self.customer = 0
        self.roundings = 0
        """VAT amounts added on top: each may be off by half an öre against the sum of others."""
        self.rates = by_rate(state, state.lines)
        self.sold_lines = sold_lines(state)
        self.sold = by_rate(state, self.sold_lines)
        self.freight = state.freight if self.sold_lines else 0

    # -- moving accounts ------------------------------------------------------------------------

    def vat_of(self, amount: int, rate: Fraction, mode: str) -> int:
        """The VAT in (`included`) or on top of (`excluded`) an amount, or none."""
        if mode == "included":
            return half_up(amount * rate / (100 + rate))
        if mode == "excluded":
            self.roundings += 1
            return half_up(amount * rate / 100)
        return 0

    def move(self, account: int, rate: Fraction, net: int, vat: int) -> None:
        """The customer owes `net` more to an account and `vat` more to the tax of its rate."""
        self._add(account, -net)
        self._add(vat_account(rate), -vat)
        self.customer += net + vat

    def _add(self, account: int, amount: int) -> None:
        self.accounts[account] = self.accounts.get(account, 0) + amount

    def take(self, account: int, amount: int, rate: Fraction, mode: str) -> None:
        """The customer owes an amount, taxed at one rate."""
        vat = self.vat_of(amount, rate, mode)
        self.move(account, rate, amount - vat if mode == "included" else amount, vat)

    # -- the rules ------------------------------------------------------------------------------

    def sales(self) -> None:
        """Goods that left or were invoiced, line by line, and their freight."""
        for line in self.sold_lines:
            rate = Fraction(self.state.lines[line].vat_rate)
            self.take(sales_account(rate), self.state.value(line), rate, self.mode)
        for rate, part in spread(self.freight, self.sold).items():
            self.take(FREIGHT, part, rate, self.mode)

    def fee(self, fee: FeeStands) -> None:
        account, vat = fee_rule(fee.kind)[1:3]
        mode = fee.vat if vat == "told" else "none"
        self.take(account or ROUNDING, fee.amount, STANDARD_RATE, mode)

    def credits(self, stands: Stands) -> None:
        """Refunds and write-offs, together never more than was sold.

        What goes beyond is the customer's own money: it is owed without a credit.
        """
        goods: ByRate = dict.fromkeys(self.sold, 0)
        delivery = 0
        for refund in stands.refunds.values():
            entries = Entries(self, refund)
            delivery += entries.delivery
            for rate, part in entries.goods.items():
                goods[rate] = goods.get(rate, 0) + part
        for amount in stands.written_off.values():
            for rate, part in spread(min(amount, self.total_sold), self.sold).items():
                goods[rate] = goods.get(rate, 0) + part
        for rate, amount in goods.items():
            self._credit(sales_account, rate, amount, self.sold.get(rate, 0))
        freight = spread(self.freight, self.sold)
        for rate, part in spread(min(delivery, self.freight), self.sold).items():
            self._credit(lambda _: FREIGHT, rate, part, freight.get(rate, 0))

    @property
    def total_sold(self) -> int:
        return sum(self.sold.values())

    def payments(self) -> None:
        """Money in and out. Where prices exclude VAT so do they, unless they say otherwise."""
        for told in self.state.all(PaymentReceived):
            self._bank(told.fact.amount, told.fact.vat or self.mode)
        for paid in self.state.all(RefundPaid):
            self._bank(-paid.fact.amount, self.mode)

    def _bank(self, amount: int, mode: str) -> None:
        gross = amount
        if mode == "excluded":
            for rate, part in spread(amount, self.rates).items():
                gross += self.vat_of(part, rate, mode)
        self._add(BANK, gross)
        self.customer -= gross

    def closed(self) -> Balances:
        """All balances that are not nought, the customer's on its side."""
        if 2 * abs(self.customer) <= self.roundings:
            self._add(ROUNDING, self.customer)
            self.customer = 0
        self._add(RECEIVABLE if self.customer > 0 else ADVANCE, self.customer)
        return {account: amount for account, amount in sorted(self.accounts.items()) if amount}
