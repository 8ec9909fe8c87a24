"""An invoice is due, and what it costs to be late: reminder, collection, interest, compensation."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.calendar import day_of
from domain.facts import CollectionStarted, DiscretionExercised, InvoiceIssued, ReminderSent
from domain.money import kronor
from domain.outcomes import Because, Deadline, Effect, Fee, Owed, WriteOff, standing
from domain.policies import interest
from domain.policies.debt import READS, Debt, debts, invoice_terms
from domain.policies.discretion import Question, ask, decided, refuse, waived
from domain.policies.grounds import clauses_of, distinct, readings_of
from domain.policies.policy import Policy
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.invoice import InvoiceTerms
from domain.terms.values import Term


def invoice(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """For each invoice its payment deadline and, once it was late, the price of being late."""
    owed = Owed()
    own = invoice_terms(order, terms)
    for debt in debts(order, terms):
        _deadline(owed, own, debt, now)
        _write_off(owed, own, debt)
        _interest(owed, order, terms, own, debt)
        compensation = _compensation(owed, order, terms, debt, now)
        if own is not None:
            _reminders(owed, order, terms, own, debt, compensation)
            _collection(owed, order, terms, own, debt)
    return owed


def _deadline(owed: Owed, own: InvoiceTerms | None, debt: Debt, now: datetime) -> None:
    """The day to pay; it is gone where nothing was paid and nothing is asked for any more.

    Where it passes before there are goods there is none until they come.
    """
    ended_at = debt.ended_at
    if debt.amount == 0 and ended_at is None:
        return
    if debt.awaits_goods and ended_at is None and now >= debt.late_from:
        return
    period = (own.period_days or own.due) if own else None
    stated = own.stated_due if own and debt.issued.fact.due is not None else None
    payee = own.payee if own else None
    because = Because(
        rule="invoice.due_to" if payee else "invoice.due",
        clauses=clauses_of(period, stated, own.not_before if own else None, payee) or ("RL-4",),
        inputs={
            "invoice": debt.invoice,
            "issued": day_of(debt.issued.at).isoformat(),
            "amount": debt.amount,
            "due": debt.due.isoformat(),
            **({"payee": payee.value} if payee else {}),
        },
    )
    owed.add(
        Deadline(
            kind="payment", due=debt.due, party="customer", amount=debt.amount,
            state=standing(debt.due, ended_at, now), invoice=debt.invoice, because=because,
        )
    )  # fmt: skip


def _write_off(owed: Owed, own: InvoiceTerms | None, debt: Debt) -> None:
    """What of the invoice is not asked for while its item is back for a complaint, or for good."""
    if own is None or own.denied_complaint is None or not debt.written_off:
        return
    because = Because(
        rule="invoice.written_off",
        clauses=own.denied_complaint.clauses,
        inputs={"invoice": debt.invoice},
        steps=(("written_off", debt.written_off),),
        readings=own.denied_complaint.readings,
    )
    owed.add(WriteOff(amount=debt.written_off, invoice=debt.invoice, because=because))


def _interest(
    owed: Owed, order: OrderState, terms: Terms, own: InvoiceTerms | None, debt: Debt
) -> None:
    """Interest is raised with the payment that ends the delay, for all of the delay."""
    ended_at, law = debt.ended_at, terms.law.payment
    if ended_at is None or not debt.was_late(ended_at):
        return
    if waived(order, "late_interest", debt.invoice):
        return
    paid = [(day_of(at), amount) for at, amount in debt.payments if at <= ended_at]
    because = None
    if own is not None and own.late_interest is not None:
        spans = interest.without(interest.late_spans(debt.due, debt.amount, paid), debt.pauses)
        because = interest.agreed(own, law, order.consumer, debt.due, spans)
    elif not order.consumer:
        issued = day_of(debt.issued.at)
        because = interest.statutory(law, issued, debt.due, debt.amount, paid)
    if because is not None:
        _fee(owed, "late_interest", debt, because)


def _fee(owed: Owed, kind: str, debt: Debt, because: Because, cause: str | None = None) -> None:
    """A cost of being late: outside VAT. Nothing is raised where it comes to nothing."""
    amount = sum(step for _, step in because.steps)
    if amount > 0:
        owed.add(
            Fee(
                kind=kind, amount=amount, vat="none", invoice=debt.invoice, cause=cause,
                because=because,
            )
        )  # fmt: skip


def _compensation(
    owed: Owed, order: OrderState, terms: Terms, debt: Debt, now: datetime
) -> Term[int] | None:
    """What a company may claim of a company (IL 4 a); a person decides whether it is claimed."""
    most = terms.law.payment.compensation
    if most is None or order.consumer or not debt.was_late(now):
        return None
    question = Question(
        about="late_payment", choices=("charge", "waive"), subject=debt.invoice,
        bounds=(0, most.value), usual=most.value,
    )  # fmt: skip
    told = decided(order, question)
    asked = question.amount(told) if told is not None else 0
    because = Because(
        rule="invoice.compensation",
        clauses=most.clauses,
        inputs={"invoice": debt.invoice, "asked_amount": asked},
        steps=(("compensation", asked),),
        statutes=_law(most, "applies"),
    )
    refuse(owed, order, question, because, invoice=debt.invoice)
    if told is None or told.fact.decision != "charge":
        return None
    _fee(owed, "late_payment", debt, because)
    return most


def _reminders(
    owed: Owed, order: OrderState, terms: Terms, own: InvoiceTerms, debt: Debt,
    compensation: Term[int] | None,
) -> None:  # fmt: skip
    """One fee an invoice, or one a reminder; only reminders of what was overdue count."""
    if own.reminder_amount is None:
        return
    all_sent = order.invoices[debt.invoice].all(ReminderSent)
    sent = [told for told in all_sent if debt.overdue(told.at)]
    each = own.reminder_count is not None and own.reminder_count.value == "each_reminder"
    beside = own.compensation is not None and own.compensation.value == "both"
    for told in sent if each else sent[:1]:
        cause = told.id if each else None
        because = _reminder(owed, order, terms, own, debt, cause)
        if because is None:
            continue
        if compensation is None or beside:
            _fee(owed, "reminder", debt, because, cause)
        else:
            _fee(owed, "reminder", debt, _above(because, compensation), cause)


def _reminder(
    owed: Owed, order: OrderState, terms: Terms, own: InvoiceTerms, debt: Debt, cause: str | None
) -> Because | None:
    """What a reminder costs; None where it is waived, and where a person has still to say."""
    assert own.reminder_amount is not None
    most, how = terms.law.payment.reminder, own.reminder_amount
    if how.value == "statutory":
        price: Term[int] | None = most
    elif how.value == "printed":
        price = own.reminder
    else:
        price = terms.tariff.get("reminder")
    if price is None:
        price = _left_open(owed, order, how, most, debt, cause)
    elif waived(order, "reminder", debt.invoice):
        return None
    if price is None:
        return None
    readings = readings_of(how, own.reminder_count)
    return _cost("invoice.reminder", debt, price, most, clauses_of(how, price), readings)


def _collection(owed: Owed, order: OrderState, terms: Terms, own: InvoiceTerms, debt: Debt) -> None:
    """Debt collection of what was overdue, once an invoice."""
    started = order.invoices[debt.invoice].all(CollectionStarted)
    overdue = any(debt.overdue(told.at) for told in started)
    if own.collection is None or not overdue or waived(order, "collection", debt.invoice):
        return
    most = terms.law.payment.collection
    because = _cost(
        "invoice.collection", debt, own.collection, most, own.collection.clauses,
        own.collection.readings,
    )  # fmt: skip
    _fee(owed, "collection", debt, because)


def _left_open(
    owed: Owed, order: OrderState, how: Term[Any], most: Term[int], debt: Debt, cause: str | None
) -> Term[int] | None:
    """What a person decided that a reminder costs, no more than the statute allows; else asked."""
    question = Question(
        about="reminder", choices=("charge", "waive"), subject=debt.invoice, bounds=(0, most.value)
    )
    because = Because(
        rule="invoice.reminder_open",
        clauses=how.clauses,
        inputs={"invoice": debt.invoice, "most_amount": most.value},
        readings=how.readings,
    )
    cited = replace(because, clauses=distinct(how.clauses, most.clauses))
    refuse(owed, order, question, cited, invoice=debt.invoice)
    told = decided(order, question)
    if told is None:
        ask(owed, question, because, invoice=debt.invoice, cause=cause)
    charged = told is not None and told.fact.decision == "charge"
    return Term(question.amount(told), how.clauses) if told is not None and charged else None


def _cost(
    rule: str, debt: Debt, price: Term[int], most: Term[int], clauses: tuple[str, ...],
    readings: tuple[tuple[str, str], ...],
) -> Because:  # fmt: skip
    """A cost of collection, cut to what the statute allows (IL 4)."""
    over = price.value > most.value
    return Because(
        rule=rule,
        clauses=distinct(clauses, most.clauses),
        inputs={"invoice": debt.invoice, "due": debt.due.isoformat(), "most_amount": most.value},
        steps=(("cost", min(price.value, most.value)),),
        readings=readings,
        statutes=_law(most, "capped" if over else "applies"),
        beaten=((clauses[0], kronor(price.value), most.clauses[0]),) if over else (),
    )


def _above(because: Because, compensation: Term[int]) -> Because:
    """Beside the compensation only what the reminder costs above it is owed (IL 4 a)."""
    (name, cost), *_ = because.steps
    return replace(
        because,
        clauses=(*because.clauses, *compensation.clauses),
        steps=((name, max(cost - compensation.value, 0)),),
        statutes=because.statutes + _law(compensation, "capped"),
    )


def _law(term: Term[int], effect: Effect) -> tuple[tuple[str, Effect], ...]:
    return tuple((clause, effect) for clause in term.clauses)


INVOICE = Policy(
    "invoice",
    invoice,
    reads=(*READS, ReminderSent, CollectionStarted, DiscretionExercised),
    starts=(InvoiceIssued,),
    sentences={
        "invoice.due": (
            "Invoice {invoice} of {issued} is to be paid by {due}.",
            "Faktura {invoice} av den {issued} ska betalas senast {due}.",
        ),
        "invoice.due_to": (
            "Invoice {invoice} of {issued} is to be paid by {due}, to {payee}, who has the claim.",
            "Faktura {invoice} av den {issued} ska betalas senast {due}, till {payee}, som har "
            "fordran.",
        ),
        "invoice.written_off": (
            "The item came back for a complaint, so invoice {invoice} is written off.",
            "Varan kom tillbaka för reklamation, så faktura {invoice} skrivs av.",
        ),
        "invoice.reminder": (
            "Invoice {invoice} was reminded of after it had been due on {due}.",
            "Faktura {invoice} påmindes om sedan den förfallit den {due}.",
        ),
        "invoice.reminder_open": (
            "The terms print no amount for the reminder of invoice {invoice}.",
            "Villkoren anger inget belopp för påminnelsen om faktura {invoice}.",
        ),
        "invoice.collection": (
            "Invoice {invoice}, due on {due}, went to debt collection.",
            "Faktura {invoice}, som förföll den {due}, gick till inkasso.",
        ),
        "invoice.compensation": (
            "The company paid invoice {invoice} late and owes compensation for it.",
            "Företaget betalade faktura {invoice} för sent och ska ersätta det.",
        ),
        "interest.agreed": (
            "{late_amount} was {days} days late, from {due} to {until}: {rate_percent} % a year.",
            "{late_amount} var {days} dagar sent, {due} till {until}: {rate_percent} % om året.",
        ),
        "interest.capped": (
            "{late_amount} was {days} days late, from {due} to {until}; the {rate_percent} % of "
            "the terms are cut to the ceiling for consumers.",
            "{late_amount} var {days} dagar sent, från {due} till {until}; villkorens "
            "{rate_percent} % sänks till taket för konsumenter.",
        ),
        "interest.once": (
            "{late_amount} was not paid by {due}: {rate_percent} % of it, once.",
            "{late_amount} betalades inte senast {due}: {rate_percent} % av det, en gång.",
        ),
        "interest.statutory": (
            "{late_amount} was {days} days late, from {due} to {until}; the terms print no rate, "
            "so the reference rate and {margin_points} points apply.",
            "{late_amount} var {days} dagar sent, från {due} till {until}; villkoren anger ingen "
            "ränta, så referensräntan och {margin_points} enheter gäller.",
        ),
    },
)
