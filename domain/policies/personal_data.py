"""How long personal data are kept, who may see or erase them, and when an account is purged."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import add_years, day_of, lapses_at
from domain.facts import (
    ConsentReminderSent, ConsentRequested, DiscretionExercised, InvoiceIssued, PaymentReceived,
    PersonalDataRequest, RefundPaid,
)  # fmt: skip
from domain.outcomes import (
    Because, Deadline, Information, Owed, Ruling, standing,
)  # fmt: skip
from domain.policies.discretion import Question, ask, decided, refuse
from domain.policies.grounds import clauses_of, distinct
from domain.policies.policy import Policy
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.personal_data import AccountTerms, Whose
from domain.terms.values import Term

FATE = Question(about="personal_data", choices=("accepted", "refused"))
"""Whether an account whose owner kept silent is purged."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Dormancy:
    """An account since its last use: until when it counts as in use, and what was asked about it.

    `balance` is what was last said to be on it, `reminders` how often its owner was reminded.
    """

    inactive_on: date
    books_until: date | None
    asked: Told[ConsentRequested] | None
    answer_by: date | None
    reminders: int
    balance: int | None

    @property
    def has_money(self) -> bool:
        return self.asked is not None and self.balance != 0

    @property
    def opens_at(self) -> datetime:
        """When the account may be purged at the earliest."""
        days = [self.inactive_on, self.books_until, self.answer_by if self.has_money else None]
        return lapses_at(max(day for day in days if day is not None))


