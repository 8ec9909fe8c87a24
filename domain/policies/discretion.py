"""What staff decided where the terms leave it to a person (`DiscretionExercised`)."""

from domain.facts import DiscretionExercised
from domain.state import OrderState, Told


def exercised(order: OrderState, about: str, subject: str = "") -> Told[DiscretionExercised] | None:
    """The last decision about a fee or ruling, named by its kind alone or as `kind:subject`."""
    names = (about, f"{about}:{subject}")
    told = [one for one in order.all(DiscretionExercised) if one.fact.about in names]
    return told[-1] if told else None


def waived(order: OrderState, about: str, subject: str = "") -> bool:
    """Whether staff let a fee go."""
    told = exercised(order, about, subject)
    return told is not None and told.fact.decision == "waive"
