"""JSON lines: an object on each line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain, islice
from pathlib import Path

from habitue.importing.reasons import RowReason
from habitue.ingest.body import parsed
from habitue.ingest.rejection import Refused
from habitue.ingest.tree import kind_of

from .lines import Lines
from .rows import LINE_CHARACTERS_MAX, Read, Row, Spoilt, cannot_read

_SAMPLE = 200
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class JsonRows:
    """Rows of a file whose lines are objects. NaN and Infinity are null, as in ingest."""

    columns_are_all = False

    def __init__(self, path: Path) -> None:
        self._lines = Lines(path)
        rows = self._read()
        sample = list(islice(rows, _SAMPLE))
        self._rows = chain(sample, rows)
        if not sample:
            raise cannot_read(path, "the file is empty", "expected a JSON object on each line")
        if isinstance(sample[0], Spoilt) and sample[0].text.lstrip().startswith("["):
            raise cannot_read(path, "the file is one JSON list", "put each object on its own line (jq -c '.[]' does)")
        names: dict[str, None] = {}
        for row in sample:
            if isinstance(row, Row):
                names.update(dict.fromkeys(row.cells))
        self.columns = tuple(names)

    def want(self, columns: Collection[str]) -> None:
        """Lines are read whole."""

    def __iter__(self) -> Iterator[Read]:
        return self._rows

    def _read(self) -> Iterator[Read]:
        for number, line in enumerate(self._lines, 1):
            content = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
            if content.strip():
                yield _row(number, content)

    def progress(self) -> tuple[int, int]:
        return self._lines.read_bytes(), self._lines.size

    def close(self) -> None:
        self._lines.close()


def _row(number: int, line: bytes) -> Read:
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    if len(line) >= LINE_CHARACTERS_MAX:
        return Spoilt(number, RowReason.LINE_TOO_LONG, f"the line is longer than {LINE_CHARACTERS_MAX:,} bytes", text)
    try:
        value = parsed(line)
    except Refused as refused:
        return Spoilt(number, RowReason.NOT_A_ROW, refused.message.replace("the body", "the line"), text)
    if not isinstance(value, dict):
        return Spoilt(number, RowReason.NOT_A_ROW, f"found {kind_of(value)}; an object was expected", text)
    return Row(number, value)
