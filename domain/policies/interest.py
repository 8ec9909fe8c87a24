"""Late interest: simple, actual days over 365, rounded half up once at the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.calendar import add_days, add_months
from domain.money import half_up, kronor, percent_of
from domain.outcomes import Because
from domain.terms.invoice import InvoiceTerms, PaymentLaw

YEAR = 365
REFERENCE = "RL-9"
Payments = Sequence[tuple[date, int]]
"""(day, öre) in order of day."""


@dataclass(slots=True, frozen=True)
class Span:
    """Days, both included, during which the same balance (öre) was late."""

    first: date
    last: date
    balance: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def late_spans(due: date, balance: int, payments: Payments) -> list[Span]:
    """The spans from the day after `due` to the last payment, its day included.

    Payments by `due` lower the balance from the start.
    """
    spans: list[Span] = []
    since = due
    for day, amount in payments:
        if balance > 0 and day > since:
            spans.append(Span(add_days(since, 1), day, balance))
            since = day
        balance -= amount
    return spans


def without(spans: list[Span], pauses: Sequence[tuple[date, date]]) -> list[Span]:
    """The spans less the days of the pauses, first and last day included."""
    for first, last in pauses:
        spans = [
            Span(start, end, span.balance)
            for span in spans
            for start, end in (
                (span.first, min(span.last, add_days(first, -1))),
                (max(span.first, add_days(last, 1)), span.last),
            )
            if start <= end
        ]
    return spans


def half_years(span: Span) -> Iterator[Span]:
    """The same days, cut where the reference rate may change: 1 January and 1 July."""
    first = span.first
    while first <= span.last:
        end = date(first.year, 6, 30) if first.month <= 6 else date(first.year, 12, 31)
        yield Span(first, min(end, span.last), span.balance)
        first = add_days(end, 1)


def by_days(spans: Sequence[Span], rate: Callable[[date], Decimal]) -> int:
    """Interest in öre at yearly per cent; `rate` is asked once for each half-year."""
    exact = sum(
        (
            Fraction(piece.balance * piece.days) * Fraction(rate(piece.first)) / (100 * YEAR)
            for span in spans
            for piece in half_years(span)
        ),
        Fraction(0),
    )
    return half_up(exact)


def by_months(due: date, spans: Sequence[Span], monthly: Fraction, *, started: bool) -> int:
    """Interest in öre at monthly per cent, for each started month or each completed one only.

    A started month counts the balance that it starts with, a completed one what was late to its
    end.
    """
    exact, month = Fraction(0), 0
    while True:
        counted = add_days(add_months(due, month), 1) if started else add_months(due, month + 1)
        balance = next((one.balance for one in spans if one.first <= counted <= one.last), 0)
        if balance == 0:
            return half_up(exact)
        exact += Fraction(balance) * monthly / 100
        month += 1


def agreed(
    own: InvoiceTerms, law: PaymentLaw, consumer: bool, due: date, spans: Sequence[Span]
) -> Because | None:
    """The interest that the terms print, under the ceiling that the law sets for consumers."""
    if own.late_interest is None or own.counting is None or not spans:
        return None
    counting, percent = own.counting.value, own.late_interest.value
    yearly = percent * 12 if own.interest_per and own.interest_per.value == "month" else percent
    if counting == "once":
        amount = percent_of(spans[0].balance, percent)
    elif counting == "per_day":
        amount = by_days(spans, lambda _: yearly)
    else:
        amount = by_months(due, spans, Fraction(yearly) / 12, started=counting == "started_months")
    inputs: dict[str, str | int | bool | None] = {**_shown(due, spans), "rate_percent": str(yearly)}
    readings = dict(own.late_interest.readings + own.counting.readings)
    because = Because(
        rule="interest.once" if counting == "once" else "interest.agreed",
        clauses=own.late_interest.clauses,
        inputs=inputs,
        steps=(("interest", amount),),
        readings=tuple(readings.items()),
    )
    return because if counting == "once" else _capped(because, own, law, consumer, spans, yearly)


def _capped(
    because: Because, own: InvoiceTerms, law: PaymentLaw, consumer: bool,
    spans: Sequence[Span], yearly: Decimal,
) -> Because:  # fmt: skip
    """Cut to the reference rate of each half-year and some points, where the ceiling applies."""
    points = law.rate_ceiling
    if not consumer or points is None or (own.rate_cap and own.rate_cap.value == "uncapped"):
        return because
    amount = because.steps[0][1]
    most = by_days(spans, lambda day: min(yearly, law.reference.on(day) + points.value))
    if most >= amount:
        return because
    rates = _reference(law, spans)
    return replace(
        because,
        rule="interest.capped",
        inputs={**because.inputs, **rates, "ceiling_points": str(points.value)},
        clauses=(*because.clauses, *points.clauses, REFERENCE),
        steps=(("interest", most),),
        readings=because.readings + (own.rate_cap.readings if own.rate_cap else ()),
        statutes=tuple((clause, "capped") for clause in points.clauses),
        beaten=((because.clauses[0], kronor(amount), points.clauses[0]),),
    )


def statutory(
    law: PaymentLaw, issued: date, due: date, balance: int, paid: Payments
) -> Because | None:
    """What a company owes where the terms print no rate: from 30 days after the invoice (RL 4, 6).

    Raises TermsError for days of which no reference rate is known.
    """
    since = max(due, add_days(issued, law.payment_days.value))
    spans = late_spans(since, balance, paid)
    if not spans:
        return None
    amount = by_days(spans, lambda day: law.reference.on(day) + law.late_margin.value)
    clauses = (*law.payment_days.clauses, *law.late_margin.clauses, REFERENCE)
    return Because(
        rule="interest.statutory",
        clauses=clauses,
        inputs={
            **_shown(since, spans),
            **_reference(law, spans),
            "margin_points": str(law.late_margin.value),
        },
        steps=(("interest", amount),),
        statutes=tuple((clause, "applies") for clause in clauses),
    )


def _shown(due: date, spans: Sequence[Span]) -> dict[str, str | int | bool | None]:
    """What was late, and for how long; what was left from a day on that a payment lowered it."""
    left = {f"from_{one.first}_late_amount": one.balance for one in spans[1:]}
    return {
        "due": due.isoformat(),
        "until": spans[-1].last.isoformat(),
        "days": sum(span.days for span in spans),
        "late_amount": spans[0].balance,
        **left,
    }


def _reference(law: PaymentLaw, spans: Sequence[Span]) -> dict[str, str]:
    """The reference rate of each half-year, by its first late day."""
    pieces = [piece for span in spans for piece in half_years(span)]
    halves = {(one.first.year, one.first.month > 6): one.first for one in reversed(pieces)}
    return {
        f"from_{day}_reference_percent": str(law.reference.on(day))
        for day in sorted(halves.values())
    }
