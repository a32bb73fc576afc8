"""A playbook on disk: a folder of text files, read into memory for the loader, which touches no disk itself."""

from __future__ import annotations

from pathlib import Path

from habitue.errors import HabitueError
from habitue.playbook.problem import PlaybookError, Problem

CONVERSATIONS = "conversations"
"""The folder of stories beside a playbook. They test it and are no part of it, so changing one makes no new version."""
SUFFIXES = {".yaml", ".yml", ".mjml", ".txt"}
FILES_MAX = 2_000


def read_directory(folder: Path, *, as_it_is: bool = False) -> dict[str, str]:
    """Path within the playbook → text, of every file that could be meant for the loader. Raises HabitueError.

    `as_it_is`: what is not UTF-8 is no mistake, and the text of no version either.
    """
    if not folder.is_dir():
        raise HabitueError(f"{folder} is not a folder; give the one that holds playbook.yaml")
    paths = [path for path in sorted(folder.rglob("*")) if _is_part(path.relative_to(folder)) and path.is_file()]
    if len(paths) > FILES_MAX:
        raise HabitueError(
            f"{folder} holds {len(paths):,} files; a playbook has at most {FILES_MAX:,}. Is it the right one?"
        )
    errors = "surrogateescape" if as_it_is else "strict"
    return {name: _text(folder / name, name, errors) for name in (_name(path, folder) for path in paths)}


def conversations_in(folder: Path) -> list[Path]:
    """The stories beside a playbook, or those of a folder that holds nothing but stories."""
    beside = folder / CONVERSATIONS
    return sorted((beside if beside.is_dir() else folder).glob("*.txt"))


def _is_part(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.parts[0] != CONVERSATIONS and path.suffix in SUFFIXES


def _name(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    if name.isprintable():
        return name
    raise HabitueError(f"{folder}: the name of the file {name!a} is not plain text in UTF-8; give it another one")


def _text(path: Path, name: str, errors: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors=errors)
    except OSError as error:
        raise HabitueError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PlaybookError(
            [Problem(name, line, 1, "a character that is not UTF-8; save the file as UTF-8")]
        ) from error
