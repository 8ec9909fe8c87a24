"""An order's money as a bill: what it comes to, with its VAT, what was paid, what is left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.ledger.order import MONEY, OrderMoney
from projections.posting_rules import ADVANCE, BANK, OTHER_VAT, OUTPUT_VAT, RECEIVABLE

VAT = frozenset({*OUTPUT_VAT.values(), OTHER_VAT})
"""The accounts of output VAT: what is on them is the state's, and nobody's income."""


@dataclass(slots=True, frozen=True)
class Bill:
    """One order in one currency, öre; what the customer is to pay, and has paid, is positive.

    `repaid` is None as of a moment, where only the balance is known: `paid` is then less it.
    """

    currency: str
    income: Mapping[int, int]
    """By account, without VAT; negative where it was given back."""
    vat: Mapping[int, int]
    paid: int
    repaid: int | None
    owes: int
    """What the customer still owes."""
    owed: int
    """What is owed to the customer: to be paid back, or paid in advance."""
    back: int
    """What of it is to be paid back."""

    @property
    def advance(self) -> int:
        """What was paid for what is not delivered yet."""
        return self.owed - self.back

    @property
    def net(self) -> int:
        return sum(self.income.values())

    @property
    def gross(self) -> int:
        """All that the customer is to pay, with VAT: paid, less paid back, and what is left."""
        return self.net + sum(self.vat.values())


def bills(moneys: Iterable[OrderMoney], unpaid: int) -> list[Bill]:
    """What an order's entries come to; `unpaid` is what of its refunds was not paid yet."""
    return [
        Bill(one.currency, *_apart(one.earned), one.paid_in, one.repaid, one.owes, one.owed,
             _back(one.owed, unpaid))
        for one in moneys
    ]  # fmt: skip


def bills_then(balances: Mapping[str, Mapping[int, int]], unpaid: int) -> list[Bill]:
    """The same as of a moment, from what its accounts held; debits are positive."""
    return [
        Bill(
            currency,
            *_apart({name: -amount for name, amount in of.items() if name not in MONEY}),
            of.get(BANK, 0), None, of.get(RECEIVABLE, 0), -of.get(ADVANCE, 0),
            _back(-of.get(ADVANCE, 0), unpaid),
        )
        for currency, of in sorted(balances.items())
    ]  # fmt: skip


def _back(owed: int, unpaid: int) -> int:
    return min(owed, max(unpaid, 0))


def _apart(earned: Mapping[int, int]) -> tuple[dict[int, int], dict[int, int]]:
    """Income and VAT, each by account."""
    income = {name: amount for name, amount in earned.items() if name not in VAT}
    return income, {name: amount for name, amount in earned.items() if name in VAT}
