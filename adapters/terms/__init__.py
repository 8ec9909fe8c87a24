"""Opens the terms files: those installed beside the typed models, and a shop's own."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from adapters.settings import Settings
from domain.errors import TermsError
from domain.terms.book import READINGS_FILE, STATUTES_FILE, Book
from domain.terms.register import Register, register

TERMS = files("domain.terms")


def book() -> Book:
    """All sellers' terms and the statutes: as installed, and those of the folder VILLKOR_TERMS.

    Raises TermsError for a file at fault.
    """
    return _book(Settings.read().terms)


@cache
def _book(folder: Path | None) -> Book:
    return Book(_texts(TERMS) | own(folder))


def installed() -> Register:
    """What every clause and statute says, as installed and in a shop's own files."""
    return _installed(Settings.read().terms)


@cache
def _installed(folder: Path | None) -> Register:
    return register(_texts(TERMS / "clauses"), own(folder))


def own(folder: Path | None) -> dict[str, str]:
    """The terms files of a folder, by seller. Raises TermsError for one that is installed."""
    found = {} if folder is None else _texts(folder)
    if twice := sorted(set(found) & set(_texts(TERMS))):
        raise TermsError(f"{twice[0]}.toml: the terms of {twice[0]} are installed already")
    return found


def shipped() -> frozenset[str]:
    """The sellers whose terms are installed; no file of a shop's own can take their place."""
    return frozenset(_texts(TERMS)) - {STATUTES_FILE, READINGS_FILE}


def text_of(file: Traversable) -> str:
    """What a terms file says. Raises TermsError where it cannot be read as text."""
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise TermsError(f"{file.name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise TermsError(f"{file.name} is not text in UTF-8") from error


def _texts(folder: Traversable) -> dict[str, str]:
    return {
        one.name.removesuffix(".toml"): text_of(one)
        for one in sorted(folder.iterdir(), key=lambda file: file.name)
        if one.name.endswith(".toml")
    }
