"""A credit for purchases: whether it was formed, its set-up fee and its notification fees."""

from datetime import datetime
from typing import Any

from domain.announce import STATEMENT, fee_place
from domain.between import NotificationFeeCharged
from domain.calendar import month_of
from domain.outcomes import Because, Fee, Owed, Ruling
from domain.policies.debt import READS, Debt, credit_terms, debts, plan_of
from domain.policies.discretion import Question, ask, decided, refuse, waived
from domain.policies.grounds import clauses_of, readings_of
from domain.policies.payment_method import PAYABLE_READS, may_be_paid_so
from domain.policies.placing import order_stands
from domain.policies.policy import Policy
from domain.policies.release import all_released, released_lines
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.invoice import CreditTerms
from domain.terms.values import Term


def credit(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The credit's fees, which fall away when every line of the order is released (DAL 2:16)."""
    owed, own = Owed(), credit_terms(order, terms)
    if own is None:
        return owed
    all_debts = debts(order, terms)
    _formed(owed, own, all_debts)
    accepted = order_stands(order, terms).decision == "accepted" and may_be_paid_so(order, terms)
    if accepted and not all_released(order, released_lines(order, terms)):
        _setup(owed, order, terms, own, all_debts)
        _statements(owed, order, own, all_debts)
    return owed


def _formed(owed: Owed, own: CreditTerms, all_debts: list[Debt]) -> None:
    """Whether a payment of less than the whole made a credit of the invoice."""
    for debt in all_debts:
        if own.formed_by is None or not (debt.formed_at or debt.fell_short or debt.declined):
            continue
        rule, words = "credit.fell_short", clauses_of(own.formed_by)
        if debt.formed_at:
            rule, words = "credit.formed", clauses_of(own.formed_by, own.early)
        elif debt.declined:
            rule, words = "credit.declined", clauses_of(own.check)
        because = Because(
            rule=rule,
            clauses=words,
            inputs={"invoice": debt.invoice, "minimum_amount": debt.issued.fact.minimum},
            readings=() if debt.declined else own.formed_by.readings,
        )
        owed.add(
            Ruling(
                about="credit", decision="accepted" if debt.formed_at else "refused",
                invoice=debt.invoice, because=because,
            )
        )  # fmt: skip


def _setup(
    owed: Owed, order: OrderState, terms: Terms, own: CreditTerms, all_debts: list[Debt]
) -> None:
    """Once, with the confirmed order or, for a credit formed later, with the payment."""
    plan = plan_of(order, own)
    formed = any(one.formed_at for one in all_debts)
    arises = order.confirmed_at is not None if own.formed_by is None else formed
    if not arises:
        return
    amount = own.setup if own.formed_by is None else terms.tariff.get("setup")
    if plan is not None:
        amount = Term(plan.value.setup, plan.clauses)
    if amount is None and own.formed_by is not None:
        amount = _set_up(owed, order, own.formed_by)
    elif waived(order, "setup"):
        return
    if amount is not None:
        _fee(owed, "setup", amount, "credit.setup")


def _set_up(owed: Owed, order: OrderState, word: Term[Any]) -> Term[int] | None:
    """The set-up fee that a person decided; it is asked for where the terms print none."""
    question = Question(about="setup", choices=("charge", "waive"))
    because = Because(rule="credit.setup_open", clauses=word.clauses)
    refuse(owed, order, question, because)
    told = decided(order, question)
    if told is None:
        ask(owed, question, because)
    return Term(question.amount(told), word.clauses) if told is not None else None


def _statements(owed: Owed, order: OrderState, own: CreditTerms, all_debts: list[Debt]) -> None:
    """A notification fee for each invoice of the credit, or one for a customer and month.

    The month's fee stands on its earliest invoice, of whichever order of the customer; of two
    issued at one instant, the names decide, for both orders alike.
    """
    plan = plan_of(order, own)
    price = Term(plan.value.statement, plan.clauses) if plan else own.statement
    if price is None:
        return
    limited = own.statement_limit.value == "one_a_month"
    carried: set[tuple[int, int]] = set()
    for debt in _of_the_credit(own, all_debts):
        month = month_of(debt.issued.at)
        own_place = fee_place(debt.issued.at, order.id, debt.invoice)
        elsewhere = any(
            month_of(told.at) == month
            and fee_place(told.at, told.fact.order, told.fact.invoice) < own_place
            for told in order.all(NotificationFeeCharged)
        )
        if limited and (month in carried or elsewhere):
            continue
        carried.add(month)
        if not waived(order, STATEMENT, debt.invoice):
            _fee(owed, STATEMENT, price, "credit.statement", own.statement_limit, debt)


def _of_the_credit(own: CreditTerms, all_debts: list[Debt]) -> list[Debt]:
    """The invoices that carry the credit: all, or those issued once it was formed."""
    if own.formed_by is None:
        return all_debts
    formed = [one.formed_at for one in all_debts if one.formed_at is not None]
    return [one for one in all_debts if formed and one.issued.at > min(formed)]


def _fee(
    owed: Owed, kind: str, price: Term[int], rule: str,
    limit: Term[Any] | None = None, debt: Debt | None = None,
) -> None:  # fmt: skip
    invoice = debt.invoice if debt else None
    inputs: dict[str, str | int | bool | None] = {}
    if debt is not None and limit is not None:
        one_a_month = limit.value == "one_a_month"
        inputs = {"invoice": debt.invoice, "issued": debt.issued.at.isoformat(),
                  "one_a_month": one_a_month}  # fmt: skip
    because = Because(
        rule=rule,
        clauses=clauses_of(price, limit),
        inputs=inputs,
        steps=((kind, price.value),),
        readings=readings_of(price, limit),
    )
    if price.value:
        owed.add(Fee(kind=kind, amount=price.value, vat="none", invoice=invoice, because=because))


CREDIT = Policy(
    "credit",
    credit,
    reads=(*READS, *PAYABLE_READS, NotificationFeeCharged),
    sections=("klarna_account_credit", "payson_invoice_credit", "part_payment_credit"),
    sentences={
        "credit.formed": (
            "Part of invoice {invoice} was paid, and the rest became a credit; paying more of it, "
            "or all, costs nothing extra.",
            "En del av faktura {invoice} betalades, och resten blev en kredit; att betala mer, "
            "eller allt, kostar inget extra.",
        ),
        "credit.fell_short": (
            "Less than the {minimum_amount} shown on invoice {invoice} was paid: no credit.",
            "Mindre än de {minimum_amount} som faktura {invoice} visar betalades: ingen kredit.",
        ),
        "credit.declined": (
            "The credit check was not passed: what is left of invoice {invoice} is due.",
            "Kreditprövningen godkändes inte: resten av faktura {invoice} ska betalas.",
        ),
        "credit.setup": (
            "The credit has a set-up fee.",
            "Krediten har en uppläggningsavgift.",
        ),
        "credit.setup_open": (
            "The terms print no set-up fee for this credit period.",
            "Villkoren anger ingen uppläggningsavgift för den här kredittiden.",
        ),
        "credit.statement": (
            "Invoice {invoice} carries the notification fee.",
            "Faktura {invoice} bär aviavgiften.",
        ),
    },
)
