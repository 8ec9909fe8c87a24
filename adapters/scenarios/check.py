"""The scenario checker: worked examples of the terms against the real aggregate and policies.

It needs no database. Everything under `expect` is exact (FACTS.md section 7). A scenario about an
open reading names it as `reading` and has, in place of `expect`, `options`: what is expected of the
same story under each option.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from adapters.scenarios.expected import GROUNDS, LISTS, Grounds, compare, grounds_of
from adapters.scenarios.played import Cart, ScenarioRun
from adapters.scenarios.quoted import differences as quote_differences
from adapters.scenarios.quoted import quoted, quoted_order
from adapters.story import named
from domain.calendar import day_of, moment
from domain.errors import TermsError, VillkorError
from domain.explain import sentence
from domain.outcomes import Block
from domain.terms.book import Book, Overrides

KEYS = {
    "id", "title", "clauses", "readings", "order", "facts", "as_of", "note", "expect", "tariff",
    "rates", "cart", "reading", "options",
}  # fmt: skip
"""What a scenario may say."""
OF_AN_ORDER = {"order", "facts", "expect", "id", "title", "clauses", "note"}
"""What each order of a cart may say."""


class _Loader(yaml.BaseLoader):
    """Everything is text; a key that comes twice is refused, as one of the two would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        if twice := [name for name in names if names.count(name) > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice[0]!r} comes twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


@dataclass(slots=True)
class Result:
    """One scenario: `differences` are sentences, empty where it came out right.

    `decided` has (clause or statute, policy) of every outcome that was expected and came.
    """

    id: str
    differences: list[str] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)
    decided: Grounds = field(default_factory=set)

    @property
    def passed(self) -> bool:
        return not self.differences


def documents(paths: Iterable[Path]) -> Iterator[tuple[str, Any]]:
    """(name, document) of every YAML document; one that cannot be read is its error."""
    for path in sorted(_files(paths)):
        for number, text in enumerate(_split(path.read_text("utf-8-sig", "surrogateescape")), 1):
            name = f"{path.name}:{number}"
            try:
                document = yaml.load(text, Loader=_Loader)
            except (yaml.YAMLError, ValueError, RecursionError) as error:
                yield name, VillkorError(f"cannot be read: {error}")
                continue
            if document is not None:
                yield name, document


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (one for one in path.rglob("*") if one.suffix in (".yaml", ".yml"))
        else:
            yield path


def _split(text: str) -> list[str]:
    """The documents of a file, apart, so that one that cannot be read spoils no other."""
    return ("\n" + text).split("\n---")


def there(paths: Iterable[Path]) -> list[Path]:
    """The same paths. Raises VillkorError for one where nothing is."""
    found = list(paths)
    for path in found:
        if not path.exists():
            raise VillkorError(f"{path} is not there; name a scenario file or a folder of them")
    return found


def check(paths: Iterable[Path], book: Book) -> list[Result]:
    """Every scenario of the files. A document that raises is one failed result."""
    return [result for _, result in played(paths, book)]


def played(paths: Iterable[Path], book: Book) -> Iterator[tuple[Any, Result]]:
    """Every document of the files, and what came out."""
    for name, document in documents(paths):
        yield document, check_document(name, document, book)


def check_document(name: str, document: Any, book: Book) -> Result:
    if isinstance(document, VillkorError):
        return Result(name, [str(document)])
    if not isinstance(document, Mapping):
        return Result(name, ["is not a mapping"])
    result = Result(str(document.get("id", name)))
    if unknown := sorted(set(document) - KEYS):
        result.differences.append(f"{', '.join(unknown)}: not understood")
    result.differences += _unread(document)
    try:
        _check(document, book, result)
    except Exception as error:  # noqa: BLE001 - a scenario that raises is one failure
        result.differences.append(_raised(error))
    return result


TERMS_REFUSED = "the terms cannot be used: "
"""How the difference begins where the terms themselves are at fault, not the scenario."""


def _raised(error: Exception) -> str:
    """Why a scenario has no end, in words."""
    if isinstance(error, TermsError):
        return f"{TERMS_REFUSED}{error}"
    if isinstance(error, KeyError):
        return f"cannot be told: {error.args[0]} is missing, or is not known"
    if isinstance(error, (ArithmeticError, AttributeError, TypeError)):
        return "cannot be told: a part of it is of another kind than asked for"
    return f"cannot be told: {error}"


