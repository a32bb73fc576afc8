"""The rows that were not taken, written beside the file as JSON lines: number, reason, detail and the row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson

from habitue.errors import HabitueError
from habitue.ingest.tree import mended

TEXT_CHARACTERS_MAX = 8_192
_LEVELS_MAX = 32
_BEGINNING = b'{"number":'


def rejected_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.rejected.jsonl")


class RejectedRows:
    """Written as it goes; the file is made with the first rejected row, readable by its owner alone."""

    def __init__(self, path: Path, keep_bytes: int = 0) -> None:
        """`keep_bytes`: how much of what an earlier attempt wrote still holds."""
        self.path = path
        self.bytes = keep_bytes
        self._lines: list[bytes] = []
        try:
            self._check_ours()
            if not keep_bytes:
                path.unlink(missing_ok=True)
            elif path.exists():
                with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+b") as file:
                    file.truncate(keep_bytes)
        except OSError as error:
            raise self._cannot(error) from None

    def _check_ours(self) -> None:
        """A slip of the pen in --rejected must not cost anybody a file, such as the very one that is read."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            start = file.read(len(_BEGINNING))
        if start and start != _BEGINNING:
            raise HabitueError(
                f"{self.path}: exists, and does not hold rows that an import rejected; name another file with "
                "--rejected, or move this one away"
            )

    def add(self, number: int, reason: str, detail: str, row: Any) -> None:
        kept = row[:TEXT_CHARACTERS_MAX] if isinstance(row, str) else row
        entry = {"number": number, "reason": str(reason), "detail": detail, "row": kept}
        try:
            line = orjson.dumps(entry)
        except TypeError:  # Half characters, integers beyond 64 bits.
            line = orjson.dumps(mended(entry, _LEVELS_MAX))
        self._lines.append(line + b"\n")

    def write(self) -> None:
        """Put what was added on disk."""
        if not self._lines:
            return
        content, self._lines = b"".join(self._lines), []
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(content)
        except OSError as error:
            raise self._cannot(error) from None
        self.bytes += len(content)

    def _cannot(self, error: OSError) -> HabitueError:
        return HabitueError(
            f"{self.path}: rejected rows cannot be written ({error.strerror}); make the folder writable, "
            "or name another place with --rejected"
        )
