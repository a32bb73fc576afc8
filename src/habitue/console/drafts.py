"""The draft: the playbook as it is being edited in the console, one for all, until it is put in force or discarded."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from habitue import private
from habitue.errors import HabitueError
from habitue.model.instant import Instant
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook

_SCHEMA = """
CREATE TABLE IF NOT EXISTS draft (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  base INTEGER NOT NULL,
  files TEXT NOT NULL,
  authors TEXT NOT NULL,
  edited_at INTEGER NOT NULL
);
"""


class DraftInTheWay(HabitueError):
    """There is a draft already, which must be put in force or discarded first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`base`: the version it was made from. `authors`: everyone who had a hand in it, the first one first."""

    base: int
    files: dict[str, str]
    authors: tuple[str, ...]
    edited_at: Instant


class Drafts:
    """The draft in the console's SQLite file; a connection per call, so any thread and process may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[str, Playbook] | None = None
        with self._open() as db:
            db.executescript(_SCHEMA)

    def get(self) -> Draft | None:
        with self._open() as db:
            return _draft(db)

    def edit(
        self,
        change: Callable[[Mapping[str, str]], Mapping[str, str]],
        start: Callable[[], tuple[int, Mapping[str, str]]],
        author: str,
        at: Instant,
    ) -> None:
        """Change the draft's files, or begin one: `start` gives the version in force and its files.

        Nothing is kept when `change` raises; two who edit at once come one after the other.
        """
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            draft = _draft(db)
            base, files = (draft.base, draft.files) if draft else start()
            authors = dict.fromkeys((*(draft.authors if draft else ()), author))
            _keep(db, Draft(base, dict(change(files)), tuple(authors), at))

    def begin(self, base: int, files: Mapping[str, str], author: str, at: Instant) -> None:
        """A draft of these very files. Raises DraftInTheWay when there is one."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            if _draft(db) is not None:
                raise DraftInTheWay("There is a draft already. Put it in force or discard it first.")
            _keep(db, Draft(base, dict(files), (author,), at))

    def rebase(self, seen: Draft, base: int, files: Mapping[str, str]) -> None:
        """The same draft upon another version, unless somebody edited it since it was seen."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            if _draft(db) != seen:
                raise DraftInTheWay("The draft was edited meanwhile. Look at it again.")
            _keep(db, Draft(base, dict(files), seen.authors, seen.edited_at))

    def discard(self, seen: Mapping[str, str] | None = None) -> None:
        """Forget it; with `seen`, only if these are its files still."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            draft = _draft(db)
            if draft is not None and (seen is None or draft.files == dict(seen)):
                db.execute("DELETE FROM draft")

    def playbook(self, draft: Draft) -> Playbook:
        """The draft, read; it was checked when it was edited."""
        text = json.dumps(draft.files, sort_keys=True)
        read = self._read
        if read is None or read[0] != text:
            read = self._read = (text, load(draft.files))
        return read[1]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        private.database(self._path)
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            yield db
            if db.in_transaction:
                db.execute("COMMIT")
        finally:
            db.close()  # What was not committed is undone.


def _draft(db: sqlite3.Connection) -> Draft | None:
    row = db.execute("SELECT base, files, authors, edited_at FROM draft").fetchone()
    return None if row is None else Draft(row[0], json.loads(row[1]), tuple(json.loads(row[2])), row[3])


def _keep(db: sqlite3.Connection, draft: Draft) -> None:
    db.execute(
        "INSERT OR REPLACE INTO draft (id, base, files, authors, edited_at) VALUES (1, ?, ?, ?, ?)",
        (draft.base, json.dumps(draft.files), json.dumps(draft.authors), draft.edited_at),
    )
