"""Files and folders of the data directory: for this account alone, whatever the umask, and also those of before."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
UMASK = 0o077
"""What a process of the system begins with: whatever it makes, other accounts of the machine may not read."""

_BESIDE = ("", "-wal", "-shm", "-journal")
"""SQLite gives the files beside a database the database's own rights, when it makes them."""


def folder(path: Path) -> None:
    """Make a folder where there is none, with all that leads to it."""
    path.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    _close(path)


def database(path: Path) -> None:
    """Make an empty file for SQLite where there is none: what SQLite makes itself, everybody may read."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, FILE_MODE))
    for ending in _BESIDE:
        _close(path.with_name(path.name + ending))


def replace(path: Path, content: bytes) -> None:
    """Put a file in the place of the one before: whoever reads sees the old or the new one, never half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def _close(path: Path) -> None:
    """Take away what other accounts may. What belongs to another account is that one's to change."""
    with suppress(OSError):
        found = path.stat()
        if found.st_mode & 0o077 and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & 0o700)


def readable_by_others(data: Path) -> list[Path]:
    """Whatever other accounts may do anything with; nothing where they cannot come into the directory at all."""
    if not _is_open(data):
        return []
    return [data, *sorted(path for path in data.rglob("*") if _is_open(path))]


def _is_open(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & 0o077) and not path.is_symlink()
    except FileNotFoundError:  # Gone meanwhile.
        return False
