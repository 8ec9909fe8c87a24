"""Doctor: what is wrong with this installation, in words."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adapters.clock import Clock
from adapters.postgres.embedded import reached
from adapters.postgres.parcels import standing
from adapters.postgres.store import Store
from adapters.queries import Queries, total
from adapters.reading import ROLE, Reader, reader_url
from adapters.retention import retention
from adapters.terms.review import review
from adapters.senders import senders
from adapters.settings import Settings
from adapters.terms import book, installed, own, shipped
from domain.errors import VillkorError
from domain.money import kronor
from domain.terms.book import Book

ENOUGH_BYTES = 1 << 30


@dataclass(slots=True)
class Finding:
    """A sentence, and whether it is good news."""

    what: str
    fine: bool


async def findings() -> list[Finding]:
    """Every look that can be taken, in order; a look that fails is a finding, not an error."""
    from adapters.cli.session import opened

    found: list[Finding] = []
    try:
        settings = Settings.read()
    except VillkorError as error:
        return [Finding(str(error), fine=False)]
    found += _terms(settings, Clock(settings.now).now().date())
    found += _senders(settings)
    found.append(_room(settings))
    try:
        async with opened(settings) as session:
            found.append(Finding("the database answers and its schema is this program's", True))
            if settings.database is None:
                by = reached(settings.home)
                found.append(Finding(f"while a program uses it, people reach it by `{by}`", True))
            found += await _database(session.store, session.book)
            kept = await retention(session.store.pool, session.book, session.clock.now())
            found += [Finding(str(one), fine=True) for one in kept]
            found.append(await _reader(settings, session.store.dsn))
            if settings.kafka is not None:
                from adapters.kafka import doctor as of_kafka  # its client takes time to import

                found += await of_kafka.findings(settings, session.store.pool)
    except (VillkorError, OSError) as error:
        found.append(Finding(f"the database cannot be used: {error}", fine=False))
    return found


def _terms(settings: Settings, today: date) -> list[Finding]:
    try:
        known, at_fault = book(), list(_at_fault(settings))
    except VillkorError as error:
        return [Finding(f"the terms cannot be used: {error}", fine=False)]
    looked = known.still_valid_on
    past = "; orders placed since are parked until somebody does again" if today > looked else ""
    return [
        Finding(f"terms of {', '.join(sorted(known.sellers))}", fine=True),
        Finding(
            f"the statutes were looked at for contracts up to {looked}, "
            f"{abs((looked - today).days)} days {'ago' if past else 'from now'}{past}",
            fine=not past,
        ),
        *at_fault,
    ]


def _at_fault(settings: Settings) -> Iterator[Finding]:
    """A shop's own terms files that a review finds faults in, whoever may fill their gaps."""
    known, register = book(), installed()
    for name, text in own(settings.terms).items():
        faults = review(name, text, known, register)
        filled = (one for one in known.sellers if not review(name, text, known, register, one))
        if faults and next(filled, None) is None:
            file = f"{settings.terms}/{name}.toml"
            yield Finding(
                f"{file} is at fault: {faults[0]}; `villkor terms check {file}` lists all", False
            )


def _senders(settings: Settings) -> Iterator[Finding]:
    """Who may send webhooks, where that is said; shops whose orders no terms would decide."""
    if settings.senders is None:
        return
    try:
        known, sellers = senders(settings.senders), {*shipped(), *own(settings.terms)}
    except VillkorError as error:
        yield Finding(str(error), fine=False)
        return
    shops, carriers = len(known.shops), ", ".join(known.tokens) or "none"
    yield Finding(f"webhooks may come from {shops} shops, and of carriers: {carriers}", True)
    for one in known.shops.values():
        if one.seller not in sellers:
            yield Finding(
                f"{one.system} shop {one.name} is of {one.seller}, of which there are no terms: "
                f"name the folder that has {one.seller}.toml in VILLKOR_TERMS",
                fine=False,
            )


def _room(settings: Settings) -> Finding:
    folder = next(one for one in (settings.home, *settings.home.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    return Finding(f"{free >> 30} GiB free at {folder}", fine=free > ENOUGH_BYTES)


async def _database(store: Store, book: Book) -> list[Finding]:
    asked = Queries(store.pool)
    without = [
        row for row in await asked.sellers()
        if not {row["seller"], row["marketplace"]} & set(book.sellers)
    ]  # fmt: skip
    counts = await asked.counts()
    balance = total(await asked.trial_balance())
    inbox = await asked.inbox()
    since = f", some since {inbox['since']:%Y-%m-%d %H:%M} UTC" if inbox["late"] else ""
    return [
        Finding(
            f"{inbox['waiting']} messages wait for the writers of their partitions{since}",
            fine=not inbox["late"],
        ),
        *_parcels(*await standing(store.pool)),
        Finding(f"{counts['orders']} orders, {counts['events']} events", fine=True),
        Finding(f"{counts['parked']} messages are parked (`villkor dead-letters list`)", fine=True),
        Finding(f"the ledger comes to {kronor(balance)}", fine=balance == 0),
        *_outdated(await store.outdated()),
        *[_without_terms(row["seller"], await asked.orders_of(**row)) for row in without],
    ]


async def _reader(settings: Settings, dsn: str) -> Finding:
    """As whom `serve` asks the database for others."""
    if (url := reader_url(settings, dsn)) is None:
        return Finding("nobody can ask over HTTP: VILLKOR_READER does not say as whom", fine=True)
    try:
        reader = await Reader.open(url)
    except VillkorError as error:
        return Finding(f"nobody can ask over HTTP: {error}", fine=False)
    await reader.close()
    return Finding(f"`villkor serve` asks as {ROLE}, which owns and writes nothing", fine=True)


def _parcels(waiting: int, overdue: int, unknown: int) -> Iterator[Finding]:
    """What carriers said, and no order was told."""
    yield Finding(f"{waiting} events of carriers wait for an order to ship their parcel", True)
    if overdue:
        yield Finding(
            f"{overdue} of them wait although it is shipped; a worker takes them within a minute",
            fine=False,
        )
    if unknown:
        yield Finding(
            f"{unknown} events of carriers have codes that no table knows"
            " (`villkor dead-letters list` has them under unknown_code)", fine=False,
        )  # fmt: skip


def _outdated(outdated: list[str]) -> Iterator[Finding]:
    """Read models that another version of their projection made of the log."""
    if outdated:
        yield Finding(
            f"{', '.join(outdated)}: built by another version of Villkor; `villkor rebuild "
            f"{' '.join(outdated)}` brings them up to this one's",
            fine=False,
        )


def _without_terms(seller: str, orders: int) -> Finding:
    return Finding(
        f"{orders} orders are of {seller}, of which there are no terms: name the folder "
        f"that has {seller}.toml in VILLKOR_TERMS",
        fine=False,
    )
