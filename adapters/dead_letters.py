"""Retrying what was parked: told again as it came, or as somebody corrected it, by the one road.

A letter is either parked or with the writer of its order, who parks it again if need be. So it is
retried while workers are at work just as well as while none is.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from adapters import acts
from adapters.app import App
from adapters.bodies import BODY, PROBLEM, SIGHTING, Intake, left_in_inbox
from adapters.inbox import drain, taken
from adapters.messages import DECISION_SOURCE, OWN, Message, Understood, understand
from adapters.partitions import partition_of
from adapters.postgres import letters
from adapters.postgres.batch import DeadLetter
from adapters.postgres.letters import Row, Settling
from adapters.postgres.store import Store
from adapters.report import Report
from adapters.senders import senders
from domain.errors import Guarded, Refused, Unreadable, VillkorError

if TYPE_CHECKING:  # the commands import this module
    from adapters.cli.session import Session

TIMER = "timer"
RAW = (BODY, SIGHTING, PROBLEM)
Taking = Callable[[Sequence[int]], Awaitable[None]]
"""Returns once the writers have taken these rows of the inbox."""


def by_own(app: App, until: datetime) -> Taking:
    """This program owns every partition, and lets deadlines lapse up to then."""

    async def take(_: Sequence[int]) -> None:
        await drain(app)
        await app.lapse(until)
        await drain(app)

    return take


def by_others(store: Store) -> Taking:
    """Other programs are the writers."""

    async def take(rows: Sequence[int]) -> None:
        await taken(store, rows)

    return take


@dataclass(slots=True)
class Telling:
    """A page of letters: messages as they are understood, timers, and what became of the rest."""

    messages: list[tuple[Row, Understood]] = field(default_factory=list)
    timers: list[Row] = field(default_factory=list)
    report: Report = field(default_factory=Report)


class Retry:
    """Tells letters again. `take` waits for the writers, `why` says who wants it."""

    def __init__(self, intake: Intake, take: Taking, why: Settling) -> None:
        self.store, self.intake, self.take, self.why = intake.store, intake, take, why

    async def all_of(
        self, ids: Sequence[int] | None = None, reason: str | None = None
    ) -> Report:  # fmt: skip
        """Tell these letters, those of a reason, or all again. What is refused anew stays parked.

        Raises VillkorError where nothing of the kind is parked.
        """
        report, after = Report(), 0
        while page := await letters.to_retry(self.store.pool, ids, reason, after):
            after = page[-1]["id"]
            report += await self._page(page)
        if not after:
            raise VillkorError("nothing of the kind is parked; `villkor dead-letters list`")
        return report

    async def edited(self, id: int, value: bytes) -> Report:
        """Tell a letter in other words. The bytes that came are kept, and so are these.

        Raises Refused where no order could take them either: then nothing has changed.
        """
        page = await letters.to_retry(self.store.pool, [id], None, 0)
        if not page:
            raise VillkorError(f"{id} is not parked; `villkor dead-letters list`")
        [letter] = page
        if not is_fact(letter):
            raise VillkorError(
                f"{id} is no fact, so it cannot be told in other words; retry it as it came, or"
                " discard it once its sender has told it anew"
            )
        telling = Telling([(letter, understand(Message(value, letter["place"])))])
        return await self._told(telling, value)

    async def _page(self, page: list[Row]) -> Report:
        telling = Telling()
        for letter in page:
            if letter["place"] == TIMER:
                telling.timers.append(letter)
            elif _is_raw(letter):
                await self._raw(letter, telling.report)
            else:
                try:
                    understood = understand(Message(letter["value"], letter["place"]))
                except Refused:
                    telling.report.parked += 1
                else:
                    telling.messages.append((letter, understood))
        return await self._told(telling)

    async def _told(self, telling: Telling, edited: bytes | None = None) -> Report:
        """Hand messages to their writers, wait for them, and see what they made of them."""
        names = {letter["id"]: _name(told) for letter, told in telling.messages}
        timers = [letter["id"] for letter in telling.timers]
        before = await self.store.known(list(names.values()))
        await self.take(await self._handed_over(telling, edited))
        after = await self.store.known(list(names.values()))
        parked = await letters.still_parked(self.store.pool, [*names, *timers])
        parked |= {id for id, name in names.items() if name not in after}
        known = {id for id, name in names.items() if name in before} - parked
        report = telling.report
        report.parked += len(parked)
        report.duplicates += len(known)
        report.taken += len(names) + len(timers) - len(parked) - len(known)
        return report

    async def _handed_over(self, telling: Telling, edited: bytes | None) -> list[int]:
        """The rows of the inbox; a deadline that no rule could decide about falls due again."""
        async with self.store.writing() as connection:
            rows = [
                await letters.put_back(
                    connection, letter, partition_of(told.key), self.why, edited
                )
                for letter, told in telling.messages
            ]  # fmt: skip
            for letter in telling.timers:
                await letters.wake(connection, letter, self.why)
        return [row for row in rows if row is not None]

    async def _raw(self, letter: Row, report: Report) -> None:
        """What a carrier or shop sent. Of what could not be read, the digest is all there is."""
        one = DeadLetter(
            letter["place"], letter["value"], letter["reason"], letter["sentence"],
            letter["parked_at"], headers=letter["headers"],
        )  # fmt: skip
        readable = letter["reason"] != Unreadable.reason
        if not readable or (await self.intake.again(one, left_in_inbox(self.store))).parked:
            report.parked += 1
            return
        why = self.why
        await self.store.settle([letter["id"]], letters.RETRIED, why.by, why.note, why.at)
        report.taken += 1


async def told_again(
    session: "Session", why: Settling, telling: Callable[[Retry], Awaitable[Report]]
) -> Report:
    """Have letters told again, by this program where no writer is alive, else by those that are."""
    intake = Intake(session.store, senders(session.settings.senders), session.clock)
    try:
        async with session.writer() as app:
            return await telling(Retry(intake, by_own(app, why.at), why))
    except Guarded:
        return await telling(Retry(intake, by_others(session.store), why))


async def discarded(session: "Session", ids: Sequence[int], why: Settling) -> int:
    """Put parked letters away for good; that it was done is in the log. How many there were.

    Raises VillkorError where none of them is parked.
    """
    async with session.store.writing() as connection:
        done = await letters.put_away(connection, ids, why)
        if not done:
            raise VillkorError("nothing of the kind is parked; `villkor dead-letters list`")
        rows = await acts.tell(connection, acts.discarding(done, why))
    await session.taken(rows)
    return len(done)


def is_fact(letter: Row) -> bool:
    """Whether it is a fact, which can be told in other words."""
    return letter["place"] != TIMER and not _is_raw(letter)


def is_correctable(letter: Row) -> bool:
    """Whether people may tell it in other words. What Villkor told itself, a person's decision too,
    says what was done.
    """
    return is_fact(letter) and letter["message_source"] not in (*OWN, DECISION_SOURCE)


def _is_raw(letter: Row) -> bool:
    """Whether it is no message yet: a body of a carrier or shop, or what stood in one."""
    return any(name in RAW for name, _ in letter["headers"])


def _name(told: Understood) -> tuple[str, str, str, str]:
    return told.seller, told.order, told.told.source, told.told.id