def _unread(document: Mapping[str, Any]) -> Iterator[str]:
    """What would be looked at by nobody because of what stands beside it."""
    if ("reading" in document) != ("options" in document):
        yield "reading and options go together"
    elif "options" in document and "expect" in document:
        yield "expect beside the options of a reading is not understood"
    if "cart" not in document:
        return
    if not isinstance(document["cart"], list):
        yield "cart is not a list"
        return
    if beside := sorted({"order", "facts"} & set(document)):
        yield f"{', '.join(beside)} beside a cart of several orders is not understood"
    for number, one in enumerate(document["cart"], 1):
        if unknown := sorted(set(one) - OF_AN_ORDER):
            yield f"order {number}: {', '.join(unknown)}: not understood"


def _check(document: Mapping[str, Any], book: Book, result: Result) -> None:
    if "reading" not in document:
        _check_under(document, book, result, "")
        return
    options = document["options"]
    if missing := sorted(set(book.readings[document["reading"]].options) - set(options)):
        result.differences.append(f"nothing is expected of {', '.join(missing)}")
    for option, expect in options.items():
        chosen = {**(document.get("readings") or {}), document["reading"]: option}
        story = {**document, "expect": expect, "readings": chosen}
        _check_under(story, book, result, f"{option}: ")


def overrides(document: Mapping[str, Any]) -> Overrides:
    """What a scenario chooses otherwise."""
    rates = {name: Decimal(rate) for name, rate in (document.get("rates") or {}).items()}
    return Overrides(document.get("readings") or {}, document.get("tariff") or {}, rates)


def _check_under(document: Mapping[str, Any], book: Book, result: Result, where: str) -> None:
    book = book.otherwise(overrides(document))
    as_of = moment(document["as_of"]) if "as_of" in document else None
    if not isinstance(document.get("cart"), list):
        _check_order(document, as_of, book, result, where)
        return
    cart = Cart(document["cart"], as_of, book)
    for number, (one, run) in enumerate(zip(document["cart"], cart.runs, strict=True), 1):
        _check_run(one, run, book, result, f"{where}order {number}: ")
    if document.get("expect"):
        result.differences.append("expect beside a cart of several orders is not understood")


def _check_order(
    one: Mapping[str, Any], as_of: datetime | None, book: Book, result: Result, where: str
) -> None:
    if "order" in one:
        _check_run(one, Cart([one], as_of, book).runs[0], book, result, where)
    elif set(one.get("expect") or ()) != {"quote"}:
        result.differences.append(f"{where}without an order, a quote and nothing else is checked")
    else:
        _check_quote(one["expect"]["quote"], None, as_of, book, result, where)


def _check_quote(
    expected: Any, run: ScenarioRun | None, as_of: datetime | None, book: Book, result: Result,
    where: str,
) -> None:  # fmt: skip
    """A calculation without facts: about the order, or under the terms as they are last known."""
    if not isinstance(expected, Mapping) or not expected:
        result.differences.append(f"{where}quote: nothing is expected")
        return
    if run is not None:
        seller, quote = quoted_order(expected, run.order, book)
    else:
        seller, quote = quoted(expected, book, day_of(as_of) if as_of else book.still_valid_on)
    found = quote_differences(expected, seller, quote)
    result.differences += [where + difference for difference in found]
    result.decided |= {(named, "quote") for named in grounds_of(quote.because)}
    result.explanation.append(f"{where}quote: {sentence(quote.because)}")


def _check_run(
    one: Mapping[str, Any], run: ScenarioRun, book: Book, result: Result, where: str
) -> None:
    expect = one.get("expect")
    if not isinstance(expect, Mapping) or not expect:
        result.differences.append(f"{where}nothing is expected")
        return
    for key, expected in expect.items():
        if key in LISTS and not isinstance(expected, list):
            differences = [f"{key} is not a list"]
        elif key in LISTS:
            kind, complete = LISTS[key]
            differences, proven = compare(expected, run.shown(kind), key, complete)
            result.decided |= proven
        elif key == "blocked":
            blocks = run.shown(Block)
            standing = str(bool(blocks)).lower()
            differences = [] if standing == expected else [f"blocked: {standing}"]
            result.decided |= {ground for block in blocks for ground in block[GROUNDS]}
        elif key == "quote":
            _check_quote(expected, run, None, book, result, where)
            continue
        else:
            differences = [f"{key} is not understood"]
        result.differences += [where + difference for difference in differences]
    result.explanation += [
        f"{where}{named(item)}: {sentence(item.because)}" for item in run.standing()
    ]
