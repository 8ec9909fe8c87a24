"""Whose move it is: money that is late, debts and duties without a day, and rights used up."""

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import domain.policies
from adapters.asking import Answer, by_account, from_events, supposing
from adapters.deadlines import DOES, RUNNING
from adapters.console.owed import letter
from adapters.console.waiting import waiting
from adapters.moves import moves, set_off
from adapters.settling import balance, unpaid
from adapters.terms import book
from domain.calendar import moment
from domain.facts import (
    AvailableForCollection, ComplaintAssessed, ComplaintReported, DamageReported, Delivered,
    DiscretionExercised, InvoiceIssued, ParcelReturned, PaymentReceived, RefundPaid, RemedyChosen,
    ReplacementShipped, ReturnReceived, Shipped, Unclaimed, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import NOBODYS, Deadline, Fee, Outcome, Refund, Ruling
from projections.books import balances
from projections.posting_rules import ADVANCE, RECEIVABLE
from tests.domain.story import Story, goods, story
from tests.projections import story as recorded


def said(one: Story, **accounts: int) -> list[str]:
    """The moves of a story in words, late ones marked; accounts have these balances, in öre."""
    return ["late: " * move.is_late + move.words for move in moves(answer(one, **accounts))]


def answer(one: Story, **accounts: int) -> Answer:
    """What is known of a story."""
    state = one.order.state
    repaid = sum(told.fact.amount for told in state.all(RefundPaid))
    refunds = sum(item.amount for item in one.standing(Refund))
    known: Any = {
        "row": {"currency": "SEK", "refunds": refunds, "repaid": repaid},
        "balances": {"SEK": {int(name[1:]): amount for name, amount in accounts.items()}},
        "outcomes": one.standing(Outcome), "state": state,
    }  # fmt: skip
    nothing: Any = dict.fromkeys(Answer.__dataclass_fields__)
    return Answer(**nothing | known)


def delivered(seller: str = "allectra", **other: Any) -> Story:
    one = story(seller, placed="2024-06-03", **other).told(Shipped(parcel="p1"), at="2024-06-04")
    return one.told(Delivered(parcel="p1"), at="2024-06-05T14:00")


def test_every_kind_of_deadline_has_its_words():
    """And what has none of a move only runs."""
    kinds = {"withdrawal", "sales_return", "doa"}
    for path in Path(domain.policies.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Deadline":
                kinds |= {one.value.value for one in node.keywords
                          if one.arg == "kind" and isinstance(one.value, ast.Constant)}  # fmt: skip
    assert kinds == {*DOES, *RUNNING}
    assert {*RUNNING} == NOBODYS


def test_money_is_late_until_it_is_paid_and_what_is_owed_beside_it_has_no_day():
    issued = InvoiceIssued(invoice="f1", amount=1000_00)
    one = delivered("gandalf", kind="business", pay="invoice").told(issued, at="2024-06-05T15:00")
    due = one.deadlines("payment")[0][0]
    one.until("2024-09-01")
    pays, *rest = said(one, a1510=1060_00)
    assert pays == f"late: The customer is to pay 1000.00 SEK by {due}"
    assert rest[0] == "The customer is to pay 60.00 SEK (no day is set)"
    one.told(PaymentReceived(amount=400_00, invoice="f1"), at="2024-09-02")
    assert said(one, a1510=660_00)[0] == f"late: The customer is to pay 600.00 SEK by {due}"
    one.told(PaymentReceived(amount=600_00, invoice="f1"), at="2024-09-03")
    assert said(one, a1510=60_00)[0] == "The customer is to pay 60.00 SEK (no day is set)"
    assert (RECEIVABLE, ADVANCE) == (1510, 2420)


def test_goods_are_to_be_sent_anew_until_they_are():
    shown = ("packaging_outside_all_around", "opened_packaging_with_protection", "shipping_label",
             "damage", "packing_slip_a4", "ean13_label")  # fmt: skip
    told = DamageReported(parcel="p1", visibility="visible", to="seller", evidence=shown)
    one = delivered().told(told, at="2024-06-06")
    assert one.replacements() == [("1",)]
    assert "The seller is to send line 1 anew (no day is set)" in said(one)
    one.told(ReplacementShipped(), at="2024-06-08")
    assert not any("anew" in move for move in said(one))


def test_an_answered_report_says_what_it_waits_for_and_of_whom():
    """Pictures, then the goods and what is to come of it, then the remedy that was chosen."""
    shown = DamageReported(parcel="p1", visibility="visible", to="seller")
    one = delivered().told(shown, at="2024-06-06")
    assert one.rulings("damage") == ["pending"]
    assert "The customer is to send pictures of the damage to line 1 (no day is set)" in said(one)
    one = delivered("compumail").told(ComplaintReported(found_at=None), at="2024-06-20")
    unseen = "no day is set, and no message says that the goods came"
    assert f"The seller is to examine line 1 ({unseen})" in said(one)
    one.told(ReturnReceived(), at="2024-06-22")
    assert "The seller is to examine line 1 (no day is set)" in said(one)
    one.told(ComplaintAssessed(approved=True), at="2024-06-24")
    right = "The seller is to put right what is wrong with line 1"
    assert f"{right} (no day is set, as the remedy is not chosen yet)" in said(one)
    assert not any("examine" in move for move in said(one))
    one.told(RemedyChosen(remedy="repair"), at="2024-06-25")
    assert "The seller is to repair line 1 (no day is set)" in said(one)
    one.told(ReplacementShipped(), at="2024-06-28")
    assert not any("line 1" in move for move in said(one) if "is to" in move)


def test_what_was_complained_of_is_to_be_sent_back_while_instructions_to_do_so_stand():
    one = delivered("netzilla").told(ComplaintReported(), at="2024-06-20")
    assert "The customer is to send line 1 back (no day is set)" in said(one)
    one.told(ReturnReceived(), at="2024-06-25")
    assert not any("send line 1 back" in move for move in said(one))


def test_a_letter_says_what_was_answered_and_what_is_set_off_and_names_the_parcel_by_tracking():
    one = story(placed="2024-06-03").told(Shipped(parcel="p1", tracking="SE123"), at="2024-06-04")
    one.told(PaymentReceived(amount=1000_00), at="2024-06-04")
    one.told(AvailableForCollection(parcel="p1"), at="2024-06-05")
    one.told(Unclaimed(parcel="p1"), at="2024-06-20")
    one.told(ParcelReturned(parcel="p1", return_cost=71_00), at="2024-06-22")
    given = DiscretionExercised(about="goodwill", decision="accepted", amount=100_50)
    one.told(given, at="2024-06-23")
    state = one.order.state
    (fee,), (refund,) = one.standing(Fee), one.standing(Refund)
    assert "Paketet SE123 hämtades inte ut." in letter(fee, state, "sv")
    owes = set_off(answer(one, a1510=244_00))
    assert owes == 244_00
    assert letter(refund, state, "en", owes).startswith(
        "Order A-1: 100.50 SEK is set off against what you owe (goodwill); you owe 244.00 SEK in "
        "all after it."
    )
    assert "räknas av från det du är skyldig (goodwill); därefter är du inte skyldig något." in (
        letter(refund, state, "sv", set_off(answer(one)))
    )
    assert set_off(answer(one, a2420=-100_50)) is None
    assert "you get 100.50 SEK back" in letter(refund, state, "en")
    one.told(RefundPaid(amount=100_50), at="2024-06-24")
    assert set_off(answer(one, a1510=244_00)) is None
    (stands,) = (item for item in one.standing(Ruling) if item.about == "order")
    assert letter(stands, state, "sv").startswith("Order A-1: godtas.")
    one = delivered("compumail").told(ComplaintReported(), at="2024-06-20")
    (asked,) = (item for item in one.standing(Ruling) if item.about == "complaint")
    assert letter(asked, one.order.state, "sv").startswith(
        "Order A-1, reklamation: är inte besvarat än."
    )


def test_a_right_is_used_up_when_what_was_withdrawn_from_came_back():
    """Until then a refund that waits for the goods says so; after it, that it is late."""
    one = delivered().told(PaymentReceived(amount=1000_00), at="2024-06-03")
    assert any("may use the warranty" in move for move in said(one))
    one.told(WithdrawalNotified(), at="2024-06-10")
    (refund,) = one.standing(Refund)
    assert refund.withheld
    waits = said(one, a2420=-1000_00)
    note = "no day is set before the goods are back or on their way"
    assert f"The seller is to pay back 1000.00 SEK ({note})" in waits
    one.told(ReturnReceived(), at="2024-06-12").until("2024-09-01")
    late, *rest = said(one, a2420=-1000_00)
    assert late.startswith("late: The seller is to pay back 1000.00 SEK by 2024-06-")
    assert not any("may" in move.split() for move in rest)
    one.told(RefundPaid(amount=1000_00), at="2024-09-02")
    assert not any("pay back" in move for move in said(one))


def booked(one: Story) -> list[str]:
    """What is said of money, with what the ledger has of the story."""
    items = [("", item) for item in one.standing(Outcome)]
    stands = supposing("A/1", one.order.state, items).stands
    accounts = by_account(balances(one.order.state, stands)).get("SEK", {})
    every = said(one, **{f"a{name}": amount for name, amount in accounts.items()})
    return [move for move in every if "pay" in move]


def test_of_two_late_refunds_each_has_what_no_payment_covers():
    """A payment that names none goes to the oldest; together they are what 2420 holds."""
    one = delivered(lines=(goods("1", 100_00), goods("2", 200_00)))
    one.told(PaymentReceived(amount=300_00), at="2024-06-03")
    one.told(WithdrawalNotified(lines=("1",)), at="2024-06-10", id="first")
    one.told(WithdrawalNotified(lines=("2",)), at="2024-06-11", id="second")
    one.told(ReturnReceived(), at="2024-06-12").until("2024-09-01")
    (first, _), (second, _) = sorted(one.deadlines("refund"))
    late = "late: The seller is to pay back {} SEK by {}".format
    assert booked(one) == [late("100.00", first), late("200.00", second)]
    named = RefundPaid(amount=50_00, refund="withdrawal:2#second")
    one.told(named, at="2024-09-02")
    assert booked(one) == [late("100.00", first), late("150.00", second)]
    one.told(RefundPaid(amount=100_00), at="2024-09-03")
    assert booked(one) == [late("150.00", second)]
    one.told(RefundPaid(amount=150_00), at="2024-09-04")
    assert booked(one) == []


def test_what_is_set_off_is_not_to_be_paid_back():
    """A debt of the customer's lies on the same account: 2420 has what is left beside it."""
    one = delivered().told(PaymentReceived(amount=970_00), at="2024-06-03")
    given = DiscretionExercised(about="goodwill", decision="accepted", amount=100_00)
    assert booked(one.told(given, at="2024-06-23")) == [
        "The seller is to pay back 70.00 SEK (no day is set)"
    ]


def test_what_is_left_beside_a_debt_is_of_the_oldest_refund():
    """Of two late ones, with a fee of more than the first: nobody is told to pay 300.00."""
    one = recorded.Story().tell(recorded.goods(("1", 30000, 25)))
    one.tell(PaymentReceived(amount=30000)).tell(Shipped(parcel="p1"))
    for number, amount in ((1, 10000), (2, 20000)):
        due, cause = date(2024, 3, number), f"w{number}"
        back = recorded.refund("withdrawal", {"goods": amount}, cause=cause)
        one.owe(replace(back, due=due))
        one.owe(Deadline(kind="refund", due=due, party="seller", state="lapsed", amount=amount,
                         cause=cause, because=recorded.WHY))  # fmt: skip
    one.owe(recorded.fee("unclaimed", 25000))
    found = from_events(one.events, book(), None, None, moment("2024-04-01"))
    (waits,) = (move for move in moves(found) if move.kind == "refund")
    assert (waits.amount, waits.due, waits.is_late) == (50_00, date(2024, 3, 1), True)
    items: Any = [SimpleNamespace(item=one) for one in found.outcomes if isinstance(one, Refund)]
    first, second = waiting(found, items)["stands"].values()
    assert (first, second) == (waits, "set off against what is owed")


def test_a_refund_of_prices_without_vat_is_paid_back_with_it():
    """As much as 2420 holds, to the öre, also after a part of it was paid."""
    order = recorded.goods(("1", 100000, 25), ("2", 100000, 6), prices="excluding_vat")
    one = recorded.Story().tell(order).tell(Shipped(parcel="p1"))
    one.tell(PaymentReceived(amount=231000, vat="included"))
    one.owe(recorded.refund("credit", {"goods": 100000}, line="1"))
    one.owe(recorded.refund("credit", {"goods": 100000}, line="2"))
    for paid, line, left in (
        (0, 1, 2310_00), (1000_00, 2, 1250_00), (400_00, 1, 750_00), (600_00, 1, 0)
    ):  # fmt: skip
        one.tell(RefundPaid(amount=paid, refund=f"credit:{line}"))
        found = from_events(one.events, book(), None, None, moment("2024-04-01"))
        assert -balance(found, ADVANCE) == unpaid(found) == left
        asked = [move.amount for move in moves(found) if move.kind == "refund"]
        assert asked == [left] * bool(left)
    assert found.row["refunds"] == found.row["repaid"] == 2000_00


def test_what_a_repayment_that_names_no_refund_leaves_is_what_the_ledger_holds():
    """It is taxed as all goods of the order are, on average: 400.00 are 462.00 in the bank."""
    order = recorded.goods(("1", 100000, 25), ("2", 100000, 6), prices="excluding_vat")
    one = recorded.Story().tell(order).tell(Shipped(parcel="p1"))
    one.tell(PaymentReceived(amount=231000, vat="included"))
    one.owe(recorded.refund("credit", {"goods": 100000}, line="1")).tell(RefundPaid(amount=400_00))
    found = from_events(one.events, book(), None, None, moment("2024-04-01"))
    assert -balance(found, ADVANCE) == unpaid(found) == 788_00


def test_the_vat_of_each_line_is_rounded_and_nothing_of_it_is_left_when_all_is_paid_back():
    order = recorded.goods(*((str(line), 1002, 25) for line in range(3)), prices="excluding_vat")
    one = recorded.Story().tell(order).tell(Shipped(parcel="p1"))
    one.tell(PaymentReceived(amount=3759, vat="included"))
    one.owe(recorded.refund("credit", {"goods": 3006}))
    found = from_events(one.events, book(), None, None, moment("2024-04-01"))
    assert -balance(found, ADVANCE) == unpaid(found) == 3759


def test_a_payment_without_an_invoice_counts_once_and_with_the_vat_that_it_has():
    """Two invoices of 1,000.00 without VAT: a payment that names none pays the older one."""
    lines = (goods("1", 1000_00), goods("2", 1000_00))
    one = delivered("gandalf", kind="business", pay="invoice", prices="excluding_vat", lines=lines)
    for name, day in (("f1", "2024-06-05"), ("f2", "2024-06-06")):
        one.told(InvoiceIssued(invoice=name, amount=1000_00), at=f"{day}T15:00")
    one.until("2024-09-01")
    (first, _), (second, _) = sorted(one.deadlines("payment"))
    late = "late: The customer is to pay {} SEK by {}".format
    assert booked(one)[:2] == [late("1250.00", first), late("1250.00", second)]
    one.told(PaymentReceived(amount=1400_00), at="2024-09-02")
    assert booked(one)[0] == late("750.00", second)
    one.told(PaymentReceived(amount=750_00, vat="included", invoice="f2"), at="2024-09-03")
    assert not any("late" in move for move in booked(one))
