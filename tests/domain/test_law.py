"""The law by contract date: what each statute gives the day before it changes, and on the day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from adapters.terms import TERMS, book
from domain.errors import TermsError
from domain.explain import EFFECTS, grounds
from domain.facts import (
    CollectionStarted, DamageReported, Delivered, DiscretionExercised, InvoiceIssued,
    ParcelReturned, PaymentReceived, ReminderSent, RescissionDeclared, ReturnAssessed,
    ReturnReceived, Shipped, Unclaimed, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Acknowledgement, Deadline, Fee, Outcome, Refund
from domain.terms.book import Book
from domain.terms.register import register
from tests.domain.story import Story, goods, story

Tell = Callable[[str], Story]
Says = tuple[str, object, dict[str, str]]
"""Contract's day; öre, or the day a period ends; statutes and what they do to the term."""


def after(placed: str, days: int) -> str:
    return (date.fromisoformat(placed) + timedelta(days=days)).isoformat()


def late(seller: str, method: str, **order: Any) -> Tell:
    """An invoice of 2,000 that is reminded of, collected and claimed for, and paid late."""

    def tell(placed: str) -> Story:
        one = story(seller, placed=placed, pay=method, lines=(goods("1", 2000_00),), **order)
        one.told(InvoiceIssued(invoice="F", amount=2000_00), at=after(placed, 1))
        one.told(ReminderSent(invoice="F"), at=after(placed, 60))
        one.told(CollectionStarted(invoice="F"), at=after(placed, 90))
        charge = DiscretionExercised(about="late_payment", decision="charge")
        one.told(charge, at=after(placed, 100))
        paid = PaymentReceived(invoice="F", amount=2000_00)
        return one.told(paid, at=after(placed, 190))

    return tell


def here(seller: str, **order: Any) -> Tell:
    """Goods that came three days after the order and were damaged."""

    def tell(placed: str) -> Story:
        one = story(seller, placed=placed, **order)
        one.told(Shipped(parcel="p1", tracking="T"), at=after(placed, 1))
        one.told(Delivered(parcel="p1"), at=after(placed, 3))
        damage = DamageReported(parcel="p1", visibility="visible", to="seller")
        return one.told(damage, at=after(placed, 4))

    return tell


def never_came(seller: str) -> Tell:
    """Goods paid for that did not come in sixty days, when the customer had enough."""

    def tell(placed: str) -> Story:
        one = story(seller, placed=placed)
        one.told(PaymentReceived(amount=1000_00), at=placed)
        return one.told(RescissionDeclared(ground="delay"), at=after(placed, 60))

    return tell


def unclaimed(seller: str) -> Tell:
    def tell(placed: str) -> Story:
        one = story(seller, placed=placed)
        one.told(Shipped(parcel="p1", tracking="T"), at=after(placed, 1))
        one.told(Unclaimed(parcel="p1"), at=after(placed, 15))
        return one.told(ParcelReturned(parcel="p1", return_cost=80_00), at=after(placed, 18))

    return tell


def given_back(seller: str) -> Tell:
    """Withdrawn from by one who was not informed, and worn when they came back."""

    def tell(placed: str) -> Story:
        one = story(seller, placed=placed, terms_informed=False)
        one.told(PaymentReceived(amount=1000_00), at=placed)
        one.told(Delivered(parcel="p1", lines=("1",)), at=after(placed, 3))
        one.told(WithdrawalNotified(channel="withdrawal_function"), at=after(placed, 5))
        one.told(ReturnReceived(lines=("1",)), at=after(placed, 9))
        worn = ReturnAssessed(lines=("1",), value_loss_percent=40, cause="excess_handling")  # type: ignore[arg-type]
        return one.told(worn, at=after(placed, 10))

    return tell


