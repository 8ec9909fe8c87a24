"""Made-up ledgers, exports of them, and what the real readers of each format make of the files."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple

import asyncpg

from adapters.exports import beancount, hledger, parquet, sie
from adapters.exports.ledger import Ledger
from domain.calendar import add_months
from projections.ledger import LEDGER
from tests.exports.duck import asked
from tests.exports.sie_reader import Sie, read

TODAY = date(2026, 11, 20)
SEPTEMBER = date(2026, 9, 1)
FORMATS = ("sie 4I", "sie 4E", "hledger", "beancount", "parquet")
_positions = count(1)


@dataclass(slots=True)
class Entry:
    """What is to be posted: legs are (account, öre, currency)."""

    legs: Sequence[tuple[int, int, str]]
    booked: date = SEPTEMBER
    occurred: date | None = None
    period: date | None = None
    order: str = "A-1"
    kind: str = "PaymentReceived"
    partition: int = 7


async def post(connection: asyncpg.Connection, seller: str, entries: Iterable[Entry]) -> None:
    """Post entries past the log: what exports read is the ledger."""
    names = [column.name for column in LEDGER.columns]
    rows = []
    for entry in entries:
        position = next(_positions)
        for leg, (account, amount, currency) in enumerate(entry.legs, 1):
            values = {
                "seller": seller, "order_id": entry.order, "partition": entry.partition,
                "position": position, "leg": leg, "account": account, "amount": amount,
                "currency": currency, "booked": entry.booked,
                "occurred": entry.occurred or entry.booked, "kind": entry.kind,
                "period": entry.period or entry.booked.replace(day=1),
            }  # fmt: skip
            rows.append(tuple(values.get(name, 0) for name in names))
    await connection.copy_records_to_table("postings", records=rows, columns=names)


class Moved(NamedTuple):
    """(currency, account) -> öre; accounts at 0 are left out."""

    opening: dict[tuple[str, int], int]
    movement: dict[tuple[str, int], int]
    closing: dict[tuple[str, int], int]


class Sums(defaultdict[tuple[str, int], int]):
    def __init__(self, pairs: Iterable[tuple[tuple[str, int], int]] = ()) -> None:
        super().__init__(int)
        for key, amount in pairs:
            self[key] += amount

    def plain(self) -> dict[tuple[str, int], int]:
        return {key: amount for key, amount in sorted(self.items()) if amount}


def moved(opening: Sums, movement: Sums) -> Moved:
    closing = Sums([*opening.items(), *movement.items()])
    return Moved(opening.plain(), movement.plain(), closing.plain())


async def posted(connection: asyncpg.Connection, seller: str, first: date, last: date) -> Moved:
    """What the postings themselves come to."""
    rows = await connection.fetch(
        "select currency, account, amount, period from postings where seller = $1", seller
    )
    return moved(
        Sums(((unit, account), n) for unit, account, n, month in rows if month < first),
        Sums(((unit, account), n) for unit, account, n, month in rows if first <= month <= last),
    )


async def files(ledger: Ledger, company: sie.Company | None = None) -> dict[str, bytes]:
    """Every export of a ledger: `hledger`, .., and SIE by type and currency."""
    whose = company or sie.Company(ledger.seller)
    made = {}
    for type, since in (("4I", ledger.first), ("4E", None)):
        for currency in ledger.currencies(since):
            out = io.BytesIO()
            await sie.write(ledger, out, type, whose, TODAY, currency)  # type: ignore[arg-type]
            made[f"sie {type} {currency}"] = out.getvalue()
    for name, module in (("hledger", hledger), ("beancount", beancount), ("parquet", parquet)):
        out = io.BytesIO()
        await module.write(ledger, out)
        made[name] = out.getvalue()
    return made


def ore(told: str) -> int:
    whole, _, rest = told.partition(".")
    return int(whole + rest.ljust(2, "0"))


# -- SIE ------------------------------------------------------------------------------------------


def read_sie(made: dict[str, bytes], type: str) -> Iterator[Sie]:
    for name, data in made.items():
        if name.startswith(f"sie {type}"):
            yield read(data, type)  # type: ignore[arg-type]


def imported(made: dict[str, bytes]) -> dict[tuple[str, int], int]:
    """What the vouchers of the 4I files move."""
    return Sums(
        ((one.currency, int(leg.account)), leg.amount)
        for one in read_sie(made, "4I") for voucher in one.vouchers for leg in voucher.transactions
    ).plain()  # fmt: skip


def audited(made: dict[str, bytes], first: date) -> Moved:
    """What the 4E files say: balances of all years, and the vouchers of this one.

    In each, what the year opens with and its vouchers come to what it closes with.
    """
    opening, movement = Sums(), Sums()
    for one in read_sie(made, "4E"):
        year, closing = Sums(), Sums()
        for account, amount in one.opening.get(0, {}).items():
            year[one.currency, int(account)] += amount
        for number, results in one.results.items():
            for account, amount in results.items():
                key = one.currency, int(account)
                closing[key] += amount
                year[key] += amount if number else 0
        for account, amount in one.closing.get(0, {}).items():
            closing[one.currency, int(account)] += amount
        before = Sums(year.items())
        for voucher in one.vouchers:
            for leg in voucher.transactions:
                key = one.currency, int(leg.account)
                year[key] += leg.amount
                (movement if voucher.date >= first else before)[key] += leg.amount
        assert year.plain() == closing.plain()
        carried = before.pop((one.currency, int(sie.CARRIED)), 0)
        assert carried + before.pop((one.currency, int(sie.RESULT)), 0) == 0
        opening.update(before)
    return moved(opening, movement)


# -- hledger and beancount, by the real programs --------------------------------------------------


def hledger_run(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("hledger")
    assert program is not None
    return subprocess.run(
        [program, "-f", file, *arguments], capture_output=True, text=True, encoding="utf-8",
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def of_hledger(file: Path) -> Moved:
    """What hledger says of a journal that passes its strict checks."""
    checked = hledger_run(file, "check", "--strict")
    assert checked.returncode == 0, checked.stderr
    opening = _hledger_balances(file, "code:^opening$")
    return moved(opening, _hledger_balances(file, "not:code:^(opening|closing)$"))


def _hledger_balances(file: Path, query: str) -> Sums:
    done = hledger_run(file, "bal", "-N", "--flat", "--layout=bare", "-O", "csv", query)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    return Sums(
        ((row["commodity"], int(re.search(r":(\d+) ", row["account"])[1])), ore(row["balance"]))  # type: ignore[index]
        for row in rows
        if row["commodity"]
    )


def bean_check(file: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "bean-check"
    return subprocess.run([program, file], capture_output=True, text=True)


LEG = re.compile(r"  \w+:(\d+)-\S+  (-?\d+\.\d\d) ([A-Z]{3})")
ASSERTED = re.compile(r"\S+ balance \w+:(\d+)-\S+  (-?\d+\.\d\d) ~ 0\.00 ([A-Z]{3})")


def of_beancount(file: Path) -> Moved:
    """What is in a file that `bean-check` passes: the closing balances are those it asserts."""
    checked = bean_check(file)
    assert (checked.returncode, checked.stderr) == (0, "")
    opening, movement, closing = Sums(), Sums(), Sums()
    into = movement
    for line in file.read_text("utf-8").splitlines():
        if " * " in line:
            into = opening if "Ingående balanser" in line else movement
        for form, sums in ((LEG, into), (ASSERTED, closing)):
            if found := form.fullmatch(line):
                sums[found[3], int(found[1])] += ore(found[2])
    summed = moved(opening, movement)
    assert summed.closing == closing.plain()
    return summed


# -- DuckDB ---------------------------------------------------------------------------------------


def of_parquet(file: Path) -> Moved:
    """What DuckDB reads: balances from the metadata, and the rows between them."""
    [[told]] = asked(
        "select decode(value) from parquet_kv_metadata($1) where decode(key) = $2",
        file, parquet.BALANCES,
    )  # fmt: skip
    balances = [((one["currency"], one["account"]), one) for one in json.loads(told)]
    rows = asked(
        "select currency, account, sum(amount)::varchar from read_parquet($1) group by all", file
    )
    summed = moved(
        Sums((key, ore(one["opening"])) for key, one in balances),
        Sums(((unit, account), ore(amount)) for unit, account, amount in rows),
    )
    assert summed.closing == Sums((key, ore(one["closing"])) for key, one in balances).plain()
    return summed


def everywhere(made: dict[str, bytes], folder: Path, first: date) -> dict[str, Moved]:
    """Opening, movement and closing balances, by every format that has all three."""
    for name in ("hledger", "beancount", "parquet"):
        (folder / name).write_bytes(made[name])
    return {
        "sie 4E": audited(made, first),
        "beancount": of_beancount(folder / "beancount"),
        "parquet": of_parquet(folder / "parquet"),
    } | ({"hledger": of_hledger(folder / "hledger")} if shutil.which("hledger") else {})


def months_of(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = add_months(first, 1)
