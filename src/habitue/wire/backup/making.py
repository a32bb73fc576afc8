"""Making a backup: each database at one instant, in the order in which what is ahead can be caught up with."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

import habitue
from habitue import private
from habitue.run import clock
from habitue.settings import FILE_NAME

from ..parts import ALARMS_FILE, LOG_FILE, Parts
from .manifest import FORMAT, MANIFEST_FILE, BackupProblem, File, Manifest, file_of
from .note import note

BEFORE_THE_LOG = ("state.db", "deliveries.db", "catalog.db", "privacy.db")
"""They name positions of the log: a log that is ahead of them is caught up with, one that is behind is passed over."""
AFTER_THE_LOG = ("playbook.db",)
"""The log names versions of it."""
LEFT_OUT = frozenset({ALARMS_FILE})
"""Of this machine and this run: nothing another place should hear."""
PLAIN_FILES = ("secret", clock.ANCHOR_FILE, FILE_NAME, "restored.json")
REPORTS_FOLDER = "backtests"
Progress = Callable[[str], None]


def make(parts: Parts, folder: Path, progress: Progress = lambda name: None) -> Manifest:
    """Copy what cannot be made anew into a folder, which must be new or empty. The system may run meanwhile."""
    os.umask(private.UMASK)
    _require_empty(folder)
    began_at = parts.clock.now()
    files = []
    for name in _databases(parts.data):
        progress(name)
        _copy_database(parts.data / name, folder / name)
        files.append(file_of(folder, name))
    files += _copy_plain(parts.data, folder)
    manifest = Manifest(
        format=FORMAT,
        habitue=habitue.__version__,
        began_at=began_at,
        made_at=parts.clock.now(),
        state_position=_asked(folder / "state.db", "SELECT position FROM progress"),
        log_position=_asked(folder / LOG_FILE, "SELECT coalesce(max(position), -1) FROM events"),
        files=files,
    )
    if manifest.state_position > manifest.log_position:
        raise BackupProblem(f"{folder}: the state is ahead of the log; make the backup again")
    _write(folder / MANIFEST_FILE, msgspec.json.encode(manifest))
    note(parts.data, manifest.made_at, folder)
    return manifest


def _require_empty(folder: Path) -> None:
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BackupProblem(f"{folder} is not empty: a backup needs a folder of its own, named by the day")
        private.folder(folder)
    except OSError as error:
        raise BackupProblem(f"{folder}: cannot be made: {error.strerror}; choose another place") from None


def _databases(data: Path) -> list[str]:
    """In order. What nobody has heard of here may name positions, so it comes before the log."""
    found = {path.name for path in data.glob("*.db")} - LEFT_OUT
    known = [*BEFORE_THE_LOG, LOG_FILE, *AFTER_THE_LOG]
    others = sorted(found.difference(known))
    return [name for name in (*BEFORE_THE_LOG, *others, LOG_FILE, *AFTER_THE_LOG) if name in found]


def _copy_database(source: Path, target: Path) -> None:
    """One instant of it, and sound: SQLite's own backup in one step neither waits for writers nor holds them up."""
    private.database(target)
    try:
        with closing(sqlite3.connect(source, timeout=30)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)
            other.execute("PRAGMA journal_mode = DELETE").fetchall()  # One file, without others beside it.
            [(answer,)] = other.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise BackupProblem(f"{source}: cannot be copied to {target}: {error}") from None
    if answer != "ok":
        raise BackupProblem(
            f"{source}: is damaged ({answer}), so this is no backup; keep the ones before, and read "
            "docs/operators.md, A damaged file"
        )
    _sync(target)


def _copy_plain(data: Path, folder: Path) -> list[File]:
    names = [name for name in PLAIN_FILES if (data / name).is_file()]
    for name in names:
        shutil.copy(data / name, folder / name)
        _sync(folder / name)
    return [file_of(folder, name) for name in names]


def _asked(path: Path, question: str) -> int:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return int((connection.execute(question).fetchone() or (-1,))[0])


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
