"""What stands behind a quote: the words of the terms that it was reckoned from."""

from typing import Any

from domain.outcomes import Because
from domain.terms.values import Term

Words = tuple[Term[Any] | None, ...]
Steps = tuple[tuple[str, int], ...]


def because(rule: str, inputs: dict[str, Any], words: Words, steps: Steps = ()) -> Because:
    """The reason, with every clause and reading of the words once."""
    used = [word for word in words if word is not None]
    return Because(
        rule=f"quote.{rule}",
        clauses=tuple(dict.fromkeys(clause for word in used for clause in word.clauses)),
        inputs=inputs,
        steps=steps,
        readings=tuple(dict.fromkeys(reading for word in used for reading in word.readings)),
    )
