"""Texts that never show themselves, and the one secret each data directory has of its own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


class Secret:
    """A text that never shows itself: printing, logging and `repr` give dots; `reveal` gives the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "••••••" if self._text else "(none)"

    __str__ = __repr__


def data_secret(data: Path) -> bytes:
    """A data directory's own secret, made once and kept there: what was hashed with it must be found for ever."""
    path = data / "secret"
    try:
        # O_EXCL: of two processes starting at once, one makes it and the other reads it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    return path.read_bytes().strip()
