"""Why: one renderer that turns a `Because` into sentences, in English and in Swedish.

The reasons are stored as data; words are put to them only here, when somebody asks.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from string import Formatter

from domain import quotes
from domain.calendar import KEPT, STOCKHOLM
from domain.outcomes import LINES, AnyOutcome, Because, Fee, Refund, Ruling, WriteOff
from domain.policies import POLICIES, discretion, settlement
from domain.words import Language, lines, money, word

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
CODES = ("method", "by", "about")
"""Inputs that are words of a list."""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
DECIMAL = re.compile(r"-?\d+\.\d+")
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


def sentence(
    because: Because, language: Language = "en", names: Mapping[str, str] | None = None,
    currency: str = "SEK",
) -> str:  # fmt: skip
    """The reason as one sentence for the customer; `names` has what the lines' goods are called."""
    pair = SENTENCES.get(because.rule)
    if pair is None:
        return because.rule  # decided under rules that this program no longer has
    if "currency" in because.inputs:
        currency = ""  # the sentence says it itself
    said = ""
    for text, name in _template(pair[language == "sv"]):
        said += text
        if name is None:
            continue
        if name not in because.inputs:
            return because.rule  # decided when the sentence was another
        value = because.inputs[name]
        if name in LINES:
            said += lines(str(value or ""), said, names or {}, language)
        else:
            said += _shown(name, value, language, currency)
    return said[:1].upper() + said[1:]


@cache
def _template(text: str) -> tuple[tuple[str, str | None], ...]:
    """The parts of a sentence: words, and the input that follows them."""
    return tuple((words, name) for words, name, _, _ in Formatter().parse(text))


@lru_cache(KEPT, typed=True)
def _shown(name: str, value: str | int | bool | None, language: Language, currency: str) -> str:
    if isinstance(value, str) and INSTANT.match(value):
        return clock(value)
    if isinstance(value, int) and not isinstance(value, bool) and name.endswith(MONEY):
        return money(value, language, currency)
    if isinstance(value, str) and DECIMAL.fullmatch(value):
        return value.replace(".", ",") if language == "sv" else value
    return word(value, language) if name in CODES and isinstance(value, str) else str(value)


@lru_cache(KEPT)
def clock(instant: str) -> str:
    """An instant of ISO 8601 on the clocks of Stockholm."""
    return f"{datetime.fromisoformat(instant).astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"


def arithmetic(item: AnyOutcome, language: Language = "en", currency: str = "SEK") -> str:
    """How the amount came about: '350.00 lowest fee + 95.00 return freight = 445.00', or ''."""
    steps = item.because.steps or (item.breakdown if isinstance(item, Refund) else ())
    if not isinstance(item, (Fee, Refund, Ruling)):
        return ""
    return added_up(steps, language, currency)


def contradicted(item: AnyOutcome) -> int | None:
    """What the steps of an amount come to, in öre, where that is another: somebody changed one."""
    if not isinstance(item, (Fee, Refund, WriteOff)):
        return None
    steps = item.because.steps or (item.breakdown if isinstance(item, Refund) else ())
    total = sum(amount for _, amount in steps)
    return total if steps and total != item.amount else None


def added_up(steps: Steps, language: Language = "en", currency: str = "SEK") -> str:
    """Named amounts and what they come to, or '' where there are none."""
    if not steps:
        return ""
    terms = " ".join(
        f"{'-' if amount < 0 else '+'} {money(abs(amount), language, currency)} "
        f"{word(label, language)}"
        for label, amount in steps
    ).removeprefix("+ ")
    return f"{terms} = {money(sum(amount for _, amount in steps), language, currency)}"


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
