"""Why: one renderer that turns a `Because` into sentences, in English and in Swedish.

The reasons are stored as data; words are put to them only here, when somebody asks.
"""

import re
from datetime import datetime
from typing import Literal

from domain import quotes
from domain.calendar import STOCKHOLM
from domain.money import kronor
from domain.outcomes import AnyOutcome, Because, Fee, Refund, Ruling
from domain.policies import POLICIES, discretion, settlement

Language = Literal["en", "sv"]
Steps = tuple[tuple[str, int], ...]
SENTENCES = {
    rule: pair
    for sentences in (
        *(policy.sentences for policy in POLICIES), discretion.SENTENCES, settlement.SENTENCES,
        quotes.SENTENCES,
    )
    for rule, pair in sentences.items()
}  # fmt: skip
"""Rule -> the sentence in English and in Swedish."""

MONEY = ("amount", "fee", "cost", "price", "freight", "floor", "goods", "paid")
"""Inputs with names ending so are öre."""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
WORDS = {
    "en": {"clauses": "under", "reading": "reading", "statute": "statute", "beaten": "not"},
    "sv": {"clauses": "enligt", "reading": "tolkning", "statute": "lag", "beaten": "inte"},
}
EFFECTS = {
    "applies": ("applies", "gäller"),
    "bounded": ("sets the term aside and decides instead", "går före villkoret"),
    "capped": ("cuts the amount", "begränsar beloppet"),
    "struck": ("strikes the term", "gör villkoret utan verkan"),
}


def sentence(because: Because, language: Language = "en") -> str:
    """The reason as one sentence for the customer."""
    pair = SENTENCES.get(because.rule)
    if pair is None:
        return because.rule  # decided under rules that this program no longer has
    shown = {name: _shown(name, value) for name, value in because.inputs.items()}
    return pair[language == "sv"].format_map(shown)


def _shown(name: str, value: str | int | bool | None) -> str:
    if isinstance(value, str) and INSTANT.match(value):
        return f"{datetime.fromisoformat(value).astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
    if isinstance(value, int) and not isinstance(value, bool) and name.endswith(MONEY):
        return kronor(value)
    return str(value)


def arithmetic(item: AnyOutcome) -> str:
    """How the amount came about: '350.00 floor + 95.00 return freight = 445.00', or ''."""
    steps = item.because.steps or (item.breakdown if isinstance(item, Refund) else ())
    return added_up(steps) if isinstance(item, (Fee, Refund, Ruling)) else ""


def added_up(steps: Steps) -> str:
    """Named amounts and what they come to, or '' where there are none."""
    if not steps:
        return ""
    terms = " ".join(
        f"{'-' if amount < 0 else '+'} {kronor(abs(amount))} {label.replace('_', ' ')}"
        for label, amount in steps
    ).removeprefix("+ ")
    return f"{terms} = {kronor(sum(amount for _, amount in steps))}"


def grounds(because: Because, language: Language = "en") -> list[str]:
    """What stands behind it for the auditor: clauses, readings, statutes, candidates beaten."""
    words, swedish = WORDS[language], language == "sv"
    lines = [f"{words['clauses']} {', '.join(because.clauses)}"] if because.clauses else []
    lines += [f"{words['reading']} {reading}: {option}" for reading, option in because.readings]
    lines += [
        f"{words['statute']} {reference} {EFFECTS[effect][swedish]}"
        for reference, effect in because.statutes
    ]
    lines += [f"{words['beaten']} {name} ({value}): {why}" for name, value, why in because.beaten]
    return lines
