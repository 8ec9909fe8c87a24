"""Terms as dated values: what is missing, overlaps or has no clause is an error at load."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.terms import TERMS, book
from domain.errors import Refused, TermsError
from domain.terms import toml
from domain.terms.book import Book, Overrides
from domain.terms.values import Money, Term, build, flatten, in_force


@dataclass(slots=True, frozen=True)
class Section:
    fee: Term[Money]
    extra: Term[Money] | None


def flat(text: str) -> dict[str, Any]:
    return flatten(tomllib.loads(text, parse_float=Decimal), "shop")


GOOD = '[unclaimed]\nfee = [{ from = 2020-01-01, value = 350.00, clause = "S-1" }]\n'


def test_a_value_has_a_date_and_a_clause() -> None:
    assert flat(GOOD)["unclaimed.fee"][0]["clause"] == "S-1"


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ('{ value = 1, clause = "S-1" }', "shop: unclaimed.fee has an entry without `from`"),
        ("{ from = 2020-01-01, value = 1 }", "from 2020-01-01 names no clause"),
        ('{ from = 2020-01-01, clause = "S-1" }', "needs either a value or a reading"),
        ('{ from = 2020-01-01, value = 1, reading = "r", clause = "S-1" }', "needs either"),
        ('{ from = 2020-01-01, value = 1, clause = "S-1", unit = "SEK" }', "has an unknown unit"),
        ('{ from = 2020-01-01, value = 1, clause = "S-1" }, '
         '{ from = 2020-01-01, value = 2, clause = "S-1" }', "overlaps the value before it"),
    ],
)  # fmt: skip
def test_an_entry_at_fault_is_named(entry: str, sentence: str) -> None:
    with pytest.raises(TermsError, match=sentence):
        flat(f"[unclaimed]\nfee = [{entry}]\n")


def test_a_value_holds_until_the_next_one() -> None:
    entries = flat(
        "[a]\nb = [{ from = 2020-01-01, value = 1, clause = 'c' },"
        " { from = 2024-05-01, value = 2, clause = 'c' }]\n"
    )["a.b"]
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2024, 4, 30), date(2024, 5, 1)]
    found = [in_force(entries, day) for day in days]
    assert [one and one["value"] for one in found] == [None, 1, 1, 2]


def entry(value: Any) -> dict[str, Any]:
    return {"value": value, "clause": ["S-1"]}


def test_a_missing_key_is_an_error_and_never_a_default() -> None:
    with pytest.raises(TermsError, match=r"s\.extra is missing; list it as silent"):
        build(Section, "s", {"s.fee": entry(350)})


def test_only_what_may_be_silent_may_be_silent() -> None:
    assert build(Section, "s", {"s.fee": entry("350.00"), "s.extra": None}) == Section(
        Term(35000, ("S-1",)), None
    )
    with pytest.raises(TermsError, match=r"s\.fee must have a value"):
        build(Section, "s", {"s.fee": None, "s.extra": None})


LONG = ".".join(["a"] * 7)
BEHIND = (
    r'x = "\\"', r"x = '\'", r'x = """a\""""""', r"x = '''\'''''", "# '", 'x = "#"', "x = '\"'",
)  # fmt: skip
"""Lines behind which a key is a key again, and not the rest of a string or of a comment."""


@pytest.mark.parametrize("key", [
    f"{LONG} = 1", f"[{LONG}]", f"[[{LONG}]]", f"x = {{ y = 1, {LONG} = 1 }}",
    f"x = [{{ {LONG} = 1 }}]", LONG.replace(".", " . ") + " = 1", LONG.replace("a", '"a.b"') + "=1",
])  # fmt: skip
def test_what_would_hold_up_its_reader_is_not_read(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The standard library's takes time with the square of a key's dots."""
    for line in BEHIND:
        assert toml.read(f"{line}\ny = 1")["y"] == 1
    monkeypatch.delattr(tomllib, "loads")
    for line in BEHIND:
        with pytest.raises(TermsError, match=r"dots at most \(at line 2\)"):
            book().beside("shop", f"{line}\n{key}\n")
    with pytest.raises(TermsError, match="200001 letters"):
        book().beside("shop", "#" * 200_001)


@pytest.mark.parametrize("text", [
    'x = ["a.b.c.d.e.f.g.h", "........"]', "x = '........'", 'x = """\n.......\n"""',
    "# a . . . . . . . .", "x = [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]", "a.b.c.d.e.f = 1",
    '"a.b.c.d.e.f.g.h" = 1', "x = '''\n'''\ny = '........'", 'x = "\\\\"\ny = "........"',
])  # fmt: skip
def test_dots_elsewhere_are_as_many_as_one_likes(text: str) -> None:
    assert toml.read(text) == tomllib.loads(text, parse_float=Decimal)


def test_a_value_that_no_rule_reads_is_an_error() -> None:
    with pytest.raises(TermsError, match=r"s\.other: no rule reads this"):
        build(Section, "s", {"s.fee": entry(1), "s.extra": None, "s.other": entry(1)})


def test_a_value_of_the_wrong_kind_is_an_error() -> None:
    with pytest.raises(TermsError, match=r"s\.fee = a lot"):
        build(Section, "s", {"s.fee": entry("a lot"), "s.extra": None})


def test_a_merchants_gaps_are_filled_by_its_marketplace() -> None:
    """A merchant without terms of its own sells under the marketplace's (ALL-2.2-1)."""
    day = date(2024, 3, 4)
    merchant = book().terms(book().edition("nordkabel", "allectra", day))
    market = book().terms(book().edition("allectra", None, day))
    assert merchant.unclaimed == market.unclaimed


MERCHANT = """
[unclaimed]
floor = [{ from = 2020-01-01, value = 99.00, clause = "M-1" }]
[klarna_invoice]
reminder = [{ from = 2020-01-01, value = 20.00, clause = "M-2" }]
"""


def test_a_merchants_own_terms_go_first_except_for_what_the_marketplace_does() -> None:
    """ALL-2.1-2, ALL-2.2-1: key by key; payment and customer service are the marketplace's."""
    installed = (one for one in TERMS.iterdir() if one.name.endswith(".toml"))
    texts = {one.name.removesuffix(".toml"): one.read_text("utf-8") for one in installed}
    whole = Book({**texts, "kabelbo": MERCHANT})
    day = date(2024, 3, 4)
    merchant = whole.terms(whole.edition("kabelbo", "allectra", day))
    market = whole.terms(whole.edition("allectra", None, day))
    assert merchant.unclaimed is not None
    assert market.unclaimed is not None
    assert (merchant.unclaimed.floor.value, merchant.unclaimed.floor.clauses) == (99_00, ("M-1",))
    assert merchant.unclaimed.vat == market.unclaimed.vat
    assert merchant.klarna_invoice == market.klarna_invoice


def test_only_who_fills_the_gaps_of_others_is_a_marketplace() -> None:
    with pytest.raises(Refused, match="'netzilla' is no marketplace"):
        book().edition("nordkabel", "netzilla", date(2024, 3, 4))
    assert book().edition("netzilla", "netzilla", date(2024, 3, 4)).entries


def test_a_seller_without_terms_is_refused() -> None:
    with pytest.raises(Refused, match="there are no terms for 'nobody'"):
        book().edition("nobody", None, date(2024, 3, 4))


def test_an_edition_is_named_by_its_content() -> None:
    """Days with the same values share an edition; another choice makes another one."""
    one = book().edition("allectra", None, date(2024, 3, 4))
    assert one.hash == book().edition("allectra", None, date(2024, 3, 5)).hash
    reading = next(iter(book().readings.values()))
    other = next(option for option in reading.options if option != reading.default)
    chosen = book().otherwise(Overrides(readings={reading.id: other}))
    assert {chosen.edition(name, None, date(2024, 3, 4)).hash for name in book().sellers} != {
        book().edition(name, None, date(2024, 3, 4)).hash for name in book().sellers
    }


@pytest.mark.parametrize(
    ("readings", "sentence"),
    [({"no-such": "x"}, "no such reading"), ({"allectra-unclaimed-freight": "x"}, "not among")],
)
def test_a_choice_that_does_not_exist_is_an_error(readings: dict[str, str], sentence: str) -> None:
    with pytest.raises(TermsError, match=sentence):
        book().otherwise(Overrides(readings=readings))


def test_a_key_added_since_completes_an_older_edition() -> None:
    """An order that pinned an edition before a key was known gets the key as of its day."""
    edition = book().edition("allectra", None, date(2024, 3, 4))
    kept = {key: value for key, value in edition.entries.items() if key != "unclaimed.floor"}
    older = type(edition)(edition.seller, None, edition.day, kept, "an-older-hash")
    assert book().terms(older).unclaimed == book().terms(edition).unclaimed


def test_a_later_edition_never_touches_an_order_that_pinned_one() -> None:
    edition = book().edition("allectra", None, date(2024, 3, 4))
    entries = edition.entries | {"unclaimed.floor": {"value": "99.00", "clause": ["ALL-6.4-3"]}}
    older = type(edition)(edition.seller, None, edition.day, entries, "an-older-hash")
    known = book().otherwise(Overrides())
    known.stored = {"an-older-hash": older}
    pinned = known.terms(known.pinned("an-older-hash", "allectra", None, edition.day))
    assert pinned.unclaimed is not None
    assert pinned.unclaimed.floor.value == 9900


def test_files_that_cannot_be_parsed_name_themselves() -> None:
    with pytest.raises(TermsError, match=r"^shop\.toml: "):
        Book({"shop": "[unclaimed\n"})
