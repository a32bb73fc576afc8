"""Locks between processes: one system in a data directory, and in it one process of each role."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from habitue.errors import HabitueError


class Occupied(HabitueError):
    """Another process has what only one may have."""


class Lock:
    """Held until the process ends, however it ends: the kernel lets go, so no stale lock is ever left behind."""

    def __init__(self, data: Path, role: str) -> None:
        self._path = data / f"{role}.lock"
        self._descriptor: int | None = None

    def hold(self, wait_seconds: float = 0.0) -> None:
        """Raises Occupied when another process still has it after so long."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    raise Occupied(
                        f"{self._path} is held: a system runs in this data directory already. Stop it, or choose "
                        "another directory with --data."
                    ) from None
                time.sleep(0.02)
            else:
                self._descriptor = descriptor
                return

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_held(self) -> bool:
        """By anyone. Looking does not create the lock."""
        try:
            descriptor = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)
