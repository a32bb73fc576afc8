"""Unpacks gzip and zip files as they are read, within a bound: a small file may hold a very large one."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from typing import BinaryIO

from .problem import FeedUnreadable

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
ITEM_BYTES_MAX = 8 * 1024 * 1024


class Bounded(io.RawIOBase):
    """Reads on until more was read than a feed may hold, or than one item may take.

    Whoever reads calls `item_done` after each item: so much is in memory at most, whatever the feed is made of.
    """

    def __init__(self, source: BinaryIO, bytes_max: int) -> None:
        self._source = source
        self._bytes_max = bytes_max
        self._read = 0
        self._since_item = 0

    def readable(self) -> bool:
        return True

    def item_done(self) -> None:
        self._since_item = 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._source.read(len(buffer))
        except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise FeedUnreadable(f"the packed file is damaged or breaks off: {error}") from None
        self._read += len(chunk)
        self._since_item += len(chunk)
        if self._read > self._bytes_max:
            raise FeedUnreadable(f"the feed holds more than {self._bytes_max:,} bytes (catalog.feed_bytes_max)")
        if self._since_item > ITEM_BYTES_MAX:
            raise FeedUnreadable(f"one item takes more than {ITEM_BYTES_MAX:,} bytes; this is no feed of products")
        buffer[: len(chunk)] = chunk
        return len(chunk)


def unpacked(file: BinaryIO, bytes_max: int) -> Bounded:
    """The feed in the file, which may be gzipped or the only file in a zip. The file must be seekable."""
    file.seek(0)
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(_GZIP):
        return Bounded(gzip.GzipFile(fileobj=file), bytes_max)  # type: ignore[arg-type]
    if magic == _ZIP:
        return Bounded(_only_member(file), bytes_max)
    return Bounded(file, bytes_max)


def _only_member(file: BinaryIO) -> BinaryIO:
    try:
        archive = zipfile.ZipFile(file)
        names = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)]
        if len(names) != 1:
            raise FeedUnreadable(f"the zip holds {len(names)} files; expected one, the feed")
        return archive.open(names[0])  # type: ignore[return-value]
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise FeedUnreadable(f"the zip cannot be read: {error}") from None


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
