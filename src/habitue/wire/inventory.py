"""Which files the data directory must have: one that is gone is never silently made anew, empty."""

from __future__ import annotations

from pathlib import Path

import msgspec

from habitue import private
from habitue.errors import HabitueError

INVENTORY_FILE = "files.json"
NOT_MISSED = frozenset({"alarms.db"})
"""Made anew without loss."""
SECRET = "secret"  # noqa: S105 – the name of a file


class FileGone(HabitueError):
    """A file that cannot be made anew is not there."""


def write_down(data: Path) -> None:
    """Note every file there is now; what was noted before stays, or a lost one would be forgotten with the note."""
    found = {path.name for path in data.glob("*.db")} - NOT_MISSED
    if (data / SECRET).exists():
        found.add(SECRET)
    known = _known(data)
    if found <= known:
        return
    private.replace(data / INVENTORY_FILE, msgspec.json.encode(sorted(found | known)))


def missing(data: Path) -> list[str]:
    return sorted(name for name in _known(data) if not (data / name).exists())


def require_whole(data: Path) -> None:
    """Raises FileGone, which names the backup there is."""
    gone = missing(data)
    if not gone:
        return
    raise FileGone(
        f"{', '.join(str(data / name) for name in gone)}: gone, and cannot be made anew: an empty one would lose what "
        f"was in it without a word. Put it back, or restore the newest backup ({_newest_backup(data)}) with "
        "`habitue restore`. Only if it is lost for good, take its name out of "
        f"{data / INVENTORY_FILE} to begin without it"
    )


def _newest_backup(data: Path) -> str:
    from .backup.note import written_at

    found = written_at(data)
    return "none is known of" if found is None else found[1]


def _known(data: Path) -> set[str]:
    try:
        return set(msgspec.json.decode((data / INVENTORY_FILE).read_bytes(), type=list[str]))
    except FileNotFoundError:
        return set()
    except (OSError, msgspec.DecodeError) as error:
        raise HabitueError(
            f"{data / INVENTORY_FILE}: cannot be read: {error}. It lists the files that must be there; delete it when "
            "they are, and it is written anew"
        ) from None