PAYSON, KLARNA = late("sweeto", "payson_invoice"), late("allectra", "klarna_invoice")
COMPANY = late("gandalf", "invoice", kind="business")
DANE = here("compumail", readings={"com-consumer-law": "danish"})
TABLE: list[tuple[Tell, str, Says, Says]] = [
    (PAYSON, "reminder", ("2013-03-15", 50_00, {"IL-4": "capped"}),
     ("2013-03-16", 60_00, {"IL-4": "applies"})),
    (PAYSON, "collection", ("2013-03-15", 160_00, {"IL-4": "capped"}),
     ("2013-03-16", 180_00, {"IL-4": "applies"})),
    (COMPANY, "late_payment", ("2013-03-15", None, {}),
     ("2013-03-16", 450_00, {"IL-4a": "applies"})),
    (PAYSON, "late_interest", ("2025-02-28", 227_51, {}),
     ("2025-03-01", 215_51, {"KKrL-19a": "capped"})),
    (KLARNA, "late_interest", ("2025-02-28", 226_52, {}),
     ("2025-03-01", 196_60, {"KKrL-19a": "capped"})),
    (here("sweeto"), "presumption", ("2022-04-30", "2022-11-03", {"KKL90-20a": "bounded"}),
     ("2022-05-01", "2024-05-04", {"KKL-4:17": "bounded"})),
    (here("compumail"), "presumption", ("2022-04-30", "2022-11-03", {"KKL90-20a": "applies"}),
     ("2022-05-01", "2024-05-04", {"KKL-4:17": "bounded"})),
    (here("netzilla"), "presumption", ("2022-04-30", "2022-11-03", {"KKL90-20a": "applies"}),
     ("2022-05-01", "2024-05-04", {"KKL-4:17": "applies"})),
    (here("sweeto"), "complaint_period", ("2022-04-30", "2025-05-05", {"KKL90-23": "bounded"}),
     ("2022-05-01", "2025-05-04", {"KKL-4:14": "bounded"})),
    (here("allectra"), "complaint_period", ("2022-04-30", "2025-05-05", {"KKL90-23": "applies"}),
     ("2022-05-01", "2025-05-04", {"KKL-4:14": "applies"})),
    (here("allectra"), "damage_report", ("2022-04-30", "2022-07-04", {"KKL90-23": "bounded"}),
     ("2022-05-01", "2022-07-04", {"KKL-1:10": "bounded", "KKL-5:2": "bounded"})),
    (here("compumail"), "damage_report", ("2022-04-30", "2022-07-04", {"KKL90-23": "bounded"}),
     ("2022-05-01", "2022-07-04", {"KKL-1:10": "bounded", "KKL-5:2": "bounded"})),
    (here("netzilla"), "complaint_notice", ("2022-04-30", "2022-07-04", {"KKL90-23": "applies"}),
     ("2022-05-01", "2022-07-04", {"KKL-1:10": "applies", "KKL-5:2": "applies"})),
    (here("allectra"), "delivery", ("2022-04-30", "2022-05-30", {"KKL90-5": "bounded"}),
     ("2022-05-01", "2022-05-31", {"KKL-2:2": "bounded", "KKL-1:10": "bounded"})),
    (here("compumail"), "delivery", ("2022-04-30", "2022-05-30", {"KKL90-5": "applies"}),
     ("2022-05-01", "2022-05-31", {"KKL-2:2": "applies", "KKL-1:10": "applies"})),
    (DANE, "presumption", ("2021-12-31", "2022-07-03", {"DKK-77a": "applies"}),
     ("2022-01-01", "2023-01-04", {"DKK-77a": "bounded"})),
    (never_came("netzilla"), "delay", ("2022-04-30", 1000_00, {"KKL90-13": "applies"}),
     ("2022-05-01", 1000_00, {"KKL-3:5": "applies"})),
    (never_came("allectra"), "rescission_from",
     ("2022-04-30", "2022-05-31", {"KKL90-5": "bounded"}),
     ("2022-05-01", "2022-06-01", {"KKL-2:2": "bounded", "KKL-1:10": "bounded"})),
    (unclaimed("sweeto"), "unclaimed", ("2022-04-30", 250_00, {}),
     ("2022-05-01", 250_00, {"KKL-7:7": "applies"})),
]  # fmt: skip


def found(one: Story, kind: str) -> Any:
    """The fee, refund or deadline of a kind, if there is one."""
    items: list[Any] = [*one.standing(Fee), *one.standing(Refund), *one.standing(Deadline)]
    return next((item for item in items if item.kind == kind), None)


