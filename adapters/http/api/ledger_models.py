"""The ledger as the API answers it; amounts are decimal kronor, debits positive."""

from datetime import date, datetime
from typing import Literal

from adapters.http.api.models import Shape, like


class Balance(Shape):
    """An account of one currency."""

    currency: str = like("SEK")
    account: int = like(1510)
    opening: float = like(0.00)
    debit: float = like(350.00)
    credit: float = like(0.00)
    entries: int = like(1)
    closing: float = like(350.00)
    balance: float = like(350.00, "The same as `closing`.")


class SellerBalances(Shape):
    """A seller's own accounts, which come to 0.00 before, in and after the span."""

    seller: str = like("allectra")
    currency: str = like("SEK")
    opening: float = like(0.00)
    movement: float = like(0.00)
    closing: float = like(0.00)
    accounts: list[Balance]


class TrialBalance(Shape):
    """All sellers' accounts together, and each seller's own; `total` is 0.00."""

    accounts: list[Balance]
    total: float = like(0.00)
    sellers: list[SellerBalances]


class Account(Shape):
    """An account of the chart."""

    account: int = like(1510)
    name: str = like("Kundfordringar")
    nature: Literal["asset", "liability", "income", "expense"] = like("asset")


class Accounts(Shape):
    """The chart of accounts."""

    accounts: list[Account]


class Entry(Shape):
    """A leg on the account, and the account's balance behind it."""

    seller: str = like("allectra")
    currency: str = like("SEK")
    order_id: str = like("ALL-0004")
    kind: str = like("FeeRaised")
    booked: date = like("2026-09-06")
    occurred: date = like("2026-09-06")
    period: str = like("2026-09")
    late: bool = like(False, "Whether its own month was closed when it was booked.")
    contra: list[int] = like([2611, 3590])
    amount: float = like(350.00)
    balance: float = like(350.00)
    partition: int = like(196)
    position: int = like(18)
    leg: int = like(1)


class Statement(Shape):
    """What the span and the page begin and end with; `earlier` asks for the page before."""

    seller: str = like("allectra")
    currency: str = like("SEK")
    opening: float = like(0.00)
    brought_forward: float = like(0.00)
    closing: float = like(350.00)
    total_entries: int = like(1)
    earlier: str | None = like(None)


class StatementPage(Shape):
    """An account's statement: of each seller and currency, and the entries of all."""

    account: int = like(1510)
    entries: list[Entry]
    statements: list[Statement]


class Customer(Shape):
    """What a customer owes and is owed; null is orders that name none."""

    seller: str = like("allectra")
    currency: str = like("SEK")
    customer: str | None = like("c-3601")
    orders: int = like(1)
    owes: float = like(445.00)
    owed: float = like(0.00)


class CustomerSum(Shape):
    """All customers of a seller, whichever are listed; `next` asks for those behind them."""

    seller: str = like("allectra")
    currency: str = like("SEK")
    customers: int = like(1)
    owes: float = like(445.00)
    owed: float = like(0.00)
    next: str | None = like(None)


class Customers(Shape):
    """The customers' balances, those who owe most first."""

    customers: list[Customer]
    sums: list[CustomerSum]


class Seller(Shape):
    """What a seller's orders moved; null is its own shop. All but `orders` come to 0.00."""

    marketplace: str | None = like(None)
    seller: str = like("allectra")
    currency: str = like("SEK")
    orders: int = like(1)
    bank: float = like(1549.00)
    receivable: float = like(445.00)
    advance: float = like(0.00)
    income: float = like(-1595.20)
    vat: float = like(-398.80)
    other: float = like(0.00)


class Sellers(Shape):
    """By marketplace and seller."""

    sellers: list[Seller]


class VatRow(Shape):
    """What was earned on an account at a rate (per cent), or the tax on it; credits positive."""

    seller: str = like("allectra")
    currency: str = like("SEK")
    month: str = like("2026-09")
    rate: float = like(25.0)
    account: int = like(3001)
    base: float = like(1192.00)
    vat: float = like(0.00)


class Vat(Shape):
    """Output VAT, and what base and tax come to."""

    vat: list[VatRow]
    base: float = like(1192.00)
    tax: float = like(298.00)


class Ageing(Shape):
    """Receivables by days past due; `undated` is owed without a day."""

    seller: str = like("allectra")
    currency: str = like("SEK")
    undated: float = like(445.00)
    not_due: float = like(0.00)
    days_30: float = like(0.00)
    days_60: float = like(0.00)
    days_90: float = like(0.00)
    older: float = like(0.00)
    total: float = like(445.00)


class AgeingTable(Shape):
    """As of a day, by seller and currency."""

    as_of: date = like("2026-11-20")
    ageing: list[Ageing]


class LateEntry(Shape):
    """An entry in the books of a later month than it happened in; `amount` is its debits."""

    order_id: str = like("ALL-0011")
    kind: str = like("PaymentReceived")
    currency: str = like("SEK")
    occurred: date = like("2026-10-29")
    booked: date = like("2026-11-20")
    period: str = like("2026-11")
    accounts: list[int] = like([1510, 1930])
    amount: float = like(4539.00)
    partition: int = like(196)
    position: int = like(18)


class LateAccount(Shape):
    """What all late entries of a month come to on an account."""

    currency: str = like("SEK")
    account: int = like(1510)
    amount: float = like(-4539.00)
    entries: int = like(1)


class LateEntries(Shape):
    """What happened in a month and was booked in a later one; `next` asks for the page behind."""

    seller: str = like("allectra")
    month: str = like("2026-10")
    entries: list[LateEntry]
    accounts: list[LateAccount]
    next: str | None = like(None)


class Period(Shape):
    """A month of a seller's books; `partitions` is in how many of the log's it is closed."""

    seller: str = like("allectra")
    month: str = like("2026-09")
    entries: int = like(412)
    state: Literal["open", "closing", "closed"] = like("open")
    partitions: int = like(0)
    closed_at: datetime | None = like(None)
    by: str | None = like(None)
    reason: str | None = like(None)


class Periods(Shape):
    """By seller and month; `next` asks for the page behind it."""

    periods: list[Period]
    next: str | None = like(None)
