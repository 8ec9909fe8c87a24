"""`villkor export`: a seller's books of some months in the formats of others."""

import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from adapters.cli import render
from adapters.cli.look import AsJson
from adapters.cli.progress import towards_the_end
from adapters.cli.session import Session, running
from adapters.exports import beancount as for_beancount
from adapters.exports import hledger as for_hledger
from adapters.exports import log as for_log
from adapters.exports import parquet as for_parquet
from adapters.exports import sie as for_sie
from adapters.exports.ledger import Ledger, Written, name_of, reading
from adapters.exports.sie import is_organisation_number
from domain.calendar import day_of
from domain.errors import VillkorError

export = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Seller = Annotated[str, typer.Option(help="Whose books.")]
Month = Annotated[str | None, typer.Option(help="An accounting month, YYYY-MM.")]
From = Annotated[str | None, typer.Option("--from", help="The first of several months.")]
To = Annotated[str | None, typer.Option("--to", help="The last of them.")]
Out = Annotated[
    str | None, typer.Option(help="A file, or a folder/ to name it in; stdout by default.")
]
Writer = Callable[[Ledger, BinaryIO], Awaitable[Written]]
Plan = Callable[[Session, Ledger], dict[str, Writer]]
"""What to write of a ledger, by the name of the file in a folder."""


@dataclass(slots=True, frozen=True)
class Asked:
    """What all formats are asked: whose months, and where to."""

    seller: str
    first: date
    last: date
    out: Path | None
    json: bool

    @property
    def stem(self) -> str:
        last = "" if self.first == self.last else f"_{self.last:%Y-%m}"
        return f"{self.seller}-{self.first:%Y-%m}{last}"


@export.command()
def sie(
    seller: Seller,
    month: Month = None,
    since: From = None,
    until: To = None,
    out: Out = None,
    type: Annotated[
        for_sie.Type,
        typer.Option(
            help="4I for import into books, 4E for audit: the year so far, with balances."
        ),
    ] = "4I",
    currency: Annotated[str | None, typer.Option(help="Only what is in this currency.")] = None,
    company: Annotated[str | None, typer.Option(help="The company's legal name.")] = None,
    number: Annotated[
        str | None, typer.Option("--orgnr", help="Its organisation number, NNNNNN-NNNN.")
    ] = None,
    year_starts: Annotated[
        int, typer.Option(min=1, max=12, help="The month in which its financial year starts.")
    ] = 1,
    json: AsJson = False,
) -> int:
    """SIE 4, for Swedish bookkeeping programs and auditors: a currency a file."""
    asked = _asked(seller, month, since, until, out, json=json)
    if number is not None and not is_organisation_number(number):
        raise typer.BadParameter("--orgnr: this is no organisation number, NNNNNN-NNNN")
    whose = for_sie.Company(company or seller, number, year_starts)

    def plan(session: Session, ledger: Ledger) -> dict[str, Writer]:
        today = day_of(session.clock.now())
        having = ledger.currencies(None if type == "4E" else ledger.first)
        return {
            asked.stem + for_sie.suffix(type, one, having): partial(
                for_sie.write, type=type, company=whose, today=today, currency=one
            )
            for one in _currencies(ledger, asked, having, currency)
        }

    return _export(asked, plan)


def _currencies(
    ledger: Ledger, asked: Asked, having: list[str], wanted: str | None
) -> list[str]:  # fmt: skip
    if wanted is not None and wanted not in having:
        raise VillkorError(f"{ledger.title} has nothing in {wanted!r}; it has {', '.join(having)}")
    if wanted is None and len(having) > 1 and not (asked.out and asked.out.is_dir()):
        raise VillkorError(
            f"{ledger.title} has {' and '.join(having)}, and a SIE file one currency; "
            "--out FOLDER writes a file for each, --currency only one"
        )
    return having if wanted is None else [wanted]


def _command(name: str, suffix: str, write: Writer, what: str) -> None:
    """A format that has no questions of its own."""

    def command(
        seller: Seller,
        month: Month = None,
        since: From = None,
        until: To = None,
        out: Out = None,
        json: AsJson = False,
    ) -> int:
        asked = _asked(seller, month, since, until, out, json=json)
        if suffix == for_parquet.SUFFIX and out is None and sys.stdout.isatty():
            raise typer.BadParameter("Parquet is nothing for a terminal: --out FILE")
        return _export(asked, lambda *_: {asked.stem + suffix: write})

    export.command(name, help=what)(command)


