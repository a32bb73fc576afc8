"""Playbook versions in SQLite: `playbook.db`. The only part of the state that the console and the CLI may write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from habitue.model.instant import Instant
from habitue.store.failures import version_moved

from .database import Database
from .queries import Queries

SQL = Queries("playbooks.sql")


class SqlitePlaybooks:
    """Versions count 1, 2, … An older version's files become a new version: going back is a step like any other."""

    def __init__(self, path: Path | str) -> None:
        self._database = Database(path, "playbooks", cache_kib=1_000)

    def save_playbook(
        self, name: str, files: Mapping[str, str], at: Instant, author: str, note: str = "", base: int | None = None
    ) -> int:
        text = json.dumps(dict(files), sort_keys=True, ensure_ascii=False)
        with self._database.write() as connection:
            version, latest_name, latest = connection.execute(SQL["latest"]).fetchone() or (0, "", "")
            if base is not None and base != version:
                raise version_moved(base, version)
            if version and (latest_name, latest) == (name, text):
                return int(version)
            connection.execute(SQL["keep"], (version + 1, name, at, author, text, note))
            return int(version) + 1

    def playbook(self, version: int) -> dict[str, str] | None:
        with self._database.read() as connection:
            row = connection.execute(SQL["files"], (version,)).fetchone()
        if row is None:
            return None
        files: dict[str, str] = json.loads(row[0])
        return files

    def playbooks(self) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["all"]).fetchall()
        return [dict(zip(("version", "name", "applied_at", "author", "note"), row, strict=True)) for row in rows]

    def close(self) -> None:
        self._database.close()
