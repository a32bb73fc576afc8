"""A text file line by line, unpacked on the way, never more than one line of it in memory."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from .rows import LINE_CHARACTERS_MAX, cannot_read

_GZIP_MAGIC = b"\x1f\x8b"
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile)


class Lines:
    """Lines as bytes, with their ends. A line that is too long comes cut, without its end.

    Bytes, not text: one line that is no text in the file's encoding must not end the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
            self.size = path.stat().st_size
            packed = self._file.read(2) == _GZIP_MAGIC
        except OSError as error:
            raise cannot_read(path, f"cannot be opened: {error.strerror}", "name a file that can be read") from None
        self._file.seek(0)
        self._stream: io.BufferedReader | gzip.GzipFile = gzip.GzipFile(fileobj=self._file) if packed else self._file

    def __iter__(self) -> Iterator[bytes]:
        try:
            while line := self._stream.readline(LINE_CHARACTERS_MAX):
                yield line
                if len(line) == LINE_CHARACTERS_MAX and not line.endswith(b"\n"):
                    self._pass_over_the_rest()
        except _BROKEN as error:
            raise cannot_read(
                self._path,
                f"the gzip file is broken or ends too early ({error})",
                "pack it again; rows before were read",
            ) from None

    def _pass_over_the_rest(self) -> None:
        while (piece := self._stream.readline(LINE_CHARACTERS_MAX)) and not piece.endswith(b"\n"):
            pass

    def read_bytes(self) -> int:
        """How far the file on disk is read, packed or not."""
        return self._file.tell()

    def close(self) -> None:
        self._stream.close()
        self._file.close()
