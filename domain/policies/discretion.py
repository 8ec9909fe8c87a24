"""What the terms leave to a person, and what staff decided about it (`DiscretionExercised`).

A decision counts within its bounds. One outside them changes nothing: it is refused with the bound,
and the question stays open, or stays as the last decision within them left it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack

from domain.facts import DiscretionExercised
from domain.outcomes import Because, DecisionNeeded, Owed, Ruling
from domain.policies.policy import Sentences
from domain.state import OrderState, Told

PRICED = ("charge", "deduct", "claim")
"""Choices that need an amount or a percentage."""
Rule = Literal["choice", "unsaid_amount", "unsaid_percent", "amount", "percent"]

SENTENCES: Sentences = {
    "discretion.amount": (
        "The decision of {decided_amount} about {about} is outside the {least_amount} to "
        "{most_amount} that the terms allow.",
        "Beslutet om {decided_amount} för {about} ligger utanför de {least_amount} till "
        "{most_amount} som villkoren tillåter.",
    ),
    "discretion.percent": (
        "The decision of {decided} % about {about} is outside the {least} to {most} % that the "
        "terms allow.",
        "Beslutet om {decided} % för {about} ligger utanför de {least} till {most} % som villkoren "
        "tillåter.",
    ),
    "discretion.unsaid_amount": (
        "The decision {decision} about {about} names no amount, and the terms have none.",
        "Beslutet {decision} för {about} anger inget belopp, och villkoren har inget.",
    ),
    "discretion.unsaid_percent": (
        "The decision {decision} about {about} names no percentage; the terms allow {least} to "
        "{most} %.",
        "Beslutet {decision} för {about} anger ingen procentsats; villkoren tillåter {least} till "
        "{most} %.",
    ),
    "discretion.choice": (
        "The decision {decision} about {about} is none of those that the terms leave to a person: "
        "{choices}.",
        "Beslutet {decision} för {about} är inget av dem som villkoren överlåter åt en människa: "
        "{choices}.",
    ),
}


class Ref(TypedDict, total=False):
    """What in the order something is about."""

    parcel: str | None
    line: str | None
    rma: str | None
    invoice: str | None
    cause: str | None


@dataclass(slots=True, frozen=True, kw_only=True)
class Question:
    """What is left to a person about a fee or ruling: the choices, and their bounds, inclusive.

    Amounts and their bounds are öre. `usual` is the amount of a decision that names none.
    """

    about: str
    choices: tuple[str, ...]
    subject: str = ""
    bounds: tuple[int, int] | None = None
    unit: Literal["amount", "percent"] = "amount"
    usual: int | None = None
    also: tuple[str, ...] = ()
    """Words that count as well, though they are not offered."""
    elsewhere: tuple[str, ...] = ()
    """Words that answer another question of the same name."""
    since: datetime | None = None
    """What was decided before this was about something else."""

    def value(self, fact: DiscretionExercised) -> int | Decimal | None:
        """The amount, or the percentage, that a decision comes to."""
        said = fact.percent if self.unit == "percent" else fact.amount
        return self.usual if said is None else said

    def amount(self, told: Told[DiscretionExercised]) -> int:
        """The öre of a decision that counts; a waiver asks for none."""
        priced = told.fact.decision in PRICED
        return int(self.value(told.fact) or 0) if priced else 0

    def objection(self, fact: DiscretionExercised) -> Rule | None:
        """Why a decision does not count, if it does not."""
        if fact.decision not in (*self.choices, *self.also):
            return "choice"
        if fact.decision not in PRICED:
            return None
        value = self.value(fact)
        if value is None:
            return "unsaid_percent" if self.unit == "percent" else "unsaid_amount"
        outside = self.bounds is not None and not self.bounds[0] <= value <= self.bounds[1]
        return self.unit if outside else None


def decided(order: OrderState, question: Question) -> Told[DiscretionExercised] | None:
    """The last decision that counts."""
    told = [one for one in _told(order, question) if question.objection(one.fact) is None]
    return told[-1] if told else None


def choice(order: OrderState, question: Question) -> str | None:
    """What the last decision that counts says."""
    told = decided(order, question)
    return told.fact.decision if told is not None else None


def waived(order: OrderState, about: str, subject: str = "") -> bool:
    """Whether staff let a fee of a known amount go."""
    words = ("charge", "waive")
    question = Question(about=about, choices=words, subject=subject, usual=0, also=("deduct",))
    return choice(order, question) == "waive"


def ask(owed: Owed, question: Question, because: Because, **ref: Unpack[Ref]) -> None:
    """A person is asked."""
    owed.add(
        DecisionNeeded(
            about=question.about, choices=question.choices, bounds=question.bounds,
            because=because, **ref,
        )
    )  # fmt: skip


def refuse(
    owed: Owed, order: OrderState, question: Question, because: Because, **ref: Unpack[Ref]
) -> None:
    """Every decision that does not count is refused, with what would have counted.

    One decision may be meant for several questions of one subject; it is then refused once.
    """
    for told in _told(order, question):
        rule = question.objection(told.fact)
        if rule is None or told.fact.decision in question.elsewhere:
            continue
        inputs = _shown(question, rule, told.fact)
        ruling = Ruling(
            about="discretion", decision="refused", reasons=("out_of_bounds",), **ref,
            because=replace(because, rule=f"discretion.{rule}", inputs=inputs, steps=()),
        )  # fmt: skip
        ruling = replace(ruling, cause=told.id)
        if ruling.key not in owed.items:
            owed.add(ruling)


def _shown(question: Question, rule: Rule, fact: DiscretionExercised) -> dict[str, Any]:
    inputs: dict[str, Any] = {"about": question.about, "decision": fact.decision}
    value, (least, most) = question.value(fact), question.bounds or (None, None)
    if rule == "choice":
        inputs["choices"] = ", ".join(question.choices)
    elif rule == "amount":
        inputs |= {"decided_amount": value, "least_amount": least, "most_amount": most}
    elif question.unit == "percent":
        percent = None if value is None else f"{Decimal(value).normalize():f}"
        inputs |= {"decided": percent, "least": least, "most": most}
    return inputs


def _told(order: OrderState, question: Question) -> list[Told[DiscretionExercised]]:
    """Every decision about it: by its kind alone, as `kind:subject`, or by its key.

    A subject that is the id of the causing fact is meant by the key of the outcome as well, as in
    `return:1#m7`.
    """
    return [
        told
        for told in order.all(DiscretionExercised)
        if means(told.fact.about, question.about, question.subject)
        and (question.since is None or told.at >= question.since)
    ]


def means(name: str, about: str, subject: str) -> bool:
    """Whether a decision's name of what it is about is a question's."""
    kind, _, of = name.partition(":")
    cause = of.rpartition("#")[2]
    return kind == about and (of in ("", subject) or cause == subject.removeprefix("#"))
