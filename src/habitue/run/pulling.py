"""A version's files brought back into a folder, over nothing that somebody wrote there and nobody has applied.

The folder remembers nothing of its own: a file whose text some version has may be overwritten, since nothing is lost by
it; any other one is somebody's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from habitue.errors import HabitueError
from habitue.playbook.load import kind_of
from habitue.run.playbook_files import read_directory


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """Paths within the playbook. With `conflicts`, nothing was written unless it was forced."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    """Changed in the folder, and not as the version has it."""
    own: tuple[str, ...] = ()
    """Files that no version ever had; they are left alone."""


def pull(
    folder: Path, files: Mapping[str, str], versions: Iterable[Mapping[str, str]], *, force: bool = False
) -> Pulled:
    """Make the folder hold `files`. `versions` are the files of every version kept. Raises HabitueError."""
    local = read_directory(folder, as_it_is=True) if folder.exists() else {}
    known = _known(versions)
    stale = {path for path, text in files.items() if local.get(path) != text}
    gone = {path for path in local if path not in files and path in known}
    conflicts = {path for path in stale | gone if path in local and local[path] not in known.get(path, ())}
    own = tuple(sorted(path for path in local if path not in files and path not in known))
    if conflicts and not force:
        return Pulled(conflicts=tuple(sorted(conflicts)), own=own)
    _write(folder, {path: files[path] for path in stale})
    _remove(folder, gone)
    return Pulled(
        written=tuple(sorted(stale)), removed=tuple(sorted(gone)), conflicts=tuple(sorted(conflicts)), own=own
    )


def _known(versions: Iterable[Mapping[str, str]]) -> dict[str, set[str]]:
    """Path → every text that some version has of it."""
    known: dict[str, set[str]] = {}
    for version in versions:
        for path, text in version.items():
            known.setdefault(path, set()).add(text)
    return known


def _write(folder: Path, files: Mapping[str, str]) -> None:
    home = folder.resolve()
    for path in files:
        if kind_of(path) is None:  # A version's paths were checked when it was applied; this writes nowhere else.
            raise HabitueError(f"{path} is not a file of a playbook")
        if not (folder / path).resolve().is_relative_to(home):  # Files out there were not looked at for conflicts.
            raise HabitueError(f"{folder / path}: a link leads out of {folder}; nothing was written")
    for path, text in files.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise HabitueError(f"{target}: cannot be written: {error.strerror}") from None


def _remove(folder: Path, paths: Iterable[str]) -> None:
    for path in paths:
        try:
            (folder / path).unlink()
        except OSError as error:
            raise HabitueError(f"{folder / path}: cannot be removed: {error.strerror}") from None
