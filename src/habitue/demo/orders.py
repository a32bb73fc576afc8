"""The Online Retail file as tables: opened once, asked by the named queries of `online_retail.sql`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import duckdb

LAST_DAY = date(2011, 12, 9)
"""The last day of the file; the import shifts it to yesterday."""

_QUERY = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def _queries() -> dict[str, str]:
    parts = _QUERY.split(files("habitue.demo").joinpath("online_retail.sql").read_text("utf-8"))[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


class Orders:
    """Read-only questions to the shipped file. Opening reads it into memory once (a few tenths of a second)."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        # One thread: where two descriptions are equally frequent, the first in the file must win every time.
        self._connection.execute("set threads = 1")
        with as_file(files("habitue.demo").joinpath("data/online_retail.parquet")) as path:
            self._connection.execute(f"create table source as select * from '{path}'")  # noqa: S608 - our own file
        self._connection.execute(_queries()["lines"])

    def rows(self, query: str, batch: int = 500) -> Iterator[tuple[Any, ...]]:
        """The rows of a named query, streamed in batches."""
        cursor = self._connection.cursor().execute(_queries()[query])
        while rows := cursor.fetchmany(batch):
            yield from rows

    def close(self) -> None:
        self._connection.close()
