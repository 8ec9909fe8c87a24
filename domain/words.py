"""The words that people read for the codes of facts and outcomes, in English and in Swedish."""

from collections.abc import Mapping
from typing import Literal

from domain.money import kronor

Language = Literal["en", "sv"]
SPOKEN = {
    "klarna_invoice": "Klarna invoice", "klarna_account": "Klarna account",
    "payson_invoice": "Payson invoice", "swish": "Swish", "advance": "advance payment",
    "floor": "lowest fee", "tariff": "price list", "setup": "set-up fee",
    "statement": "notification fee", "partner_cost": "the service partner's cost",
    "over_maximum": "above the highest amount", "faultless": "goods without a fault",
    "warranty_faultless": "goods without a fault, sent in under warranty",
    "not_approved_return": "return without approval", "extra_delivery": "dearer delivery",
    "wrong_seller_handling": "return to the wrong seller", "agent_pickup": "fetched from an agent",
    "unclaimed": "parcel not collected", "undeliverable": "cannot be delivered",
    "reship_freight": "sending the parcel again", "freight_goodwill": "freight given back",
    "freight_reimbursement": "freight paid back",
}  # fmt: skip
"""Codes that are not their own word in English, or not one that a customer knows."""
SWEDISH = {
    # ways to pay
    "card": "kort", "swish": "Swish", "cash": "kontanter", "advance": "förskott",
    "klarna_invoice": "Klarna-faktura", "klarna_account": "Klarna-konto",
    "payson_invoice": "Payson-faktura", "part_payment": "delbetalning", "invoice": "faktura",
    # ways to send
    "standard": "standardfrakt", "express": "expressfrakt", "economy": "ekonomifrakt",
    "letter": "brev", "bulky_letter": "skrymmande brev", "courier": "bud", "pickup": "avhämtning",
    # whose move it is
    "customer": "kunden", "seller": "säljaren", "carrier": "transportören",
    # parts of a sum
    "agent_pickup": "hämtning hos ombud", "compensation": "ersättning", "cost": "kostnad",
    "credit": "kredit", "customs": "tull", "delivery": "frakt", "direct_loss": "direkt förlust",
    "examination": "undersökning", "extra_delivery": "dyrare leverans än standard",
    "fault_finding": "felsökning", "faultless": "felfri vara", "fee": "avgift",
    "floor": "lägsta avgift", "forwarding": "vidarebefordran", "freight": "frakt",
    "goods": "varor", "handling": "hantering", "interest": "ränta",
    "not_approved_return": "ej godkänd retur", "notification_fees": "aviavgifter",
    "other_costs": "andra kostnader", "outbound_freight": "frakt till kunden",
    "over_maximum": "över högsta beloppet", "paid_above_price": "betalt utöver priset",
    "partner_cost": "servicepartnerns kostnad", "price": "pris",
    "return_freight": "returfrakt", "return_label": "returfraktsedel",
    "return_pickup": "hämtning av retur", "return_slip": "returfraktsedel",
    "setup": "uppläggningsavgift", "shipping": "frakt", "statement": "aviavgift",
    "tariff": "prislista", "technician": "tekniker", "unpaid": "obetalt",
    "unjustified_complaint": "obefogad reklamation", "value_loss": "värdeminskning",
    "warranty_faultless": "felfri vara i garantiärende", "wasted_trip": "förgäves transport",
    "written_off": "avskrivet", "wrong_seller_handling": "retur till fel säljare",
    # fees, refunds and questions beside those
    "cancellation": "avbeställning", "collection": "inkassokostnad", "complaint": "reklamation",
    "delay": "försening", "freight_reimbursement": "ersättning för frakt",
    "late_interest": "dröjsmålsränta", "late_payment": "förseningsersättning",
    "reminder": "påminnelseavgift", "reship_freight": "ny frakt", "sales_return": "säljretur",
    "unclaimed": "ej uthämtat paket", "undeliverable": "kan inte levereras",
    "withdrawal": "ångrat köp", "wrong_address": "fel adress", "damage": "transportskada",
    "discrepancy": "felaktig leverans", "order": "ordern", "payment_method": "betalningssätt",
    "personal_data": "personuppgifter", "purchase_guarantee": "köpgaranti",
    "goodwill": "goodwill", "freight_goodwill": "frakt tillbaka", "agreed_fee": "avtalad avgift",
    "refund": "återbetalning", "rescission": "hävning", "return": "retur", "warranty": "garanti",
}  # fmt: skip
LINE = {"en": ("line", "lines"), "sv": ("rad", "raderna")}
LABELLED = ("line", "lines", "rad", "raden", "raderna")
"""Words after which the name of a line alone is enough."""
GOODS = ("goods", "varorna")


def word(code: str, language: Language = "en") -> str:
    """What people call a way to pay or to send, a party, a kind of fee or a part of a sum."""
    plain = SPOKEN.get(code, code.replace("_", " "))
    return SWEDISH.get(code, plain) if language == "sv" else plain


def money(amount: int, language: Language = "en", currency: str = "SEK") -> str:
    """Öre as people write them: '1069.00', in Swedish '1 069,00 kr'."""
    if language == "en":
        return kronor(amount)
    whole, rest = kronor(amount).split(".")
    grouped = f"{int(whole):,}".replace(",", " ")
    sign = "-" if amount < 0 and int(whole) == 0 else ""
    return f"{sign}{grouped},{rest} {'kr' if currency == 'SEK' else currency}".rstrip()


def lines(ids: str, before: str, names: Mapping[str, str], language: Language = "en") -> str:
    """Lines of the order in a sentence: as their goods are called, else by number, never a bare id.

    `ids` are separated by commas; `before` is the sentence up to there.
    """
    each = [id for id in ids.split(", ") if id]
    label = before.rstrip().rpartition(" ")[2].casefold()
    if label in LABELLED:
        return ", ".join(f"{id} ({names[id]})" if names.get(id) else id for id in each)
    one, several = LINE[language]
    if any(names.get(id) for id in each):
        said = ", ".join(names.get(id) or f"{one} {id}" for id in each)
    else:
        said = f"{several if len(each) > 1 else one} {', '.join(each)}"
    return f"({said})" if label in GOODS else said
