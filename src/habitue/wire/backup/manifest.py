"""What a backup says of itself: which files it has, how each must look, and how far the log and the state had come."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import msgspec

from habitue.errors import HabitueError
from habitue.model.instant import Instant

MANIFEST_FILE = "manifest.json"
FORMAT = 1
_PIECE = 1 << 20


class BackupProblem(HabitueError):
    """A backup cannot be made, or is not what it says, or cannot be put where it should go."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """`blake2b`: of all its bytes, 32 of the hash."""

    name: str
    size: int
    blake2b: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Written last: a folder without it is no whole backup. Positions are of the log, -1 when it is empty."""

    format: int
    habitue: str
    began_at: Instant
    made_at: Instant
    state_position: int
    log_position: int
    files: list[File]


def file_of(folder: Path, name: str) -> File:
    path = folder / name
    return File(name=name, size=path.stat().st_size, blake2b=digest(path))


def digest(path: Path) -> str:
    hashed = blake2b(digest_size=32)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            hashed.update(piece)
    return hashed.hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupProblem where there is none, or one of a newer Habitue."""
    path = folder / MANIFEST_FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BackupProblem(
            f"{folder} holds no whole backup: {MANIFEST_FILE} is not there. It is written last, so the backup was cut "
            "off; take the one before"
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise BackupProblem(f"{path}: cannot be read: {error}; take the backup before") from None
    if found.format > FORMAT:
        raise BackupProblem(
            f"{path}: has format {found.format}, this version of Habitue knows up to {FORMAT}; "
            f"install Habitue {found.habitue} or a newer one"
        )
    return found


def verify(folder: Path) -> Manifest:
    """Every file is there and as it was written; raises BackupProblem naming the first that is not."""
    manifest = read_manifest(folder)
    for file in manifest.files:
        path = folder / file.name
        if Path(file.name).name != file.name:
            raise BackupProblem(f"{folder}: the manifest names {file.name}, which leads out of the backup")
        if not path.is_file():
            raise BackupProblem(f"{path}: is missing from the backup; take the one before")
        if path.stat().st_size != file.size or digest(path) != file.blake2b:
            raise BackupProblem(f"{path}: is not as it was written: it is damaged; take the backup before")
    return manifest
