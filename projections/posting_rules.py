"""The posting rules: which accounts of the BAS chart each thing that happens to an order moves.

The other side of every rule is the customer, who is two accounts: what the customer owes is on
1510, what is owed to the customer (paid before delivery, or a refund that is due) on 2420. A fact
moves the customer's one balance, and the part on either side follows.
"""

from typing import Literal, NamedTuple

CHART: dict[int, str] = {
    1510: "Kundfordringar",
    1930: "Företagskonto",
    2420: "Förskott från kunder",
    2610: "Utgående moms, annan skattesats",
    2611: "Utgående moms, 25 %",
    2621: "Utgående moms, 12 %",
    2631: "Utgående moms, 6 %",
    3000: "Försäljning, annan skattesats",
    3001: "Försäljning inom Sverige, 25 % moms",
    3002: "Försäljning inom Sverige, 12 % moms",
    3003: "Försäljning inom Sverige, 6 % moms",
    3004: "Försäljning inom Sverige, momsfri",
    3520: "Fakturerade frakter",
    3530: "Fakturerade tull- och speditionskostnader",
    3540: "Faktureringsavgifter",
    3590: "Övriga fakturerade kostnader",
    3730: "Lämnade rabatter",
    3740: "Öres- och kronutjämning",
    3992: "Erhållna skadestånd",
    5710: "Frakter och transporter vid distribution",
    8313: "Ränteintäkter från kortfristiga fordringar",
}
RECEIVABLE, BANK, ADVANCE, GOODS, FREIGHT, ROUNDING = 1510, 1930, 2420, 3001, 3520, 3740
STANDARD_RATE = 2500
"""VAT rates are in hundredths of a per cent."""
SALES: dict[int, int] = {2500: 3001, 1200: 3002, 600: 3003, 0: 3004}
OUTPUT_VAT: dict[int, int] = {2500: 2611, 1200: 2621, 600: 2631}
OTHER_SALES, OTHER_VAT = 3000, 2610
"""For a rate that Sweden does not have: an accountant sees it there and sorts it out."""

Vat = Literal["goods", "told", "none"]
"""As the goods concerned are taxed, as the fee says (at the standard rate), or not at all."""


class Rule(NamedTuple):
    """`account` 3001 is 3002, 3003 or 3004 where the goods concerned have another VAT rate."""

    what: str
    account: int
    vat: Vat
    moved_by: str


RULES: tuple[Rule, ...] = (
    # what                         account vat      moved by
    Rule("sale",                      3001, "goods", "Shipped Collected Delivered InvoiceIssued"),
    Rule("freight",                   3520, "goods", "the first of these"),
    Rule("payment",                   1930, "goods", "PaymentReceived"),
    Rule("refund paid",               1930, "goods", "RefundPaid"),
    Rule("write-off",                 3001, "goods", "InvoiceWrittenOff InvoiceReinstated"),
    Rule("fee",                       3590, "told",  "FeeRaised FeeAdjusted FeeReversed"),
    Rule("fee shipping",              3520, "told",  "the same"),
    Rule("fee reship_freight",        3520, "told",  "the same"),
    Rule("fee return_freight",        3520, "told",  "the same"),
    Rule("fee return_pickup",         3520, "told",  "the same"),
    Rule("fee statement",             3540, "told",  "the same"),
    Rule("fee setup",                 3540, "told",  "the same"),
    Rule("fee reminder",              3540, "told",  "the same"),
    Rule("fee collection",            3540, "told",  "the same"),
    Rule("fee late_payment",          3540, "told",  "the same"),
    Rule("fee late_interest",         8313, "none",  "the same"),
    Rule("fee cancellation",          3992, "told",  "the same"),
    Rule("refund goods",              3001, "goods", "RefundDue RefundAdjusted RefundReversed"),
    Rule("refund delivery",           3520, "goods", "the same"),
    Rule("refund value_loss",         3001, "goods", "the same"),
    Rule("refund return_label",       3520, "goods", "the same"),
    Rule("refund return_pickup",      3520, "goods", "the same"),
    Rule("refund extra_delivery",     3520, "goods", "the same"),
    Rule("refund forwarding",         3520, "goods", "the same"),
    Rule("refund customs",            3530, "goods", "the same"),
    Rule("refund fee",                3590, "goods", "the same"),
    Rule("refund goodwill",           3730, "goods", "the same"),
    Rule("refund freight_reimbursement", 5710, "none", "the same"),
    Rule("rounding",                  3740, "none",  "any of these"),
)  # fmt: skip
"""A fee of a kind that is not listed is posted as `fee`, an entry of a refund as `refund goods`."""
_BY_NAME = {rule.what: rule for rule in RULES}


def fee_rule(kind: str) -> Rule:
    return _BY_NAME.get(f"fee {kind}", _BY_NAME["fee"])


def refund_rule(kind: str, entry: str) -> Rule:
    """The rule of an entry of a refund's breakdown; some kinds have one for all their entries."""
    for what in (f"refund {kind}", f"refund {entry}"):
        if what in _BY_NAME:
            return _BY_NAME[what]
    return _BY_NAME["refund goods"]


def account_at(account: int, rate: int) -> int:
    """The account itself, or the sales account of a VAT rate."""
    return SALES.get(rate, OTHER_SALES) if account == GOODS else account


def vat_account(rate: int) -> int:
    return OUTPUT_VAT.get(rate, OTHER_VAT)
