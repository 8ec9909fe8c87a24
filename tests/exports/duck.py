"""DuckDB in a process of its own: in one whose garbage a writer froze it ends with complaints."""

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any


def asked(sql: str, file: Path, *more: str) -> list[tuple[Any, ...]]:
    """DuckDB's answer; `$1` is the file."""
    return _process().submit(_ask, sql, str(file), *more).result()


@cache
def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _ask(sql: str, *values: str) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect() as connection:
        return connection.execute(sql, values).fetchall()
