"""A credit for purchases: whether it was formed, its set-up fee and its notification fees."""

from datetime import date, datetime

from domain.calendar import day_of
from domain.facts import DiscretionExercised, NotificationFeeCharged
from domain.outcomes import Because, DecisionNeeded, Fee, Owed, Ruling
from domain.policies.debt import READS, Debt, credit_terms, debts
from domain.policies.discretion import exercised, waived
from domain.policies.policy import Policy
from domain.policies.release import READS as RELEASE_READS
from domain.policies.release import released_lines
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.invoice import CreditTerms, Plan
from domain.terms.values import Term


def credit(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The credit's fees, which fall away when every line of the order is released (DAL 2:16)."""
    owed, own = Owed(), credit_terms(order, terms)
    if own is None:
        return owed
    released = released_lines(order, terms)
    all_debts = debts(order, terms, released)
    _formed(owed, own, all_debts)
    if order.lines and not released.issuperset(order.lines):
        _setup(owed, order, terms, own, all_debts)
        _statements(owed, order, own, all_debts)
    return owed


def plan_of(order: OrderState, own: CreditTerms) -> Term[Plan] | None:
    """The printed plan that the customer chose, if the terms print it."""
    chosen = order.order.payment and order.order.payment.plan
    return {
        "3_months": own.plan_3_months,
        "6_months": own.plan_6_months,
        "12_months": own.plan_12_months,
        "24_months": own.plan_24_months,
    }.get(chosen or "")


def _open_to(order: OrderState, plan: Term[Plan]) -> bool:
    """Whether the order may be paid by a plan: its value, and nobody under age (PAY-faktura-5)."""
    least = plan.value.order_value_over
    value = order.goods + order.freight
    return (least is None or value > least) and order.order.customer.of_age is not False
