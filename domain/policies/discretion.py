"""What staff decided where the terms leave it to a person (`DiscretionExercised`)."""

from domain.facts import DiscretionExercised
from domain.state import OrderState, Told


def exercised(order: OrderState, about: str, subject: str = "") -> Told[DiscretionExercised] | None:
    """The last decision about a fee or ruling: by its kind alone, as `kind:subject`, or by its key.

    A subject that is the id of the causing fact is meant by the key of the outcome as well, as in
    `return:1#m7`.
    """
    told = [one for one in order.all(DiscretionExercised) if _means(one.fact.about, about, subject)]
    return told[-1] if told else None


def _means(name: str, about: str, subject: str) -> bool:
    kind, _, of = name.partition(":")
    cause = of.rpartition("#")[2]
    return kind == about and (of in ("", subject) or cause == subject.removeprefix("#"))


def waived(order: OrderState, about: str, subject: str = "") -> bool:
    """Whether staff let a fee go."""
    told = exercised(order, about, subject)
    return told is not None and told.fact.decision == "waive"
