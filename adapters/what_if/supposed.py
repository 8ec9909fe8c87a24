"""What is supposed in a what-if: other terms, other readings, another day of the contract.

It says of an edition that an order pinned which one it would have been otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from adapters.terms import text_of
from domain.decide import Choice
from domain.errors import Refused, TermsError, VillkorError
from domain.terms import Terms
from domain.terms.book import Book, Edition
from domain.terms.values import Entry


@dataclass(slots=True, frozen=True)
class Question:
    """What is supposed of the orders of `seller` (None: of all).

    `terms` is the name under which other terms are looked up, a seller's or a marketplace's, and
    `text` its terms file (None: as installed). `day` is when all contracts were concluded (None:
    each when it was). `readings` are (reading, option). `at` is the moment of the decision (None:
    the present).
    """

    seller: str | None = None
    terms: str | None = None
    text: str | None = None
    day: date | None = None
    readings: tuple[tuple[str, str], ...] = ()
    at: datetime | None = None

    def concerns(self, seller: str, marketplace: str | None) -> bool:
        """Whether an order of a seller on a marketplace is asked about."""
        if self.seller not in (None, seller):
            return False
        return self.terms is None or self.terms in (seller, marketplace)


def asked(
    book: Book, terms: str | None = None, readings: Iterable[str] = (), day: str | None = None,
    seller: str | None = None, at: datetime | None = None,
) -> Question:  # fmt: skip
    """The question as people ask it.

    `terms` is `FILE.toml`, called after its seller, or `SELLER=FILE.toml`, or `SELLER`, each with
    `@DAY` or without; `readings` are `READING=OPTION`. Raises VillkorError where there is no such
    thing, with those that there are.
    """
    name = text = None
    if terms is not None:
        named, _, told = terms.partition("@")
        name, text = _terms(named, book)
        if told and day not in (None, told):
            raise VillkorError(f"--terms says {told} and --date {day}; say one day")
        day = told or day
    chosen = tuple(_reading(one, book) for one in readings)
    if (name, day, chosen) == (None, None, ()):
        raise VillkorError("nothing is supposed; say --terms, --reading or --date")
    return Question(seller, name, text, None if day is None else _day(day), chosen, at)


def _terms(named: str, book: Book) -> tuple[str, str | None]:
    """(whose terms, the text of their file, None where they are the installed ones)."""
    name, _, path = named.rpartition("=")
    file = Path(path)
    if file.suffix != ".toml":
        name = path
    elif not file.is_file():
        raise VillkorError(f"{path} is not there; name a terms file or a seller")
    name = name or file.stem
    if name not in book.sellers:
        sellers = ", ".join(sorted(book.sellers))
        raise VillkorError(
            f"there are no terms of {name!r}; there are those of {sellers}, and a file of another "
            "name is told as SELLER=FILE.toml"
        )
    return name, text_of(file) if file.suffix == ".toml" else None


def _reading(told: str, book: Book) -> tuple[str, str]:
    name, _, option = told.partition("=")
    reading = book.readings.get(name)
    if reading is None:
        raise VillkorError(f"there is no reading {name!r}; there are {', '.join(book.readings)}")
    if option not in reading.options:
        options = ", ".join(reading.options)
        raise VillkorError(f"{option!r} is no option of {name}; there are {options}")
    return name, option


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise VillkorError(f"{told!r} is not a day in ISO 8601") from error


class Supposed:
    """The terms of a question, edition by edition. Raises TermsError where they are at fault."""

    def __init__(self, question: Question, book: Book) -> None:
        self.question = question
        if question.terms is not None and question.text is not None:
            book = book.beside(question.terms, question.text)
        self.book = book.otherwise(replace(book.overrides, readings=self._readings(book)))
        self.known: dict[tuple[Choice, str], Edition] = {}

    def _readings(self, book: Book) -> Mapping[str, str]:
        return {**book.overrides.readings, **dict(self.question.readings)}

    def edition(self, chosen: Choice, pinned: Edition) -> Edition:
        """What an order of that choice would live under, instead of what it pinned.

        Raises TermsError for a day of which no terms are known.
        """
        found = self.known.get((chosen, pinned.hash))
        if found is None:
            found = self.known[chosen, pinned.hash] = self._edition(chosen, pinned)
        return found

    def _edition(self, chosen: Choice, pinned: Edition) -> Edition:
        seller, marketplace, day = chosen
        today = self.book.edition(seller, marketplace, self.question.day or day)
        if self.question.terms is not None or self.question.day is not None:
            return today
        entries = {**pinned.entries, **dict(self._read_otherwise(today))}
        bare = replace(pinned, entries=entries)
        return replace(bare, hash=sha256(bare.encode()).hexdigest())

    def _read_otherwise(self, edition: Edition) -> Iterator[tuple[str, Entry]]:
        """The values of an edition that the supposed readings give."""
        names = {name for name, _ in self.question.readings}
        for key, entry in edition.entries.items():
            if entry and names & {name for name, _ in entry.get("readings", ())}:
                yield key, entry

    def terms(self, edition: Edition) -> Terms:
        return self.book.terms(edition)

    def must_hold(self, sellers: Iterable[tuple[str, str | None]], today: date) -> None:
        """Look at the terms before anything is decided, for these (seller, marketplace).

        Raises TermsError where they are at fault or not known of the day that is supposed.
        """
        for seller, marketplace in sellers:
            if self.question.concerns(seller, marketplace):
                day = self.question.day or min(today, self.book.still_valid_on)
                try:
                    self.book.terms(self.book.edition(seller, marketplace, day))
                except TermsError as error:
                    raise TermsError(f"{seller}: {error}") from error
                except Refused:
                    continue  # it waits for its order, which says whose terms it is under
