"""A terms file under review: every fault has its line, its clause and a remedy."""

from pathlib import Path

import pytest

from adapters.review import review
from adapters.terms import book, installed

TEMPLATE = (Path(__file__).parents[2] / "deploy" / "terms" / "template.toml").read_text("utf-8")


def faults(text: str) -> list[str]:
    return [str(fault) for fault in review("nordlys", text, book(), installed())]


def changed(old: str, new: str) -> tuple[int, list[str]]:
    """The line of the change, and what the review says of it."""
    assert old in TEMPLATE
    return TEMPLATE[: TEMPLATE.index(old)].count("\n") + 1, faults(TEMPLATE.replace(old, new, 1))


def test_the_template_is_in_order() -> None:
    assert faults(TEMPLATE) == []


@pytest.mark.parametrize("seller", sorted(book().sellers))
def test_the_installed_terms_are_in_order(seller: str) -> None:
    text = (Path(__file__).parents[2] / "domain" / "terms" / f"{seller}.toml").read_text("utf-8")
    assert [str(one) for one in review(seller, text, book(), installed())] == []


FLOOR = 'floor        = [{ from = 2024-01-01, value = 150.00, clause = "N-2" }]'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[unclaimed]", "[unclaimd]", "unclaimd is nothing that a rule reads: is unclaimed meant?"),
        (FLOOR, FLOOR.replace("floor ", "flor "), "unclaimed.flor is nothing that a rule reads: "
         "is floor meant?"),
        (FLOOR, FLOOR.replace("150.00", '"150 kr"'), "unclaimed.floor (N-2) = 150 kr is wrong: "
         "is not an amount: write kronor and öre, such as 229.00"),
        (FLOOR, FLOOR.replace("150.00", "150.005"), "has more than two decimals: write kronor"),
        (FLOOR, FLOOR.replace('"N-2"', '"N-9"'), "unclaimed.floor (N-9) names N-9, which nobody "
         "knows: say under [clauses] what it says"),
        (FLOOR, FLOOR.replace(', clause = "N-2"', ""), "unclaimed.floor names no clause: say"),
        (FLOOR, FLOOR.replace("from = 2024-01-01, ", ""), "unclaimed.floor has an entry without"),
        (FLOOR, FLOOR.replace("value", "valu"), "unclaimed.floor needs either a value or"),
        (FLOOR, FLOOR.replace("}]", "}, { from = 2024-01-01, value = 9.00, clause = 'N-2' }]"),
         "unclaimed.floor overlaps the value before it"),
        (FLOOR, FLOOR.replace("2024-01-01", "2024-06-01"),
         "unclaimed.floor leaves a gap from 2024-01-01 to 2024-06-01"),
        (FLOOR, "floor = 150.00", "unclaimed.floor is not a list of values: write [{ from ="),
        ('value = 30, clause = "N-3"', 'value = "30 days", clause = "N-3"',
         "withdrawal.days (N-3) = 30 days is wrong: Input should be a valid integer"),
        ('value = 8.00, clause = "N-6"', 'value = "8 %", clause = "N-6"',
         "invoice.late_interest (N-6) = 8 % is wrong: Input should be a valid decimal: "
         "write per cent as a number"),
        ('value = "year", clause = "N-6"', 'value = "week", clause = "N-6"',
         "'year' or 'month': choose one of these words"),
        ('reminder_count  = [{ from = 2024-01-01, value = "once_per_invoice", clause = "N-6" }]',
         'reminder_count  = [{ from = 2024-01-01, reading = "payson-reminder", clause = "N-6" }]',
         "names the reading payson-reminder, which nobody knows: is payson-reminder-repeat meant?"),
    ],
)  # fmt: skip
def test_a_fault_is_found_where_it_is(old: str, new: str, said: str) -> None:
    line, found = changed(old, new)
    assert [one for one in found if said in one and one.startswith(f"line {line}: ")], found


def test_a_key_is_missing_until_it_has_a_value_or_is_silent() -> None:
    _, found = changed(f"{FLOOR}\n", "")
    assert any("unclaimed.floor is missing: give it a value and a clause" in one for one in found)
    _, found = changed('silent = ["not_for"]', 'silent = ["not_for", "days"]')
    assert any("collection.days is silent and has a value" in one for one in found)


def test_a_choice_of_a_reading_is_one_of_its_options() -> None:
    chosen = TEMPLATE + '\n[readings]\ncom-consumer-law = "norwegian"\nunheard-of = "x"\n'
    found = faults(chosen)
    assert any("com-consumer-law = norwegian is not among its options" in one for one in found)
    assert any("unheard-of is no reading that anybody knows" in one for one in found)


def test_what_is_not_toml_is_said_with_its_line() -> None:
    [found] = faults("[unclaimed]\nfloor = [{ from = 2024-01-01\n")
    assert found.startswith("line 2: the file cannot be read")


def test_a_marketplace_fills_the_gaps_of_its_merchant() -> None:
    """A merchant prints one figure; everything else of that section is the marketplace's."""
    merchant = '[clauses]\n"M-1" = { rule = "x", place = "enforced" }\n[unclaimed]\n'
    merchant += 'floor = [{ from = 2024-01-01, value = 99.00, clause = "M-1" }]\n'
    assert review("shed", merchant, book(), installed(), "allectra") == []
    assert any("is missing" in one for one in faults(merchant))


UNFIT = "[unclaimed]\nfloor = [{ from = 2024-01-01, value = 1.00, clause = 'N-2' }]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file makes no edition (nordlys.toml: holds no dated value)"),
        ("unclaimed = 3", "unclaimed is not a table"),
        ("[[unclaimed]]", "unclaimed is not a table"),
        ("tariff = 3", "tariff is not a table"),
        ("[unclaimed]\nsilent = 3", "line 2: unclaimed.silent is not a list of keys"),
        ("[unclaimed]\nsilent = [{}]", "line 2: unclaimed.silent is not a list of keys"),
        ("readings = 3", "readings is not a table"),
        ("[readings]\nsweeto-age = [1]", "line 2: readings.sweeto-age is not an option"),
        ("clauses = [1]", "clauses is not a table"),
        ("[clauses]\nX = 3", "line 2: clauses.X cannot stand (X: is not a table"),
        ("[clauses.X]\nrule = 'r'", "line 1: clauses.X cannot stand (X: place"),
        (UNFIT.replace("01-01", "01-01T00:00:00"), "line 2: unclaimed.floor begins at a time"),
        (UNFIT.replace("'N-2'", "{}"), "line 2: unclaimed.floor has a clause that is not the name"),
        (UNFIT.replace("'N-2'", "[[1]]"), "line 2: unclaimed.floor has a clause that is not"),
        (UNFIT.replace("value = 1.00", "reading = [1]"), "unclaimed.floor has a reading that is"),
        (UNFIT.replace("value = 1.00", "value = 1, options = 3"), "unclaimed.floor has options"),
        ("a = " + "9" * 5000, "the file cannot be read"),
        ("a = 1e" + "9" * 30, "the file cannot be read"),
        ("a = " + "[" * 3000, "the file cannot be read"),
    ],
)
def test_a_file_of_another_shape_is_a_fault_and_no_traceback(text: str, said: str) -> None:
    assert said in "\n".join(faults(text))
