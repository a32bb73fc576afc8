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
            if not keep_bytes:
                path.unlink(missing_ok=True)
            elif path.exists():
                os.truncate(path, keep_bytes)
        except OSError as error:
            raise self._cannot(error) from None

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
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
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
