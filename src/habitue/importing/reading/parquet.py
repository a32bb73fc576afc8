"""Parquet: batches of rows as plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .rows import Read, Row, cannot_read

_BATCH = 4_096


class ParquetRows:
    """Rows of a Parquet file. Only the wanted columns are read from disk."""

    columns_are_all = True

    def __init__(self, path: Path) -> None:
        try:
            # Buffers as it goes: reading whole column chunks ahead would hold a large row group in memory.
            self._file = pq.ParquetFile(path, memory_map=False, pre_buffer=False, buffer_size=1 << 20)
        except (OSError, pa.ArrowInvalid) as error:
            raise cannot_read(path, f"is no Parquet file ({error})", "was it written to its end?") from None
        self.columns = tuple(self._file.schema_arrow.names)
        self._path = path
        self._read = 0
        self._wanted: list[str] | None = None

    def want(self, columns: Collection[str]) -> None:
        """Read these columns only."""
        self._wanted = [name for name in self.columns if name in columns]

    def __iter__(self) -> Iterator[Read]:
        try:
            for batch in self._file.iter_batches(_BATCH, columns=self._wanted, use_threads=False):
                for cells in batch.to_pylist():
                    self._read += 1
                    yield Row(self._read, {name: _plain(value) for name, value in cells.items()})
        except (OSError, pa.ArrowException) as error:
            raise cannot_read(
                self._path, f"cannot be read on after row {self._read} ({error})", "is the file whole?"
            ) from None

    def progress(self) -> tuple[int, int]:
        return self._read, self._file.metadata.num_rows

    def close(self) -> None:
        self._file.close()


def _plain(value: Any) -> Any:
    """The value as JSON has it; what is no number is nothing."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _plain(float(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value)
