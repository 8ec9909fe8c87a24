"""Raw bodies that cannot be taken, or not yet: parked once, without persons, and told again."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.app import App
from adapters.bodies import Intake
from adapters.carriers import meanings
from adapters.carriers import postnord as postnord_module
from adapters.dead_letters import Retry, by_own
from adapters.inbox import drain
from adapters.postgres import letters, parcels
from adapters.postgres.letters import Settling
from adapters.report import Report
from adapters.senders import Senders
from tests.bodies import NUMBER, postnord, ships
from tests.carried import stands, take, tell
from tests.facts import START


@pytest.fixture
def intake(app: App) -> Intake:
    return Intake(app.store, Senders(), app.clock)


ALL = Counter({"InTransit": 1, "AvailableForCollection": 1})


async def test_an_unknown_code_is_kept_parked_once_and_judged_again(
    app: App, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never guessed; once a table knows it, a retry tells it."""
    await tell(app, ships())
    unheard_of = postnord([("EN_ROUTE", 30), ("TELEPORTED", 40)])
    for _ in range(2):
        report = await take(app, intake, unheard_of)
        assert report.parked == 1
    [letter] = await app.store.dead_letters(10)
    assert (letter["reason"], letter["place"]) == ("unknown_code", "carrier.postnord")
    assert (await parcels.standing(app.store.pool))[2] == 1
    assert (await retry(app, intake)).parked == 1
    known = replace(meanings.table("postnord").meanings["DELIVERED"][-1], code="TELEPORTED")
    table = meanings.table("postnord")
    monkeypatch.setitem(table.meanings, "TELEPORTED", (known,))
    assert (await retry(app, intake)).taken == 1
    await drain(app)
    assert await stands(app) == {"InTransit": 1, "Delivered": 1}
    assert await app.store.dead_letters(10) == []


async def test_an_unknown_code_that_was_discarded_concerns_nobody(
    app: App, intake: Intake
) -> None:  # fmt: skip
    await take(app, intake, postnord([("TELEPORTED", 40)]))
    [letter] = await app.store.dead_letters(10)
    await app.store.settle([letter["id"]], letters.DISCARDED, "K", "a slip of theirs", START)
    assert (await parcels.standing(app.store.pool))[2] == 0


async def test_a_later_answer_is_judged_by_a_table_that_knows_it(
    app: App, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(app, ships())
    unheard_of = postnord([("TELEPORTED", 40)])
    await take(app, intake, unheard_of)
    table = meanings.table("postnord")
    known = replace(table.meanings["DELIVERED"][-1], code="TELEPORTED")
    monkeypatch.setitem(table.meanings, "TELEPORTED", (known,))
    await take(app, intake, unheard_of)
    assert await stands(app) == {"Delivered": 1}


async def test_what_was_judged_once_stays_so_under_another_table(
    app: App, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fact is told once under its id: a table that changes changes what comes after."""
    await tell(app, ships())
    await take(app, intake, postnord([("EN_ROUTE", 30)]))
    table = meanings.table("postnord")
    known = replace(table.meanings["DELIVERED"][-1], code="EN_ROUTE")
    monkeypatch.setitem(table.meanings, "EN_ROUTE", (known,))
    report = await take(app, intake, postnord([("EN_ROUTE", 30), ("EN_ROUTE", 31)]))
    assert report.parked == 0
    assert await stands(app) == {"InTransit": 1, "Delivered": 1}


async def test_what_a_carrier_says_went_wrong_is_parked_once(app: App, intake: Intake) -> None:
    fault = b'{"TrackingInformationResponse": {"compositeFault": {"faults": [{"faultCode": "X"}]}}}'
    for _ in range(2):
        await take(app, intake, fault)
    [letter] = await app.store.dead_letters(10)
    assert letter["reason"] == "carrier_error"
    assert (await retry(app, intake)).parked == 1


async def test_a_body_that_is_refused_is_parked_alone_and_without_persons(
    app: App, intake: Intake
) -> None:
    """However often it comes; what could not be read at all is told by its digest."""
    await tell(app, ships())
    wrong = (
        postnord()
        .replace(b'"items"', b'"consignee": "Anna Andersson", "items"')
        .replace(b'"EN_ROUTE"', b'{"signedBy": "Anna Andersson"}')
    )
    for _ in range(2):
        await take(app, intake, wrong, b"Anna Andersson", postnord())
    assert await stands(app) == ALL
    letters = await app.store.pool.fetch("select value, sentence, headers from dead_letters")
    assert len(letters) == 2
    assert not any("Anna" in str(bytes(one["value"])) + one["sentence"] for one in letters)


async def test_a_translator_that_fails_stops_no_other_body(
    app: App, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(app, ships())
    translate = postnord_module.translate

    def failing(value: bytes) -> Any:
        if b"boom" in value:
            raise ZeroDivisionError
        return translate(value)

    monkeypatch.setattr(postnord_module, "translate", failing)
    report = await take(app, intake, postnord(number="boom1"), postnord())
    assert (report.taken, report.parked) == (2, 1)
    monkeypatch.undo()
    [letter] = await app.store.dead_letters(10)
    assert letter["reason"] == "translator_error"
    assert (await retry(app, intake)).taken == 1
    assert (await parcels.standing(app.store.pool))[0] == 2


async def retry(app: App, intake: Intake) -> Report:
    """Retry all that is parked."""
    return await Retry(
        intake, by_own(app, app.clock.now()), Settling(app.clock.now(), "test")
    ).all_of()


async def test_what_is_no_number_is_nobodys_parcel(app: App, intake: Intake) -> None:
    """Shops fill the field with words and noughts: it would be one parcel for all their orders."""
    await tell(app, ships(number="N/A"), ships("B", number="000"), ships("C", number="0010"))
    report = await take(app, intake, postnord(number="000"), postnord(number="N/A"))
    assert report.parked == 2
    rows = await app.store.pool.fetch("select order_id from shipments")
    assert [row["order_id"] for row in rows] == ["C"]


async def test_a_number_that_is_none_stops_no_other_parcel_of_its_body(
    app: App, intake: Intake
) -> None:
    one, other = (json.loads(postnord(number=number)) for number in (NUMBER, "000"))
    shipments = one["TrackingInformationResponse"]["shipments"]
    shipments += other["TrackingInformationResponse"]["shipments"]
    await tell(app, ships())
    report = await take(app, intake, json.dumps(one).encode())
    assert (report.taken, report.parked) == (2, 1)
    [letter] = await app.store.dead_letters(10)
    assert letter["sentence"] == "tracking: '000' is no number of a parcel"


async def test_the_test_parcels_of_brings_documentation_have_numbers_of_letters(
    app: App, intake: Intake
) -> None:
    await tell(app, ships(number="TESTPACKAGEDELIVERED", carrier="Bring"))
    at = (START + timedelta(hours=30)).isoformat()
    told = {"status": "IN_TRANSIT", "package": "TESTPACKAGEDELIVERED", "id": "1", "created": at}
    report = await take(app, intake, json.dumps(told).encode(), source="bring")
    assert (report.taken, report.parked) == (1, 0)
