"""What people read: amounts, words of lists, and lines of the order, in both languages."""

from typing import get_args

import pytest

from domain.explain import SENTENCES, added_up, sentence
from domain.fields import PaymentMethod, ShippingMethod
from domain.outcomes import Because
from domain.words import SWEDISH, Language, lines, money, word


@pytest.mark.parametrize(
    ("amount", "english", "swedish"),
    [
        (106900, "1069.00", "1 069,00 kr"), (5, "0.05", "0,05 kr"), (-5, "-0.05", "-0,05 kr"),
        (-106900, "-1069.00", "-1 069,00 kr"), (123456789, "1234567.89", "1 234 567,89 kr"),
    ],
)  # fmt: skip
def test_an_amount(amount: int, english: str, swedish: str) -> None:
    assert (money(amount), money(amount, "sv")) == (english, swedish)
    assert money(amount, "sv", "EUR") == swedish.replace("kr", "EUR")


def test_every_way_to_pay_and_to_send_has_a_swedish_word() -> None:
    assert set(get_args(PaymentMethod)) | set(get_args(ShippingMethod)) <= set(SWEDISH)
    assert (word("part_payment"), word("part_payment", "sv")) == ("part payment", "delbetalning")
    because = Because(rule="payment_method.accepted", clauses=(), inputs={"method": "card"})
    assert sentence(because, "sv") == "Ordern får betalas med kort."


def test_a_sum_is_in_the_words_of_the_language() -> None:
    steps = (("floor", 35000), ("return_freight", 9500), ("wasted_trip", -100))
    assert added_up(steps) == "350.00 lowest fee + 95.00 return freight - 1.00 wasted trip = 444.00"
    assert added_up(steps, "sv") == (
        "350,00 kr lägsta avgift + 95,00 kr returfrakt - 1,00 kr förgäves transport = 444,00 kr"
    )


@pytest.mark.parametrize(
    ("ids", "before", "language", "said"),
    [
        ("1", "Withdrawn from ", "en", "line 1"), ("1, 2", "Köpet av ", "sv", "raderna 1, 2"),
        ("1", "Rad ", "sv", "1"), ("1, k", "The goods ", "en", "(line 1, Kettle)"),
        ("k", "Line ", "en", "k (Kettle)"), ("k", "Köpet av ", "sv", "Kettle"),
    ],
)  # fmt: skip
def test_a_line_is_never_a_bare_id(ids: str, before: str, language: Language, said: str) -> None:
    assert lines(ids, before, {"k": "Kettle"}, language) == said


def test_a_sentence_that_begins_with_a_line_begins_with_a_capital() -> None:
    inputs = {"lines": "1", "refused": "1", "requested": "", "line": "1"}
    for rule in [rule for rule, (english, _) in SENTENCES.items() if english[0] == "{"]:
        because = Because(rule=rule, clauses=(), inputs=dict.fromkeys(_names(rule), "1") | inputs)
        assert sentence(because)[0].isupper() or sentence(because)[0].isdigit()


def _names(rule: str) -> list[str]:
    return [part.split("}")[0] for text in SENTENCES[rule] for part in text.split("{")[1:]]
