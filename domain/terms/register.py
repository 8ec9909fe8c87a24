"""The register: every clause of the terms in our words, and its place in Villkor.

A clause is *enforced* (it changes what is raised, refused or quoted), *shown* (to whom, and where)
or *not computable* (and why). Statutes have an entry each: the act and section, and how known.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from domain.errors import TermsError
from domain.terms.toml import read

Place = Literal["enforced", "shown", "not_computable"]
LAW = "law"


@dataclass(slots=True, frozen=True, kw_only=True)
class Clause:
    """One clause: what it says (`rule`), `to` whom and `where` it is shown, or `why` it is not."""

    id: str
    document: str
    rule: str
    place: Place
    to: str | None = None
    where: str | None = None
    why: str | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Statute:
    """One section of an act; `known`: read in its own text, at second hand, or recalled.

    `mandatory`: no term goes before it where the customer is a consumer.
    """

    id: str
    act: str
    rule: str
    known: Literal["read", "second_hand", "recalled"]
    mandatory: bool = False


_clause, _statute = TypeAdapter(Clause), TypeAdapter(Statute)


@dataclass(slots=True, frozen=True)
class Register:
    """All clauses and statutes, by id."""

    clauses: Mapping[str, Clause]
    statutes: Mapping[str, Statute]

    def __contains__(self, id: str) -> bool:
        return id in self.clauses or id in self.statutes


def register(files: Mapping[str, str], own: Mapping[str, str] | None = None) -> Register:
    """From the texts of `clauses/*.toml`, and of terms files with a table `clauses` of their own.

    Raises TermsError for an entry with no place, and for one that another document has already.
    """
    clauses: dict[str, Clause] = {}
    statutes: dict[str, Statute] = {}
    documents = {name: tomllib.loads(text) for name, text in files.items()}
    documents |= {name: read(text).get("clauses", {}) for name, text in (own or {}).items()}
    for document, entries in documents.items():
        if not isinstance(entries, Mapping):
            raise TermsError(f"{document}.toml: clauses is not a table")
        for id, entry in entries.items():
            if taken := clauses.get(id) or statutes.get(id):
                raise TermsError(f"{document}.toml: {id} {_taken(taken)}; give it another name")
            if document == LAW:
                statutes[id] = _read(_statute, {"id": id, **entry})
            else:
                clauses[id] = clause_of(document, id, entry)
    return Register(clauses, statutes)


def taken_by(register: Register, document: str, id: str) -> str | None:
    """Whose a name is already, in words, where it is not this document's to give."""
    taken = register.statutes.get(id) or register.clauses.get(id)
    if taken is None or (isinstance(taken, Clause) and taken.document == document):
        return None
    return _taken(taken)


def _taken(taken: Clause | Statute) -> str:
    if isinstance(taken, Statute):
        return f"is a statute already ({taken.act})"
    return f"is a clause of {taken.document} already"


def clause_of(document: str, id: str, entry: Any) -> Clause:
    """One clause of a document. Raises TermsError for what is none, or has no place."""
    if not isinstance(entry, Mapping):
        raise TermsError(f"{id}: is not a table of what the clause says")
    return _placed(_read(_clause, {"id": id, "document": document, **entry}))


def _read(reader: TypeAdapter[Any], entry: Mapping[str, Any]) -> Any:
    try:
        return reader.validate_python(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise TermsError(f"{entry['id']}: {field}: {first['msg']}") from error


def _placed(clause: Clause) -> Clause:
    """A clause that says what its place asks for, and nothing else."""
    wanted = {"enforced": (), "shown": ("to", "where"), "not_computable": ("why",)}[clause.place]
    for name in ("to", "where", "why"):
        if (getattr(clause, name) is not None) != (name in wanted):
            verb = "needs" if name in wanted else "has no use for"
            raise TermsError(f"{clause.id}: a clause that is {clause.place} {verb} `{name}`")
    return clause
