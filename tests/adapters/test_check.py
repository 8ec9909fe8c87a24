"""The checker of scenarios: what it is told to expect is looked at, or it says that it is not."""

from pathlib import Path

import pytest

from adapters.scenarios.check import check
from adapters.terms import book

SCENARIO = """
id: S-1
title: Nobody collects the parcel
order:
  seller: sweeto
  customer: {kind: consumer}
  placed_at: 2025-03-03T10:00
  confirmed_at: 2025-03-03T10:05
  lines: [{line: "1", sku: LAMP-1, category: lamps, unit_price: 800.00}]
  shipping: {method: standard, price: 49.00}
  payment: {method: card}
as_of: 2025-03-05
"""
EXPECT = "expect: {fees: [], refunds: []}\n"


def differences(folder: Path, text: str | bytes) -> list[str]:
    file = folder / "one.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    [result] = check([file], book())
    return result.differences


@pytest.mark.parametrize("text", [SCENARIO, SCENARIO.replace("\n", "\r\n"), "\ufeff" + SCENARIO])
def test_a_scenario_comes_out(tmp_path: Path, text: str) -> None:
    assert differences(tmp_path, text + EXPECT) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (EXPECT + "expect: {fees: [{kind: unclaimed}]}", "the key 'expect' comes twice"),
        ("expect: {fees: [{kind: a, kind: b}]}", "the key 'kind' comes twice"),
        ("expect: {rulings: [{}]}", "an item that says nothing expects nothing"),
        ("expect: {deadlines: [{lapsed_att: null}]}", "expected {lapsed_att: null}"),
        (EXPECT + "options: {}", "reading and options go together"),
        (
            EXPECT + "reading: sweeto-age\noptions: {}",
            "expect beside the options of a reading is not understood",
        ),
        (EXPECT + "cart: x", "cart is not a list"),
        ("cart: []", "facts, order beside a cart of several orders is not understood"),
        ("cart: [{fact: []}]", "order 1: fact: not understood"),
    ],
)
def test_what_nobody_would_look_at_is_a_difference(tmp_path: Path, more: str, said: str) -> None:
    found = differences(tmp_path, SCENARIO + "facts: []\n" + more)
    assert said in "\n".join(found)


@pytest.mark.parametrize("text", [bytes(range(256)), b"a: " + b"[" * 2000, b"- a", b"word"])
def test_what_is_no_scenario_is_one_failure(tmp_path: Path, text: bytes) -> None:
    assert differences(tmp_path, text)
