"""Bells between processes: whoever has written rings, and whoever waits for it wakes at once.

A named pipe in the data directory. A ring is a byte in it, so one that comes while the other is busy is not lost; one
that finds nobody there, or the pipe full, needs no answer. Everybody who waits looks by themselves too, from time to
time: a bell only makes it sooner.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

DECIDE = "decide.bell"
"""Rung when the log has grown."""
OUTBOX = "outbox.bell"
"""Rung when decisions were committed."""
_READ_BYTES = 65_536


class Bell:
    """The side that rings. May be rung from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def ring(self) -> None:
        """Never waits, and never fails whoever rings."""
        with contextlib.suppress(OSError):  # Nobody is there, or it has been rung so often that it is full.
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                os.write(self._descriptor, b"!")
            except BrokenPipeError:  # Who listened has gone; whoever came after it is found by the next ring.
                os.close(self._descriptor)
                self._descriptor = None

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Ear:
    """The side that waits: `descriptor` is readable once it was rung."""

    def __init__(self, path: Path) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Open for both: without a writer of its own, it would be readable for ever after the last one had gone.
        self.descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def hush(self) -> None:
        """Take what was rung so far."""
        with contextlib.suppress(BlockingIOError):
            while len(os.read(self.descriptor, _READ_BYTES)) == _READ_BYTES:
                pass

    def close(self) -> None:
        os.close(self.descriptor)