def personal_data(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """An answer to each request, and the fate of the account where nobody made one."""
    owed, account = Owed(), _account(order, terms)
    books = _books_until(order, terms, order.all(PaymentReceived))
    erased = False
    for told in order.all(PersonalDataRequest):
        if told.fact.kind == "access":
            _access(owed, order, terms, account, told)
        else:
            erased = _erasure(owed, order, terms, account, told, books, now) or erased
    if books is not None and (account is not None or erased):
        _books(owed, order, terms, account, books, now)
    if account is not None:
        _account_life(owed, order, terms, account, now, erased)
    return owed


def _account(order: OrderState, terms: Terms) -> AccountTerms | None:
    """The account behind the order's payment method, or one whose owner was asked about it."""
    own, payment = terms.payment_account, order.order.payment
    if own is None or payment is None:
        return None
    known = payment.method in own.methods.value or order.first(ConsentRequested) is not None
    return own if known else None


def _books_until(
    order: OrderState, terms: Terms, payments: list[Told[PaymentReceived]]
) -> date | None:
    """The last day on which the order's vouchers must be kept; None where it has none."""
    law = terms.law.bookkeeping.years
    vouchers = [*order.all(InvoiceIssued), *payments, *order.all(RefundPaid)]
    if law is None or not vouchers:
        return None
    own = terms.payment_account
    years = max(law.value, own.books_years.value) if own is not None else law.value
    return date(max(day_of(told.at) for told in vouchers).year + years, 12, 31)


def _entitled(order: OrderState, words: Term[Whose] | None) -> bool:
    return words is not None and (words.value == "everyone" or order.consumer)


def _access(
    owed: Owed, order: OrderState, terms: Terms, account: AccountTerms | None,
    told: Told[PersonalDataRequest],
) -> None:  # fmt: skip
    """What is registered is handed out, at no cost."""
    own = terms.personal_data
    words = account.rights if account else own.access if own else None
    if words is None or not _entitled(order, words):
        return
    because = Because(rule="personal_data.access", clauses=words.clauses)
    owed.add(Ruling(about="personal_data", decision="accepted", cause=told.id, because=because))
    owed.add(Information(about="personal_data", cause=told.id, because=because))


def _erasure(
    owed: Owed, order: OrderState, terms: Terms, account: AccountTerms | None,
    told: Told[PersonalDataRequest], books: date | None, now: datetime,
) -> bool:  # fmt: skip
    """What the books need waits until they need it no more; all else is erased at once."""
    own = terms.personal_data
    words = account.rights if account else own.erasure if own else None
    if words is None or not _entitled(order, words):
        return False
    waits = books is not None and now < lapses_at(books)
    law = terms.law.bookkeeping.years if books is not None else None
    kept = (account.books_years, account.purge) if account else ()
    because = Because(
        rule="personal_data.kept_for_books" if waits else "personal_data.erased",
        clauses=clauses_of(words, *kept, law),
        inputs={"until": books.isoformat() if books else None},
        statutes=tuple((clause, "applies") for clause in clauses_of(law)),
    )
    reasons = ("bookkeeping",) if waits else ()
    owed.add(
        Ruling(
            about="personal_data", decision="pending" if waits else "accepted", reasons=reasons,
            cause=told.id, because=because,
        )
    )  # fmt: skip
    return True


def _books(
    owed: Owed, order: OrderState, terms: Terms, account: AccountTerms | None, until: date,
    now: datetime,
) -> None:  # fmt: skip
    law = terms.law.bookkeeping.years
    because = Because(
        rule="personal_data.books",
        clauses=clauses_of(*((account.books_years, account.purge) if account else ()), law),
        inputs={"until": until.isoformat()},
    )
    state = standing(until, None, now)
    owed.add(Deadline(kind="retention", due=until, party="seller", state=state, because=because))


def _account_life(
    owed: Owed, order: OrderState, terms: Terms, own: AccountTerms, now: datetime, erased: bool
) -> None:
    """Until when the account counts as in use, the time for an answer, and what follows."""
    found, told = _dormancy(order, terms, own), decided(order, FATE)
    if told is not None and told.fact.decision == "accepted":
        then = _dormancy(order, terms, own, told.at)
        if then.opens_at <= told.at:
            found = then  # purged: what happened later cannot restore it
    inactive = Because(
        rule="personal_data.inactive",
        clauses=clauses_of(own.inactive_years, own.in_use),
        inputs={"until": found.inactive_on.isoformat()},
    )
    _deadline(owed, "inactivity", found.inactive_on, inactive, now)
    if found.asked is not None and found.answer_by is not None:
        answer = Because(
            rule="personal_data.answer",
            clauses=own.answer_years.clauses,
            inputs={"until": found.answer_by.isoformat()},
        )
        _deadline(owed, found.asked.id, found.answer_by, answer, now)
    if not erased and now >= found.opens_at:
        _purge(owed, order, terms, own, found, told)


def _deadline(owed: Owed, cause: str, due: date, because: Because, now: datetime) -> None:
    owed.add(
        Deadline(
            kind="retention", due=due, party="seller", cause=cause,
            state=standing(due, None, now), because=because,
        )
    )  # fmt: skip


def _dormancy(
    order: OrderState, terms: Terms, own: AccountTerms, until: datetime | None = None
) -> Dormancy:
    """The account as its facts up to an instant show it; a use ends what was asked before it."""
    payments = [one for one in order.all(PaymentReceived) if until is None or one.at <= until]
    messages = [one for one in order.all(PersonalDataRequest) if until is None or one.at <= until]
    used_at = max([order.placed_at, *(one.at for one in (*payments, *messages))])
    requests = [one for one in order.all(ConsentRequested) if one.at >= used_at]
    asked = requests[0] if requests else None
    reminders = [
        one for one in order.all(ConsentReminderSent) if asked is not None and one.at >= asked.at
    ]
    words = [(one.at, one.fact.balance) for one in requests]
    words += [(one.at, one.fact.balance) for one in reminders]
    said = sorted((at, balance) for at, balance in words if balance is not None)
    return Dormancy(
        inactive_on=add_years(day_of(used_at), own.inactive_years.value),
        books_until=_books_until(order, terms, payments),
        asked=asked,
        answer_by=add_years(day_of(asked.at), own.answer_years.value) if asked else None,
        reminders=len(reminders),
        balance=said[-1][1] if said else None,
    )


def _purge(
    owed: Owed, order: OrderState, terms: Terms, own: AccountTerms, found: Dormancy,
    told: Told[DiscretionExercised] | None,
) -> None:  # fmt: skip
    """Without money on it a dormant account goes; with it, silence leaves it to a person."""
    inputs: dict[str, str | int | bool | None] = {"balance_amount": found.balance}
    if not found.has_money:
        clauses = clauses_of(own.purge, own.books_years, terms.law.bookkeeping.years)
        because = Because(rule="personal_data.purged", clauses=clauses)
        owed.add(Ruling(about="personal_data", decision="accepted", because=because))
        return
    readings, decision = own.silence.readings, told.fact.decision if told else None
    if own.silence.value == "kept":
        rule, clauses = "needs_consent", clauses_of(own.balance)
    elif found.reminders < own.reminders.value:
        rule, clauses = "too_few_reminders", clauses_of(own.balance, own.reminders)
        inputs |= {"sent": found.reminders, "needed": own.reminders.value}
    elif decision == "accepted":
        rule = "closed_by_a_person"
        clauses = clauses_of(own.silence, own.answer_years, own.forfeited, own.final)
    elif decision == "refused":
        rule, clauses = "kept_by_a_person", clauses_of(own.balance)
    else:
        rule, clauses = "silence", distinct(own.silence.clauses, own.reminders.clauses)
    because = Because(
        rule=f"personal_data.{rule}", clauses=clauses, inputs=inputs, readings=readings
    )
    if rule in ("silence", "closed_by_a_person", "kept_by_a_person"):
        refuse(owed, order, FATE, because)
    if rule == "silence":
        ask(owed, FATE, because)
        owed.add(Ruling(about="personal_data", decision="pending", because=because))
    elif rule == "closed_by_a_person":
        owed.add(Ruling(about="personal_data", decision="accepted", because=because))
    else:
        owed.add(
            Ruling(about="personal_data", decision="refused", reasons=(rule,), because=because)
        )


PERSONAL_DATA = Policy(
    "personal_data",
    personal_data,
    reads=(
        InvoiceIssued,
        PaymentReceived,
        RefundPaid,
        PersonalDataRequest,
        ConsentRequested,
        ConsentReminderSent,
        DiscretionExercised,
    ),
    sentences={
        "personal_data.access": (
            "The customer gets what is registered, at no cost.",
            "Kunden får det som är registrerat, utan kostnad.",
        ),
        "personal_data.kept_for_books": (
            "What the books need is kept until {until} and used for nothing else; the rest is "
            "erased.",
            "Det som bokföringen kräver sparas till {until} och används inte till något annat; "
            "resten raderas.",
        ),
        "personal_data.erased": (
            "The data are erased.",
            "Uppgifterna raderas.",
        ),
        "personal_data.books": (
            "The books are kept until {until}.",
            "Bokföringen sparas till {until}.",
        ),
        "personal_data.inactive": (
            "An account that nobody used is dormant after {until}; one in use is not purged.",
            "Ett konto som ingen använt är vilande efter {until}; ett som används gallras inte.",
        ),
        "personal_data.answer": (
            "The account's owner was asked for consent and may answer until {until}.",
            "Kontots ägare har tillfrågats om samtycke och kan svara till {until}.",
        ),
        "personal_data.purged": (
            "The account is dormant, holds no money and is no longer needed: its data are erased, "
            "which cannot be undone.",
            "Kontot är vilande, har inget saldo och behövs inte längre: uppgifterna gallras, "
            "vilket inte kan återkallas.",
        ),
        "personal_data.needs_consent": (
            "There is money on the account, so it is purged only with its owner's consent.",
            "Det finns pengar på kontot, så det gallras bara med ägarens samtycke.",
        ),
        "personal_data.too_few_reminders": (
            "There is money on the account and {sent} reminders of {needed} were sent.",
            "Det finns pengar på kontot och {sent} påminnelser av {needed} har skickats.",
        ),
        "personal_data.silence": (
            "Nobody answered in time: a person decides whether the account is purged and what is "
            "on it goes to the payment service.",
            "Ingen svarade i tid: en människa avgör om kontot gallras och saldot tillfaller "
            "betaltjänsten.",
        ),
        "personal_data.closed_by_a_person": (
            "A person decided that the account is purged, which cannot be undone; what is on it "
            "goes to the payment service.",
            "En människa beslöt att kontot gallras, vilket inte kan återkallas; saldot tillfaller "
            "betaltjänsten.",
        ),
        "personal_data.kept_by_a_person": (
            "A person decided that the account is kept.",
            "En människa beslöt att kontot behålls.",
        ),
    },
)