def shown(item: Outcome) -> None:
    """What the law does to the terms stands in the grounds, in words, in both languages."""
    english, swedish = grounds(item.because, "en"), grounds(item.because, "sv")
    for reference, effect in item.because.statutes:
        assert f"statute {reference} {EFFECTS[effect][0]}" in english
        assert f"lag {reference} {EFFECTS[effect][1]}" in swedish
    for clause, value, law in item.because.beaten:
        assert f"not {clause} ({value}): {law}" in english


@pytest.mark.parametrize("day", [0, 1], ids=["before", "on"])
@pytest.mark.parametrize(("tell", "kind", "before", "on"), TABLE)
def test_the_law_of_the_contracts_day_decides(
    tell: Tell, kind: str, before: Says, on: Says, day: int
) -> None:
    placed, value, effects = (before, on)[day]
    item = found(tell(placed), kind)
    got = item and (item.due.isoformat() if isinstance(item, Deadline) else item.amount)
    assert (got, dict(item.because.statutes) if item else {}) == (value, effects)
    if item is not None:
        shown(item)
        falls = set(effects.values()) & {"bounded", "capped"}
        assert bool(item.because.beaten) == bool(falls)


@pytest.mark.parametrize("seller", ["allectra", "netzilla", "sweeto"])
def test_a_clause_that_the_law_strikes_gives_nothing_and_says_so(seller: str) -> None:
    """Loss of value is not set off against who was not informed (DAL 2:15, 2)."""
    item = found(given_back(seller)("2024-03-04"), "withdrawal")
    assert item.amount == 1000_00
    assert "struck" in dict(item.because.statutes).values()
    shown(item)


@pytest.mark.parametrize(("placed", "statutes"), [
    ("2026-06-18", {"DAL-2:10"}), ("2026-06-19", {"DAL-2:10", "DAL-2:10a", "CRD-11a"}),
])  # fmt: skip
def test_the_withdrawal_function_is_of_contracts_since_it_was_law(placed, statutes):
    (receipt,) = given_back("allectra")(placed).standing(Acknowledgement)
    named = {*receipt.because.clauses, *(one for one, _ in receipt.because.statutes)}
    assert named & {"DAL-2:10", "DAL-2:10a", "CRD-11a"} == statutes


# -- outside what is known ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seller", "day", "sentence"),
    [
        ("gandalf", "2005-03-31", "outside the known law, .* of contracts from 2005-04-01"),
        ("sweeto", "2027-01-01", "to 2026-12-31: look at the statutes, then move still_valid_on"),
        ("allectra", "2020-10-10", "terms of allectra are known from 2020-10-11 on"),
        ("compumail", "2009-12-31", "terms of compumail are known from 2010-01-01 on"),
    ],
)  # fmt: skip
def test_a_contract_outside_what_is_known_is_an_error_that_says_so(seller, day, sentence):
    with pytest.raises(TermsError, match=f"a contract of {day}.*{sentence}"):
        book().edition(seller, None, date.fromisoformat(day))


@pytest.mark.parametrize(("seller", "days"), [
    ("gandalf", ("2010-01-01", "2026-12-31")), ("allectra", ("2020-10-11", "2026-12-31")),
])  # fmt: skip
def test_the_first_and_the_last_known_day_are_known(seller, days):
    for day in days:
        assert book().edition(seller, None, date.fromisoformat(day)).seller == seller


def test_every_statute_that_decides_is_in_the_register():
    """Act, rule and how well it is known, of each reference that the statutes name."""
    texts = {one.name.removesuffix(".toml"): one.read_text("utf-8")
             for one in (TERMS / "clauses").iterdir() if one.name.endswith(".toml")}  # fmt: skip
    known = register(texts, {})
    known_book: Book = book()
    named = {
        reference
        for dated in known_book.law.values()
        for entry in dated
        for reference in (
            entry["clause"] if isinstance(entry["clause"], list) else [entry["clause"]]
        )
    }
    assert named <= set(known.statutes)
