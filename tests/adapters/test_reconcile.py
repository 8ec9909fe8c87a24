"""An export of a shop's API tells what no webhook did, once, by order."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.app import App
from adapters.bodies import Body, Intake, by_app
from adapters.reconcile import Reconciled, parts, reconcile
from adapters.senders import Senders
from domain.errors import VillkorError
from tests.adapters.shops.fixtures import FOLDER, body
from tests.command import answer, run


@pytest.fixture
def intake(app: App) -> Intake:
    return Intake(app.store, Senders(), app.clock)


def sent(name: str, value: Any = None, topic: str | None = None) -> Body:
    raw = (FOLDER / f"{name}.json").read_bytes() if value is None else json.dumps(value).encode()
    return Body(raw, name, topic=topic, seller="netzilla")


async def compare(app: App, intake: Intake, *exports: Body, system: str = "shopify") -> Reconciled:
    return await reconcile(intake, system, exports, by_app(app))


async def test_what_no_webhook_told_is_taken_and_said(app: App, intake: Intake) -> None:
    webhooks = [sent("shopify_order", topic="orders/create"),
                sent("shopify_fulfillment", topic="fulfillments/create")]  # fmt: skip
    await intake.take("shopify", webhooks, by_app(app))
    done = await compare(app, intake, sent("shopify_export"))
    assert [(one.order, one.type) for one in done.missed] == [
        ("5610001", "ReturnReceived"), ("5610001", "RefundPaid"),
    ]  # fmt: skip
    assert all(one.taken for one in done.missed)
    assert (done.report.taken, done.report.duplicates, done.report.parked) == (2, 3, 0)


async def test_a_second_run_finds_nothing(app: App, intake: Intake) -> None:
    assert (await compare(app, intake, sent("shopify_export"))).report.taken == 5
    again = await compare(app, intake, sent("shopify_export"))
    assert again.missed == []
    assert (again.report.taken, again.report.duplicates) == (0, 5)


async def test_a_webhook_that_comes_after_all_changes_nothing(app: App, intake: Intake) -> None:
    await compare(app, intake, sent("shopify_export"))
    late = await intake.take("shopify", [sent("shopify_refund")], by_app(app))
    assert (late.taken, late.duplicates, late.parked) == (0, 2, 0)


async def test_what_was_missed_became_known_now(app: App, intake: Intake) -> None:
    """It happened then, but no deadline that has lapsed meanwhile is undone by saying so."""
    await compare(app, intake, sent("shopify_order"))
    sql = "select at, recorded_at from events where type = 'OrderPlaced'"
    row = await app.store.pool.fetchrow(sql)
    assert row["recorded_at"] > row["at"]
    assert row["recorded_at"] <= app.clock.now()


async def test_an_order_that_is_refused_keeps_no_other_back(app: App, intake: Intake) -> None:
    bad = body("shopify_order") | {"id": 5610002, "line_items": None}
    export = {"orders": [bad, body("shopify_order")]}
    done = await compare(app, intake, sent("export", export))
    assert {one.order for one in done.missed} == {"5610001"}
    (letter,) = await app.store.dead_letters(10)
    assert (letter["place"], letter["reason"]) == ("export#1", "refused")
    assert letter["sentence"] == "line_items: is missing; orders are told whole"


@pytest.mark.parametrize(("system", "name"), [
    ("woocommerce", "woocommerce_order"), ("commercetools", "commercetools_export"),
])  # fmt: skip
async def test_every_shop_system_can_be_compared(
    app: App, intake: Intake, system: str, name: str
) -> None:
    listed = body(name) if system == "commercetools" else [body(name)]
    first = await compare(app, intake, sent(name, listed), system=system)
    assert first.missed
    assert (await compare(app, intake, sent(name, listed), system=system)).missed == []


async def test_a_carrier_has_no_export(app: App, intake: Intake) -> None:
    with pytest.raises(VillkorError, match="'postnord' has no export to compare"):
        await compare(app, intake, sent("shopify_order"), system="postnord")


def test_an_export_is_compared_order_by_order() -> None:
    order = body("shopify_order")
    listed = [*parts("shopify", sent("a", {"orders": [order, order]})),
              *parts("shopify", sent("b", [order])), *parts("shopify", sent("c", order)),
              *parts("shopify", Body(b"no JSON", "d"))]  # fmt: skip
    assert [one.place for one in listed] == ["a#1", "a#2", "b#1", "c", "d"]


def test_the_command_says_what_was_missed_by_order(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    (tmp_path / "senders.toml").write_text('[shopify."ours"]\nseller = "netzilla"\n')
    monkeypatch.setenv("VILLKOR_SENDERS", str(tmp_path / "senders.toml"))
    command = ("ingest", "--source", "shopify", "--reconcile", str(FOLDER / "shopify_export.json"))
    first = answer(capsys, *command)
    assert (first["taken"], first["duplicates"], len(first["missed"])) == (5, 0, 5)
    assert {(one["order"], one["seller"]) for one in first["missed"]} == {("5610001", "netzilla")}
    again = answer(capsys, *command)
    assert (again["taken"], again["duplicates"], again["missed"]) == (0, 5, [])
    assert run(capsys, *command)[0] == 0
    code, _, why = run(capsys, "ingest", "--reconcile", "x")
    assert (code, "--source" in why) == (2, True)
