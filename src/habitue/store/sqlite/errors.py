"""Turns what SQLite says into what the operator can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from habitue.store.failures import StoreBusy, StoreDamaged, StoreError, StoreFull

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def speaking(path: Path) -> Iterator[None]:
    """Within it, errors of SQLite about the file become a `StoreError` that names the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(path, error) from error


def store_error(path: Path, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # The low byte is the kind; the rest says where it arose.
    if code in _BUSY:
        return StoreBusy(
            f"{path}: another process kept the right to write for longer than the busy timeout ({error}); "
            "look for a program that has the file open, a backup for instance, and try again"
        )
    if code in _FULL:
        return StoreFull(
            f"{path}: cannot be written ({error}); expected free space and the right to write in {path.parent}; "
            "make room or correct the rights and start again: nothing that was answered for is lost"
        )
    if code in _DAMAGED:
        return StoreDamaged(
            f"{path}: is not a sound SQLite database ({error}); restore it from a backup, "
            "or move it away together with its -wal and -shm files to begin anew"
        )
    return StoreError(f"{path}: {type(error).__name__}: {error}")
