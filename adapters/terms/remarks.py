"""Remarks on a terms file that is in order: what its author may not have meant."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.terms.mandatory import worse
from adapters.terms.review import Lines, editions_of
from adapters.terms import shipped
from domain.terms.book import Book
from domain.terms.toml import read
from domain.terms.values import as_list


def remarks(name: str, text: str, book: Book, marketplace: str | None = None) -> list[str]:
    """Sentences about a file without faults; each says the line and the clause."""
    document, lines = read(text), Lines(text)
    beside = book.beside(name, text)
    found = [*_uncited(name, document, lines, beside),
             *_without_effect(name, lines, beside, marketplace)]  # fmt: skip
    if name in shipped():
        said = f"{name} is installed: this is taken for another text of its terms, such as " \
               "`villkor terms diff` compares; it cannot be put into VILLKOR_TERMS"  # fmt: skip
        found.append((0, said))
    return [f"line {line}: {said}" if line else said for line, said in sorted(found)]


def _uncited(
    name: str, document: Mapping[str, Any], lines: Lines, book: Book
) -> Iterator[tuple[int, str]]:
    """Clauses that are called enforced though no value says what they set."""
    cited = {
        clause for dated in book.sellers[name].values() for entry in dated
        for clause in as_list(entry["clause"])
    }  # fmt: skip
    for id, entry in document.get("clauses", {}).items():
        if entry["place"] == "enforced" and id not in cited:
            yield (
                lines.of("clauses", id),
                f"clauses.{id} is called enforced, and no value names it: cite it where it "
                'decides, or say place = "shown" or "not_computable"',
            )


def _without_effect(
    name: str, lines: Lines, book: Book, marketplace: str | None
) -> Iterator[tuple[int, str]]:
    """Values that a statute sets aside for consumers, under the newest law that they live to see.

    What an older law set aside and a later one does not is no longer worth a note.
    """
    own, law = book.sellers[name], {one["from"] for dated in book.law.values() for one in dated}
    known = [day for day in law if day <= book.still_valid_on]
    found: dict[tuple[str, int], tuple[int, str]] = {}
    for terms, day in editions_of(name, book, marketplace, known):
        under = {one.key: one for one in worse(terms, day)}
        for key, dated in own.items():
            number = sum(entry["from"] <= day for entry in dated) - 1
            found.pop((key, number), None)
            if number >= 0 and key in under:
                section, _, name_of = key.partition(".")
                one, line = under[key], lines.of(section, name_of, number)
                found[(key, number)] = (line, f"{key} ({', '.join(one.clauses)}) {one}")
    yield from found.values()
