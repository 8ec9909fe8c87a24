"""Stories of orders with an invoice, `F1`."""

from typing import Any

from domain.facts import InvoiceIssued, PaymentReceived, ReminderSent
from tests.domain.story import Story, story


def invoiced(one: Story, at: str, amount: int, **other: Any) -> Story:
    return one.told(InvoiceIssued(invoice="F1", amount=amount, **other), at=at)


def paid(one: Story, at: str, amount: int, **other: Any) -> Story:
    fact = PaymentReceived(invoice="F1", amount=amount, **other)
    return one.told(fact, at=at)


def reminded(one: Story, at: str) -> Story:
    return one.told(ReminderSent(invoice="F1"), at=at)


def klarna(**other: Any) -> Story:
    return invoiced(story(pay="klarna_invoice", **other), "2024-03-04", 1000_00)


def payson(placed: str, issued: str, **other: Any) -> Story:
    one = story("sweeto", pay="payson_invoice", placed=placed, **other)
    return invoiced(one, issued, 5000_00)
