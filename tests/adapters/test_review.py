"""A terms file under review: every fault has its line, its clause and a remedy."""

from pathlib import Path

import pytest

from adapters.scenarios.check import documents
from adapters.terms.remarks import remarks
from adapters.terms.review import review
from adapters.terms import book, installed
from domain.terms import SECTIONS
from domain.terms.tariff import tariff_keys

TEMPLATE = (Path(__file__).parents[2] / "deploy" / "terms" / "template.toml").read_text("utf-8")


def faults(text: str) -> list[str]:
    return [str(fault) for fault in review("nordlys", text, book(), installed())]


def changed(old: str, new: str) -> tuple[int, list[str]]:
    """The line of the change, and what the review says of it."""
    assert old in TEMPLATE
    return TEMPLATE[: TEMPLATE.index(old)].count("\n") + 1, faults(TEMPLATE.replace(old, new, 1))


def test_the_template_is_in_order() -> None:
    assert faults(TEMPLATE) == []
    assert remarks("nordlys", TEMPLATE, book()) == []


def test_what_cannot_be_read_is_one_fault_with_its_line() -> None:
    """Also where it is not even tried, for it would take too long."""
    for wrong, said in (("x", "Expected '='"), ("a.a.a.a.a.a.a = 1", "5 dots at most")):
        [fault] = faults(f"{TEMPLATE}\n{wrong}\n")
        assert fault.startswith(f"line {TEMPLATE.count(chr(10)) + 2}: the file cannot be read (")
        assert said in fault


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
        ("[clauses]\n'ALL-6.4-3' = { rule = 'r', place = 'enforced' }",
         "line 2: clauses.ALL-6.4-3 is a clause of allectra already: give it a name of your own"),
        ("[clauses]\n'KKrL-19a' = { rule = 'r', place = 'enforced' }", "is a statute already"),
        ("[clauses]\nX = { rule = 'r', place = 'inforced' }", "line 2: clauses.X cannot stand"),
        ("[clauses]\nX = { rule = 'r', place = 'not_computable' }", "needs `why`"),
        ("[tariff]\nexpres = []", "line 2: tariff.expres is nothing that a rule reads: is express"),
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
        (UNFIT.replace("2024-01-01", "'2024-01-01'"), "line 2: unclaimed.floor begins on no day"),
        (UNFIT.replace("01-01", "01-01T00:00:00"), "line 2: unclaimed.floor begins at a time"),
        (UNFIT.replace("'N-2'", "{}"), "line 2: unclaimed.floor has a clause that is not the name"),
        (UNFIT.replace("'N-2'", "[[1]]"), "line 2: unclaimed.floor has a clause that is not"),
        (UNFIT.replace("value = 1.00", "reading = [1]"), "unclaimed.floor has a reading that is"),
        (UNFIT.replace("value = 1.00", "value = 1, options = 3"), "unclaimed.floor has options"),
        ("a = " + "9" * 5000, "the file cannot be read"),
        ("a = 1e" + "9" * 30, "the file cannot be read"),
        ("a = " + "[" * 3000, "the file cannot be read"),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_a_fault_and_no_traceback(text: str, said: str) -> None:
    assert said in "\n".join(faults(text))


@pytest.mark.parametrize("name", ["My Shop", "Nordlys", "", "nordlys.2"])
def test_a_file_is_called_as_its_seller(name: str) -> None:
    [found] = review(name, TEMPLATE, book(), installed())
    assert "which is no seller's name" in str(found)


def test_a_section_may_begin_later_than_another() -> None:
    """The gap is looked for within a section; before its first day its terms are silent."""
    old, early = "value = 150.00", "value = 120.00, clause = 'N-2' }, { from = 2024-01-01, "
    assert f"from = 2024-01-01, {old}" in TEMPLATE
    withdrawal = TEMPLATE.replace(
        "days   = [{ from = 2024-01-01", "days   = [{ from = 2020-01-01", 1
    )
    assert faults(withdrawal) == []
    split = TEMPLATE.replace(f"from = 2024-01-01, {old}", f"from = 2020-01-01, {early}{old}", 1)
    found = faults(split)
    assert found
    assert all(
        "unclaimed." in one and "leaves a gap from 2020-01-01 to 2024-01-01: give it a value from "
        "the first day of [unclaimed]" in one for one in found
    )  # fmt: skip


def test_a_number_that_is_too_low_has_its_own_remedy() -> None:
    _, found = changed('value = 7, clause = "N-1"', 'value = -7, clause = "N-1"')
    assert any("greater than or equal to 0: write a number that is not lower" in one
               for one in found)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('value = 30, clause = "N-3"', 'value = 10, clause = "N-3"', "withdrawal.days (N-3) = 10 "
         "is worse than the statute's 14 for a consumer: without effect there (DAL-2:10, "
         "DAL-2:12)"),
        ('value = 10, clause = "N-5"', 'value = 60, clause = "N-5"', "returns.refund_days (N-5) "
         "= 60 is worse than the statute's 14 for a consumer: without effect there (DAL-2:14)"),
        ('value = 60.00, clause = "N-6"', 'value = 180.00, clause = "N-6"', "invoice.reminder "
         "(N-6) = 180.00 is worse than the statute's 60.00 for a consumer"),
        ('value = 8.00, clause = "N-6"', 'value = 40.00, clause = "N-6"', "invoice.late_interest "
         "(N-6) = 40.00 is worse than the statute's 22.00 for a consumer"),
    ],
)  # fmt: skip
def test_terms_that_fall_to_mandatory_law_are_noted(old: str, new: str, said: str) -> None:
    assert old in TEMPLATE
    line, text = TEMPLATE[: TEMPLATE.index(old)].count("\n") + 1, TEMPLATE.replace(old, new, 1)
    assert faults(text) == []
    [note] = remarks("nordlys", text, book())
    assert note.startswith(f"line {line}: {said}")


def test_a_period_of_complaint_is_measured_by_its_end() -> None:
    """36 months is the statute's; 1095 days from a day are as long or a day shorter."""
    fields = SECTIONS["complaint"].__dataclass_fields__
    silent = ", ".join(f'"{name}"' for name in fields if name != "period")
    for period, worse in (("months = 12", True), ("months = 36", False), ("days = 1100", False)):
        text = f"{TEMPLATE}\n[complaint]\nsilent = [{silent}]\nperiod = [{{ from = 2024-01-01, "
        text += f'value = {{ {period} }}, clause = "N-7" }}]\n'
        assert any("complaint.period" in one for one in remarks("nordlys", text, book())) is worse


def test_an_enforced_clause_that_no_value_names_is_noted() -> None:
    clause = '"N-0" = { rule = "r", place = "enforced" }'
    text = TEMPLATE.replace("[clauses]", f"[clauses]\n{clause}", 1)
    assert faults(text) == []
    [note] = remarks("nordlys", text, book())
    assert "clauses.N-0 is called enforced, and no value names it" in note


def test_another_text_of_installed_terms_is_noted() -> None:
    text = (Path(__file__).parents[2] / "domain" / "terms" / "gandalf.toml").read_text("utf-8")
    [note] = remarks("gandalf", text, book())
    assert "gandalf is installed" in note
    assert "cannot be put into VILLKOR_TERMS" in note


def test_every_name_of_a_tariff_that_a_scenario_uses_is_known() -> None:
    names = tariff_keys(book().sellers.values())
    folder = Path(__file__).parents[1] / "scenarios"
    used = {name for _, document in documents([folder]) if isinstance(document, dict)
            for name in document.get("tariff") or ()}  # fmt: skip
    assert used
    assert used <= names