_command("hledger", for_hledger.SUFFIX, for_hledger.write, "A journal for hledger.")
_command("beancount", for_beancount.SUFFIX, for_beancount.write, "A ledger for beancount.")
_command("parquet", for_parquet.SUFFIX, for_parquet.write, "Parquet, a row a leg, for DuckDB.")


@export.command()
def log(
    out: Annotated[Path, typer.Option(help="A new folder.")],
    json: AsJson = False,
) -> int:
    """The whole log, a Parquet file a partition: to be verified elsewhere, by many machines."""

    async def work(session: Session) -> int:
        with towards_the_end("export") as progress:
            written = await for_log.write(session.store, out, progress=progress)
        told = {"folder": str(out), "at": written.at, "installation": written.installation,
                "partitions": len(written.partitions), "events": written.events}  # fmt: skip
        if json:
            render.as_json(told)
        else:
            render.line(f"{out}: {written.events} events in {len(written.partitions)} partitions")
        return 0

    return running(work)


def _asked(
    seller: str, month: str | None, since: str | None, until: str | None, out: str | None,
    *, json: bool,
) -> Asked:  # fmt: skip
    if (month is None) == (since is None and until is None):
        raise typer.BadParameter("say --month, or --from and --to")
    first = _month(month or since, "from" if month is None else "month")
    last = first if month else _month(until, "to")
    if last < first:
        raise typer.BadParameter(f"--to: {until} is before --from {since}")
    if json and out is None:
        raise typer.BadParameter("--json says what was written: it needs --out")
    return Asked(seller, first, last, None if out is None else _place(out), json)


def _place(out: str) -> Path:
    """A file, or the folder that is named with a slash at its end, which is made."""
    if out.endswith("/"):
        Path(out).mkdir(parents=True, exist_ok=True)
    return Path(out)


def _month(told: str | None, name: str) -> date:
    if told is None:
        raise typer.BadParameter(f"--{name} is missing: a month, like 2026-09")
    if not re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", told):
        raise typer.BadParameter(f"--{name}: {told!r} is not a month, like 2026-09")
    return date.fromisoformat(f"{told}-01")


def _export(asked: Asked, plan: Plan) -> int:
    async def work(session: Session) -> int:
        whose = (asked.seller, asked.first, asked.last, session.book.sellers)
        async with reading(session.store.pool, *whose) as ledger:
            done = {
                name: await _write(asked.out, name, ledger, writer)
                for name, writer in plan(session, ledger).items()
            }
        if asked.json:
            render.as_json(_told(ledger, asked, done))
        elif asked.out is not None:
            for name, written in done.items():
                render.line(f"{_path(asked.out, name)}: {written.vouchers} vouchers, "
                            f"{written.legs} legs")  # fmt: skip
        return 0

    return running(work)


async def _write(out: Path | None, name: str, ledger: Ledger, writer: Writer) -> Written:
    if out is None:
        written = await writer(ledger, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return written
    with _whole(_path(out, name)) as file:
        return await writer(ledger, file)


def _path(out: Path, name: str) -> Path:
    return out / name if out.is_dir() else out


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name once it is whole. Raises VillkorError where it cannot be."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except ConnectionError:
        raise  # it is the database that went away
    except OSError as error:
        raise VillkorError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _told(ledger: Ledger, asked: Asked, done: dict[str, Written]) -> dict[str, object]:
    assert asked.out is not None
    return {
        "seller": asked.seller, "from": f"{asked.first:%Y-%m}", "to": f"{asked.last:%Y-%m}",
        "files": [
            {"file": str(_path(asked.out, name)), "vouchers": one.vouchers, "legs": one.legs}
            for name, one in done.items()
        ],
        "accounts": [
            {"account": one.account, "name": name_of(one.account), "currency": one.currency,
             "opening": one.opening / 100, "movement": one.movement / 100,
             "closing": one.closing / 100}
            for one in ledger.balances()
        ],
        "total": sum(one.closing for one in ledger.balances()) / 100,
    }  # fmt: skip
