"""Whose parcel it is: bodies and `Shipped` meet, whichever comes first; each event counts once."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from adapters.app import App
from adapters.bodies import Intake, by_app
from adapters.doctor import _parcels
from adapters.inbox import drain
from adapters.messages import Message
from adapters.parcels.sweep import sweep
from adapters.postgres import parcels
from adapters.senders import Senders
from tests.bodies import (
    LIFE, SSCC, body, epcis, postnord, retracts, ships, snapshots, ups,
)  # fmt: skip
from tests.carried import TOLD, stands, take, tell, told
from tests.facts import START, placed


@pytest.fixture
def intake(app: App) -> Intake:
    return Intake(app.store, Senders(), app.clock)


ALL = Counter({"InTransit": 1, "AvailableForCollection": 1})


async def test_a_body_after_its_shipped_is_told_at_once(app: App, intake: Intake) -> None:
    await tell(app, placed("allectra", "A"), ships())
    report = await take(app, intake, postnord())
    assert (report.taken, report.waiting, report.parked, report.kept) == (2, 0, 0, 1)
    assert await told(app) == [("A", "InTransit"), ("A", "AvailableForCollection")]
    again = await take(app, intake, postnord())
    assert (again.taken, again.duplicates, again.waiting) == (0, 3, 0)
    assert await stands(app) == ALL


async def test_a_body_before_its_shipped_waits_and_is_told_then(app: App, intake: Intake) -> None:
    report = await take(app, intake, postnord())
    assert (report.taken, report.waiting, report.kept) == (0, 2, 1)
    again = await take(app, intake, postnord())
    assert (again.duplicates, again.waiting) == (3, 2)
    assert await parcels.standing(app.store.pool) == (2, 0, 0)
    await tell(app, placed("allectra", "A"), ships())
    assert await stands(app) == ALL
    assert await parcels.standing(app.store.pool) == (0, 0, 0)


async def test_what_a_carrier_tells_is_known_when_it_happened_or_when_the_body_came(
    app: App, intake: Intake
) -> None:
    """Without a time of its own a body is an export: it must not look as if learnt today."""
    await tell(app, ships())
    await take(app, intake, postnord())
    later = START + timedelta(hours=100)
    await intake.take("postnord", [body(postnord([("DELIVERED", 80)]), at=later)], by_app(app))
    rows = await app.store.pool.fetch(TOLD)
    assert [row["recorded_at"] for row in rows] == [
        START + timedelta(hours=30), START + timedelta(hours=48), later,
    ]  # fmt: skip


async def test_two_orders_in_one_parcel_are_both_told(app: App, intake: Intake) -> None:
    await tell(app, ships("A"))
    await take(app, intake, postnord(LIFE[:2]))
    await tell(app, ships("B"))
    await take(app, intake, postnord())
    assert await stands(app, "A") == await stands(app, "B") == ALL


async def test_two_parcels_of_one_order_under_one_number_are_both_told(
    app: App, intake: Intake
) -> None:
    await tell(app, ships(), ships(id="second", parcel="p2"), ships(id="same", parcel="p2"))
    await take(app, intake, postnord([("EN_ROUTE", 30)]))
    rows = await app.store.pool.fetch(TOLD)
    assert sorted(row["body"] for row in rows) == [b'{"parcel":"p1"}', b'{"parcel":"p2"}']


async def test_a_number_that_is_used_again_is_another_parcel(app: App, intake: Intake) -> None:
    """A match reaches back 180 days."""
    days = 24.0
    await tell(app, ships("A", hours=0), ships("B", hours=200 * days))
    await take(
        app, intake, postnord([("EN_ROUTE", 1)]), postnord([("EN_ROUTE", 179 * days)]),
        postnord([("EN_ROUTE", 201 * days)]), postnord([("EN_ROUTE", 400 * days)]),
    )  # fmt: skip
    assert Counter(await told(app)) == {("A", "InTransit"): 2, ("B", "InTransit"): 2}
    assert await parcels.standing(app.store.pool) == (1, 0, 0)


async def test_what_was_told_through_a_retracted_shipped_is_retracted(
    app: App, intake: Intake
) -> None:
    """And it is told to the order whose parcel it is, also again to the same one."""
    await tell(app, placed("allectra", "A"), ships("A"))
    await take(app, intake, postnord())
    await tell(app, retracts())
    assert await stands(app) == {}
    assert (await parcels.standing(app.store.pool))[0] == 2
    await tell(app, ships("B"))
    assert await stands(app, "B") == ALL
    await tell(app, ships("A", id="corrected", parcel="p2"))
    assert await stands(app) == ALL
    await take(app, intake, postnord())
    assert await stands(app) == ALL


async def test_a_shipped_whose_retraction_is_retracted_holds_again(
    app: App, intake: Intake
) -> None:
    await take(app, intake, postnord())
    await tell(app, ships(), retracts())
    assert await stands(app) == {}
    await tell(app, retracts("no-shipped"))
    assert await stands(app) == ALL
    await tell(app, retracts("no-no-shipped"))
    assert await stands(app) == {}


async def test_a_shipped_that_was_retracted_before_it_came_tells_nothing(
    app: App, intake: Intake
) -> None:
    await take(app, intake, postnord())
    await tell(app, retracts(), ships())
    assert await told(app) == []


async def test_one_of_two_messages_that_ship_a_parcel_may_be_retracted(
    app: App, intake: Intake
) -> None:
    await tell(app, ships(), ships(id="twin"))
    await take(app, intake, postnord())
    await tell(app, retracts("shipped"))
    assert await stands(app) == ALL
    await tell(app, retracts("twin"))
    assert await stands(app) == {}


# -- what carriers take back --------------------------------------------------------------------


@pytest.mark.parametrize("shipped_after", [0, 5, 11])
async def test_ten_growing_snapshots_and_a_retraction(
    app: App, intake: Intake, shipped_after: int
) -> None:
    """Each event is there once, and the collection is taken back."""
    for place, one in enumerate(snapshots()):
        if place == shipped_after:
            await tell(app, placed("allectra", "A"), ships(carrier="ups"))
        await take(app, intake, one, source="ups")
    if shipped_after == 11:
        await tell(app, placed("allectra", "A"), ships(carrier="ups"))
    facts = Counter(type for _, type in await told(app))
    assert facts == {
        "InTransit": 8, "AvailableForCollection": 1, "Collected": 1, "Retracted": 1,
    }  # fmt: skip
    assert await stands(app) == {"InTransit": 8, "AvailableForCollection": 1}


async def test_the_latest_collection_before_is_taken_back_however_late_it_comes(
    app: App, intake: Intake
) -> None:
    """Webhooks come in any order: first what takes back, then what it takes back."""
    await tell(app, ships(carrier="ups"))
    await take(app, intake, ups("8I", 75, kind="X"), source="ups")
    assert await told(app) == []
    await take(app, intake, ups("2W", 50, kind="D"), source="ups")
    assert await stands(app) == {}
    await take(app, intake, ups("2W", 72, kind="D"), source="ups")
    assert await stands(app) == {"Collected": 1}
    [at] = await app.store.pool.fetch(
        "select received_at from parcels where order_id = 'A' and received_at is not null"
    )
    assert at["received_at"] == START + timedelta(hours=50)
    await take(app, intake, ups("2W", 80, kind="D"), source="ups")
    assert await stands(app) == {"Collected": 2}


async def test_an_event_that_the_carrier_names_as_wrong_is_taken_back(
    app: App, intake: Intake
) -> None:
    """EPCIS: an error declaration names the event, and may come before it."""
    event, declared = epcis("e-1"), epcis("e-1", declared=70)
    await tell(app, ships("A", number=SSCC), ships("B", number=SSCC))
    await take(app, intake, event, declared, source="epcis")
    assert await stands(app, "A") == await stands(app, "B") == {}
    await tell(app, ships("C", number=SSCC))
    assert await stands(app, "C") == {}
    assert Counter(type for _, type in await told(app)) == {"InTransit": 3, "Retracted": 3}


async def test_an_event_that_a_later_answer_tells_otherwise_is_revised(
    app: App, intake: Intake
) -> None:
    """What an event means may be told by those around it: delivered, but on the way back."""
    await tell(app, ships())
    early = [("EN_ROUTE", 30), ("DELIVERED", 200)]
    late = [("EN_ROUTE", 30), ("RETURNED", 150), ("DELIVERED", 200), ("OTHER", 201)]
    await take(app, intake, postnord(early))
    assert await stands(app) == {"InTransit": 1, "Delivered": 1}
    for _ in range(2):
        await take(app, intake, postnord(late))
        assert await stands(app) == {"InTransit": 1, "ParcelReturned": 1}
    await take(app, intake, postnord(early))
    assert await stands(app) == {"InTransit": 1, "ParcelReturned": 1}
    await tell(app, retracts())
    assert await stands(app) == {}
    await tell(app, ships(id="again"))
    assert await stands(app) == {"InTransit": 1, "ParcelReturned": 1}


# -- what should not be -------------------------------------------------------------------------


async def test_what_waits_although_its_parcel_is_known_is_alarmed_and_told(
    app: App, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    """By a fault, or in a database that was put back to an earlier day."""
    await take(app, intake, postnord())
    await app.handle([ships()])
    assert await sweep(app.store) == 0
    await app.store.pool.execute("update sightings set matched = false")
    await app.store.pool.execute("delete from inbox")
    assert (await parcels.standing(app.store.pool))[1] == 2
    assert [one for one in await findings_of(app) if "although" in one]
    assert await sweep(app.store) == 1
    await drain(app)
    assert await stands(app) == ALL
    assert (await parcels.standing(app.store.pool))[1] == 0


async def findings_of(app: App) -> list[str]:
    return [one.what for one in _parcels(*await parcels.standing(app.store.pool))]


# -- in any order -------------------------------------------------------------------------------


async def test_no_order_of_arrival_matters(app: App, intake: Intake) -> None:
    """Answers, what takes back, parcels that are shipped, given up, and shipped by another."""
    r = random.Random(5)
    outcomes = set()
    for turn in range(12):
        number, first, second = f"T{turn + 1}", f"A{turn}", f"B{turn}"
        steps: list[Message | bytes] = [
            *snapshots(number), ups("2W", 50, number, "D"), ups("8I", 55, number, "X"),
            ships(first, number=number, carrier="ups"), retracts(order=first),
            ships(first, "twin", number=number, carrier="ups"),
            ships(first, "other", number=number, carrier="ups", parcel="p2"),
            ships(second, number=number, carrier="ups"), retracts(order=second),
            retracts("no-shipped", order=second),
        ]  # fmt: skip
        r.shuffle(steps)
        for one in steps:
            if isinstance(one, bytes):
                await take(app, intake, one, source="ups")
            else:
                await tell(app, one)
        outcomes.add((str(await stands(app, first)), str(await stands(app, second))))
        assert not await app.store.dead_letters(1)
    facts = "Counter({'InTransit': 8, 'AvailableForCollection': 1})"
    twice = "Counter({'InTransit': 16, 'AvailableForCollection': 2})"
    assert outcomes == {(twice, facts)}
