"""A supervised process's side: says when it is ready, and learns when to stop or that its supervisor is gone."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from types import FrameType

from .supervisor import DRAIN_SECONDS, READY


class Lifeline:
    """Made once in a process's main thread. `stopping` turns true on SIGTERM, or when the supervisor has died."""

    def __init__(self, ready: int | None = None, lifeline: int | None = None) -> None:
        self.stopping = False
        self._ready = ready
        # A signal handler may not touch locks, so a pipe wakes the waiting loop.
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        if lifeline is not None:
            threading.Thread(target=_end_with, args=(lifeline,), name="lifeline", daemon=True).start()

    def stop_on_signals(self) -> None:
        """Let SIGTERM and SIGINT end the loop that waits here. Loops that have handlers of their own leave this out."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def say_ready(self) -> None:
        if self._ready is not None:
            os.write(self._ready, READY)

    def stop(self) -> None:
        """Safe in a signal handler."""
        self.stopping = True
        os.write(self._wake_write, b"!")

    def wait(self, seconds: float, *also: int) -> bool:
        """Sleep, but wake up to stop; true when it is time to. Every later call says so too.

        `also`: descriptors that end the sleep when they can be read.
        """
        if not self.stopping:
            select.select([self._wake_read, *also], [], [], max(0.0, seconds))
        return self.stopping

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()


def _end_with(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    # Nobody is left to end this process if it hangs.
    time.sleep(DRAIN_SECONDS)
    os._exit(1)
