"""Opens the terms files that lie beside the typed models."""

from functools import cache
from importlib.resources import files

from domain.terms.book import Book


@cache
def book() -> Book:
    """All sellers' terms and the statutes, as installed. Raises TermsError for a file at fault."""
    folder = files("domain.terms")
    texts = {
        one.name.removesuffix(".toml"): one.read_text("utf-8")
        for one in folder.iterdir()
        if one.name.endswith(".toml")
    }
    return Book(texts)
