"""CSV: quoted cells over several lines, odd encodings, and rows that are broken without spoiling their neighbours.

Python's own reader, not a columnar one: those read a block at a time and give up a file for one bad byte or quote.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from habitue.importing.reasons import RowReason
from habitue.model.spreadsheet import unguarded

from .lines import Lines
from .rows import LINE_CHARACTERS_MAX, Read, Row, Spoilt, cannot_read

DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARK = "\ufeff"
_LINES_IN_A_ROW_MAX = 1_000


class DelimitedRows:
    """Rows of a file with a header. An empty cell is None."""

    columns_are_all = True

    def __init__(self, path: Path, encoding: str = "utf-8", delimiter: str = "") -> None:
        if "\n".encode(encoding) != b"\n":
            raise cannot_read(path, f"{encoding} is not read", "save it as UTF-8 (iconv does)")
        self._lines = Lines(path)
        self._source = _Source(self._lines, encoding)
        header = self._source.first_line()
        if header.startswith(("\udcff\udcfe", "\udcfe\udcff")):
            raise cannot_read(path, "the file is UTF-16", "save it as UTF-8 (iconv does)")
        if not header.strip():
            raise cannot_read(path, "the file is empty", "its first line must name the columns")
        self.delimiter = delimiter or max(DELIMITERS, key=header.count)
        self._source.give_back([header])
        first = next(iter(self._rows()), None)
        if not isinstance(first, list):
            raise cannot_read(path, "the header cannot be read", "its quotes must match; is this a CSV file?")
        self.columns = tuple(unguarded(name.strip()) for name in first)
        twice = {name for name in self.columns if name and self.columns.count(name) > 1}
        if twice:
            raise cannot_read(path, f'two columns are called "{min(twice)}"', "give each a name of its own")

    def want(self, columns: Collection[str]) -> None:
        """Lines are read whole."""

    def __iter__(self) -> Iterator[Read]:
        columns, width = self.columns, len(self.columns)
        for found in self._rows():
            if isinstance(found, Spoilt):
                yield found
                continue
            if len(found) != width:
                while len(found) > width and not found[-1].strip():
                    found.pop()
                if not found or (len(found) == 1 and not found[0].strip()):
                    continue  # An empty line is no row.
                if len(found) != width:
                    yield self._spoilt(
                        RowReason.WRONG_LENGTH, f"found {len(found)} cells, expected {width}", self._source.taken
                    )
                    continue
            if self._source.undecoded:
                yield self._spoilt(RowReason.BAD_ENCODING, self._source.complaint(), self._source.taken)
                continue
            yield Row(
                self._source.began, {name: unguarded(cell) or None for name, cell in zip(columns, found, strict=True)}
            )

    def _rows(self) -> Iterator[list[str] | Spoilt]:
        """Cells of one row after the other. A quote that never closes costs the line it stands in, not the file."""
        source = self._source
        while True:
            source.begin()
            try:
                # A new reader for each row would be slow; this one is left only where a quote does not match.
                for found in csv.reader(source, delimiter=self.delimiter, strict=True):
                    yield found
                    source.begin()
                return
            except csv.Error as error:
                too_long = isinstance(error, _TooLong) and len(source.taken) == 1
                reason = RowReason.LINE_TOO_LONG if too_long else RowReason.NOT_A_ROW
                yield self._spoilt(reason, f"{error}", source.taken[:1])
                source.give_back(source.taken[1:], source.began + 1)

    def _spoilt(self, reason: RowReason, detail: str, lines: list[str]) -> Spoilt:
        return Spoilt(self._source.began, reason, detail, "".join(lines).rstrip("\r\n"))

    def progress(self) -> tuple[int, int]:
        return self._lines.read_bytes(), self._lines.size

    def close(self) -> None:
        self._lines.close()


class _TooLong(csv.Error):
    """A line that is cut."""


class _Source:
    """Lines of text for `csv.reader`, remembered until their row is complete, so that they can be given back."""

    def __init__(self, lines: Lines, encoding: str) -> None:
        self._bytes = iter(lines)
        self._encoding = encoding
        self._again: list[str] = []
        self._number = 0
        self.began = 1
        self.taken: list[str] = []
        self.undecoded = False

    def first_line(self) -> str:
        return next(self, "").removeprefix(_BYTE_ORDER_MARK)

    def begin(self) -> None:
        """A row is complete; the next one begins."""
        self.began = self._number + 1
        self.taken = []
        self.undecoded = False

    def give_back(self, lines: list[str], number: int = 1) -> None:
        """Let the lines, of which the first has this number, come once more."""
        self._again += reversed(lines)
        self._number = number - 1

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _LINES_IN_A_ROW_MAX:
            raise csv.Error(f"a quote is opened and not closed within {_LINES_IN_A_ROW_MAX} lines")
        line = self._again.pop() if self._again else self._decoded(next(self._bytes))
        self._number += 1
        self.taken.append(line)
        if len(line) >= LINE_CHARACTERS_MAX:
            raise _TooLong(f"the line is longer than {LINE_CHARACTERS_MAX:,} characters")
        if not self.undecoded and not line.isascii():
            self.undecoded = any("\udc80" <= character <= "\udcff" for character in line)
        return line

    def _decoded(self, line: bytes) -> str:
        return line.decode(self._encoding, "surrogateescape")

    def complaint(self) -> str:
        text = "".join(self.taken)
        bad = next(character for character in text if "\udc80" <= character <= "\udcff")
        return f'byte {ord(bad) - 0xDC00:#04x} is not {self._encoding}; say the right one in the mapping, as "encoding"'
