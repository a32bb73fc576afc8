"""Of when the latest backup is: noted in the data directory, for the doctor and an alarm."""

from __future__ import annotations

from pathlib import Path

import msgspec

from habitue import private
from habitue.model.instant import Instant

NOTE_FILE = "backup.json"


class _Note(msgspec.Struct, frozen=True):
    at: Instant
    folder: str


def note(data: Path, at: Instant, folder: Path) -> None:
    private.replace(data / NOTE_FILE, msgspec.json.encode(_Note(at, str(folder.resolve()))))


def written_at(data: Path) -> tuple[Instant, str] | None:
    """(when, where) the latest backup was made; None when nobody knows of one."""
    try:
        found = msgspec.json.decode((data / NOTE_FILE).read_bytes(), type=_Note)
    except (OSError, msgspec.DecodeError):
        return None
    return found.at, found.folder
