"""Versions of a playbook on disk: a file from before notes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from habitue.store.sqlite import SqlitePlaybooks
from habitue.store.sqlite.database import APPLICATION_ID, migrations


def test_versions_from_before_notes_are_kept(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "playbook.db")
    file.executescript(migrations("playbooks")[0].read_text("utf-8"))
    file.execute("INSERT INTO versions VALUES (1, 'shop', 5, 'ana', '{\"playbook.yaml\": \"a\"}')")
    file.execute("PRAGMA user_version = 1")
    file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    file.commit()
    file.close()
    playbooks = SqlitePlaybooks(tmp_path / "playbook.db")
    assert playbooks.playbook(1) == {"playbook.yaml": "a"}
    assert playbooks.playbooks() == [{"version": 1, "name": "shop", "applied_at": 5, "author": "ana", "note": ""}]
    playbooks.close()
