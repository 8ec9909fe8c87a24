"""Retrying what was parked: told again as it came, by the one road."""

from datetime import datetime
from typing import Any

from adapters.app import App
from adapters.inbox import drain
from adapters.messages import Message
from adapters.postgres.store import Store
from adapters.report import Report
from domain.errors import VillkorError

BATCH = 500
TIMER = "timer"


async def retry(
    store: Store, app: App, id: int | None, reason: str | None, now: datetime
) -> Report:
    """Tell one parked message, or all of a reason, again. What is parked anew stays parked.

    Raises VillkorError where nothing is parked under that id or reason.
    """
    letters = await store.parked(id, reason)
    if not letters:
        raise VillkorError("nothing of the kind is parked; `villkor dead-letters list`")
    report = Report()
    for start in range(0, len(letters), BATCH):
        batch = letters[start : start + BATCH]
        told = await _told(app, batch, now)
        report += told
        taken = (
            batch
            if not told.parked
            else [
                # Told twice is harmless: this finds out which of them were taken.
                one
                for one in batch
                if not (await _told(app, [one], now)).parked
            ]
        )
        await store.settle([one["id"] for one in taken], "retried", None, None, now)
    await drain(app)
    return report


async def _told(app: App, letters: list[dict[str, Any]], now: datetime) -> Report:
    timers = [one for one in letters if one["place"] == TIMER]
    report = await app.handle(
        [
            Message(bytes(one["value"]), one["place"], now, key=one["key"], headers=one["headers"])
            for one in letters
            if one["place"] != TIMER
        ]
    )
    for one in timers:
        report += await app.wake(f"{one['seller']}/{one['order_id']}", now)
    return report
