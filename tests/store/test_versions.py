"""Versions of a playbook on disk: their notes, a version somebody else took, and a file from before notes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from habitue.store.failures import VersionMoved
from habitue.store.sqlite import SqlitePlaybooks
from habitue.store.sqlite.database import APPLICATION_ID, migrations


def test_a_version_keeps_its_note(tmp_path: Path) -> None:
    playbooks = SqlitePlaybooks(tmp_path / "playbook.db")
    playbooks.save_playbook("shop", {"playbook.yaml": "a"}, 1, "ana", "The beginning")
    playbooks.save_playbook("shop", {"playbook.yaml": "b"}, 2, "ben")
    assert [(one["version"], one["note"]) for one in playbooks.playbooks()] == [(2, ""), (1, "The beginning")]
    playbooks.close()


def test_nobody_applies_over_a_version_he_has_not_seen(tmp_path: Path) -> None:
    playbooks = SqlitePlaybooks(tmp_path / "playbook.db")
    assert playbooks.save_playbook("shop", {"playbook.yaml": "a"}, 1, "ana", base=0) == 1
    assert playbooks.save_playbook("shop", {"playbook.yaml": "b"}, 2, "ben", base=1) == 2
    with pytest.raises(VersionMoved, match="planned against version 1, and version 2 is in force"):
        playbooks.save_playbook("shop", {"playbook.yaml": "c"}, 3, "cleo", base=1)
    assert [one["author"] for one in playbooks.playbooks()] == ["ben", "ana"]
    playbooks.close()


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
