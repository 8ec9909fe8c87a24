"""Quotes under real terms: carts, credits, disputes, and the sentence of each."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.terms import book
from domain.errors import Refused
from domain.explain import added_up, sentence
from domain.quotes import SENTENCES, AnyQuote
from domain.quotes.credit import CreditQuote, on_credit
from domain.quotes.delivery import Cart, CartQuote, cart_of, delivered
from domain.quotes.dispute import DisputeQuote, settled_by
from domain.terms import Terms
from domain.terms.book import Overrides


def terms(
    seller: str, readings: dict[str, str] | None = None, tariff: dict[str, str] | None = None,
    **rates: str,
) -> Terms:  # fmt: skip
    kronor = {currency: Decimal(rate) for currency, rate in rates.items()}
    other = book().otherwise(Overrides(readings or {}, tariff or {}, kronor))
    return other.terms(other.edition(seller, None, other.still_valid_on))


def of_cart(seller: str, goods: int, method: str = "standard", **more: Any) -> CartQuote:
    own = terms(seller, **more)
    return delivered(cart_of(goods, method, own), own)


# -- carts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goods", "rate", "shipping"),
    [(2000_00, "10", 69_00), (2000_01, "10", 0), (2000_00, "9.9999", 0), (2307_80, "11.539", 69_00),
     (2307_81, "11.539", 0)],
)  # fmt: skip
def test_goods_over_the_limit_in_euro_are_delivered_free(
    goods: int, rate: str, shipping: int
) -> None:
    quote = of_cart("allectra", goods, tariff={"standard": "69.00"}, EUR=rate)
    assert (quote.shipping, quote.total) == (shipping, goods + shipping)


def test_without_a_rate_nobody_knows_whether_delivery_is_free() -> None:
    quote = of_cart("allectra", 10_00, tariff={"standard": "69.00"})
    assert (quote.shipping, quote.total, quote.because.rule) == (
        None,
        None,
        "quote.delivery_no_rate",
    )
    free = of_cart("allectra", 10_00, tariff={"standard": "0"})
    assert free.shipping == 0


def test_a_method_outside_the_free_ones_needs_no_rate() -> None:
    alone = {"allectra-free-shipping-scope": "standard_only"}
    quote = of_cart("allectra", 9000_00, "express", readings=alone, tariff={"express": "129.00"})
    assert quote.shipping == 129_00
    assert ("allectra-free-shipping-scope", "standard_only") in quote.because.readings


def test_a_printed_price_is_in_kronor_and_with_vat() -> None:
    own = terms("sweeto")
    for other in ({"currency": "EUR"}, {"vat": "excluded"}):
        cart = Cart(goods=100_00, gross=Fraction(125_00), **other)  # type: ignore[arg-type]
        assert delivered(cart, own).shipping is None


def test_a_limit_is_held_against_goods_with_vat() -> None:
    cart = Cart(goods=320_01, gross=Fraction(320_01 * 5, 4), vat="excluded")
    assert delivered(cart, terms("sweeto")).shipping == 0


def test_the_price_asked_for_stands_unless_delivery_is_free() -> None:
    def asked(goods: int) -> int | None:
        cart = Cart(goods=goods, gross=Fraction(goods), method="courier", price=149_00)
        return delivered(cart, terms("sweeto")).shipping

    assert (asked(400_00), asked(400_01)) == (149_00, 0)


def test_collected_goods_are_not_delivered() -> None:
    assert of_cart("sweeto", 10_00, "pickup").total == 10_00
    assert of_cart("allectra", 10_00, "pickup", tariff={"pickup": "19.00"}).shipping == 19_00


def test_terms_that_are_silent_leave_the_price_open() -> None:
    quote = of_cart("compumail", 10_00)
    assert (quote.shipping, quote.because.clauses) == (None, ())
    assert of_cart("compumail", 10_00, tariff={"standard": "49.00"}).shipping == 49_00


@given(st.integers(0, 10**9), st.integers(1, 500_0000))
def test_a_total_is_goods_and_shipping_and_never_rises_with_the_limit(
    goods: int, rate: int
) -> None:
    euro = str(Decimal(rate) / 10_000)
    quote = of_cart("allectra", goods, tariff={"standard": "69.00"}, EUR=euro)
    assert quote.shipping == (0 if goods * 10_000 > 200_00 * rate else 69_00)
    assert quote.total == goods + quote.shipping


# -- credits --------------------------------------------------------------------------------------


def test_an_account_rounds_to_whole_kronor_from_what_is_not_rounded() -> None:
    quote = on_credit("klarna_account", 10000_00, 12, terms("allectra"))
    assert (quote.instalment, quote.total) == (955_00, 11458_00)
    assert quote.schedule == (0, *[955_00] * 11, 953_00)
    assert (str(quote.effective_rate), str(quote.printed_rate)) == ("29.22", "29.22")


def test_a_rate_that_the_terms_print_otherwise_is_said() -> None:
    quote = on_credit("payson_invoice", 10000_00, 12, terms("sweeto"))
    assert (str(quote.effective_rate), str(quote.printed_rate)) == ("10.55", "10.68")
    assert "10.68" in sentence(quote.because)


@pytest.mark.parametrize(
    ("plan", "amount", "months", "rule"),
    [
        ("part_payment", 3000_00, 4, "period_not_offered"),
        ("part_payment", 5000_00, 24, "value_too_low"),
        ("part_payment", 195_00, 6, "eaten_by_setup"),
        ("payson_invoice", 3000_00, 24, "period_not_offered"),
    ],
)
def test_a_plan_that_is_not_offered_has_no_figures(
    plan: str, amount: int, months: int, rule: str
) -> None:
    quote = on_credit(plan, amount, months, terms("sweeto"))
    assert (quote.offered, quote.total, quote.because.rule) == (False, None, f"quote.{rule}")


@pytest.mark.parametrize(
    ("seller", "plan", "months"),
    [("gandalf", "part_payment", 3), ("sweeto", "card", 3), ("sweeto", "part_payment", 0),
     ("allectra", "klarna_account", 61)],
)  # fmt: skip
def test_a_plan_that_nobody_has_is_refused(seller: str, plan: str, months: int) -> None:
    with pytest.raises(Refused, match=r"plan|months"):
        on_credit(plan, 1000_00, months, terms(seller))


@given(
    st.integers(296_00, 500_000_00),
    st.sampled_from([("allectra", "klarna_account", months) for months in range(1, 61)]
                    + [("sweeto", "part_payment", months) for months in (3, 6, 12, 24)]
                    + [("sweeto", "payson_invoice", 12)]),
)  # fmt: skip
def test_what_is_asked_for_sums_to_the_total(amount: int, plan: tuple[str, str, int]) -> None:
    seller, name, months = plan
    quote = on_credit(name, amount, months, terms(seller))
    if quote.offered:
        assert sum(quote.schedule) == quote.total == sum(of for _, of in quote.because.steps)
        assert min(quote.schedule) >= 0
        assert quote.effective_rate is not None
        assert quote.effective_rate >= (quote.rate or 0)


# -- disputes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "forum"),
    [
        (49_999_99, "EUR", "general_court"), (50_000_00, "EUR", "arbitration"),
        (560_000_00, "SEK", "arbitration"), (559_999_99, "SEK", "general_court"),
        (60_000_00, "USD", None),
    ],
)  # fmt: skip
def test_a_limit_in_euro_is_converted(amount: int, currency: str, forum: str | None) -> None:
    assert settled_by(amount, currency, terms("gandalf", EUR="11.20")).forum == forum


def test_without_a_limit_the_amount_decides_nothing() -> None:
    for amount in (1, 10**9):
        assert settled_by(amount, "SEK", terms("netzilla")).forum == "general_court"
    with pytest.raises(Refused, match="nothing of disputes"):
        settled_by(1, "SEK", terms("compumail"))


# -- words ----------------------------------------------------------------------------------------


def every_kind() -> list[AnyQuote]:
    own, low = terms("sweeto"), terms("gandalf", EUR="11.20")
    carts = [
        of_cart("sweeto", 10_00), of_cart("sweeto", 500_00), of_cart("sweeto", 10_00, "pickup"),
        of_cart("sweeto", 10_00, "courier"), of_cart("allectra", 10_00), of_cart("compumail", 1),
    ]  # fmt: skip
    credits: list[CreditQuote] = [
        on_credit("part_payment", 6000_00, 12, own), on_credit("payson_invoice", 10000_00, 12, own),
        on_credit("part_payment", 6000_00, 5, own), on_credit("part_payment", 4000_00, 24, own),
        on_credit("part_payment", 90_00, 3, own),
    ]  # fmt: skip
    disputes: list[DisputeQuote] = [
        settled_by(1, "EUR", low), settled_by(50_000_00, "EUR", low), settled_by(1, "USD", low),
        settled_by(1, "SEK", terms("allectra")), settled_by(1, "SEK", own),
    ]  # fmt: skip
    return [*carts, *credits, *disputes]


def test_every_quote_has_a_sentence_in_both_languages() -> None:
    for quote in every_kind():
        english, swedish = sentence(quote.because, "en"), sentence(quote.because, "sv")
        assert english != swedish
        assert quote.because.rule not in (english, swedish)
    unused = set(SENTENCES) - {quote.because.rule for quote in every_kind()}
    assert unused <= {"quote.delivery_in_price", "quote.arbitration"}, "no terms lead there today"


def test_the_arithmetic_of_a_quote_is_shown() -> None:
    quote = on_credit("part_payment", 6000_00, 12, terms("sweeto"))
    assert added_up(quote.because.steps) == (
        "6000.00 credit + 348.00 notification fees + 295.00 set-up fee = 6643.00"
    )
