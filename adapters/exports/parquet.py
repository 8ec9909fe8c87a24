"""Parquet: a row a leg, for DuckDB, Spark and spreadsheets; balances in the file's metadata.

The key `villkor.balances` holds JSON: opening and closing balance of every account, in decimal
units. It is written by pyarrow, which `make audit` installs (the extra `audit`).
"""

import json
from decimal import Decimal
from typing import Any, BinaryIO

from adapters.exports.ledger import Ledger, Voucher, Written, name_of
from domain.errors import VillkorError
from domain.money import kronor

SUFFIX = ".parquet"
GROUP = 20_000
"""Rows of a row group: so many are held at a time."""
BALANCES = "villkor.balances"


async def write(ledger: Ledger, out: BinaryIO) -> Written:
    """All currencies in one file. Raises VillkorError where pyarrow is missing."""
    pa = library()
    metadata = {"villkor.title": ledger.title, BALANCES: json.dumps(_balances(ledger))}
    schema = _schema(pa).with_metadata(metadata)
    written = Written()
    rows: list[tuple[Any, ...]] = []

    def flush(writer: Any) -> None:
        columns = zip(*rows, strict=True)
        arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
        writer.write_batch(pa.record_batch(arrays, schema=schema))
        rows.clear()

    with pa.parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        async for voucher in ledger.vouchers():
            rows.extend(_rows(ledger, voucher))
            written.count(voucher)
            if len(rows) >= GROUP:
                flush(writer)
        if rows:
            flush(writer)
    return written


def library() -> Any:
    """pyarrow. Raises VillkorError where it is missing."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise VillkorError(
            "Parquet needs pyarrow, which is not installed; `make audit` in a clone does it, "
            "elsewhere `pip install pyarrow`"
        ) from error
    return pyarrow


def _schema(pa: Any) -> Any:
    text, money = pa.string(), pa.decimal128(18, 2)
    return pa.schema([
        pa.field(name, kind, nullable=False)
        for name, kind in (
            ("seller", text), ("order", text), ("partition", pa.int16()),
            ("position", pa.int64()), ("leg", pa.int16()), ("account", pa.int16()),
            ("account_name", text), ("amount", money), ("currency", text),
            ("booked", pa.date32()), ("occurred", pa.date32()), ("period", pa.date32()),
            ("kind", text), ("type", text), ("clauses", pa.list_(text)),
        )
    ])  # fmt: skip


def _rows(ledger: Ledger, voucher: Voucher) -> list[tuple[Any, ...]]:
    return [
        (
            ledger.seller, voucher.order, voucher.partition, voucher.position, leg.leg,
            leg.account, name_of(leg.account), Decimal(leg.amount).scaleb(-2), leg.currency,
            voucher.booked, voucher.occurred, voucher.period, voucher.kind, voucher.type,
            voucher.clauses,
        )
        for leg in voucher.legs
    ]  # fmt: skip


def _balances(ledger: Ledger) -> list[dict[str, str | int]]:
    return [
        {"currency": one.currency, "account": one.account, "opening": kronor(one.opening),
         "closing": kronor(one.closing)}
        for one in ledger.balances()
    ]  # fmt: skip
