"""Sees to it that what was deleted from a SQLite file is gone from the disk.

`secure_delete` overwrites what is deleted. When pages are split and joined, though, copies of rows stay behind in the
gaps between others, which no statement reaches. So after an erasure the write-ahead log is emptied, the bytes are
searched, and a file that still holds something is written anew.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from .errors import speaking

_WAIT_SECONDS = 30.0
_BLOCK = 8 << 20
_OVERLAP = 4096


def truncate(path: Path) -> bool:
    """Copy the write-ahead log into the file and empty it; False while somebody still reads from it."""
    with speaking(path):
        connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
    return not busy


def rewrite(path: Path) -> None:
    """Write the file anew, without what lingers between its rows. Writers wait for as long as it takes."""
    with speaking(path):
        connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            connection.execute("VACUUM")
        finally:
            connection.close()


def occurrences(path: Path, texts: Iterable[str], *, whole: bool = False) -> int:
    """How often the bytes of a file, and of its write-ahead log, hold one of these texts.

    `whole`: only as words of their own, for people to read. Without it too many are found and none is missed: bytes
    beside a text that look like letters may be a length or the next column.
    """
    pattern = b"|".join(sorted({re.escape(text.encode()) for text in texts}))
    if not pattern:
        return 0
    wanted = re.compile(rb"(?<![\w.@+-])(?:" + pattern + rb")(?![\w@-])" if whole else pattern)
    return sum(_occurrences(one, wanted) for one in (path, path.with_name(f"{path.name}-wal")))


def _occurrences(path: Path, wanted: re.Pattern[bytes]) -> int:
    found, before = 0, b""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                text = before + block
                # What ends in the overlap was counted with the block before.
                found += sum(match.end() > len(before) for match in wanted.finditer(text))
                before = text[-_OVERLAP:]
    except FileNotFoundError:
        return 0
    return found
