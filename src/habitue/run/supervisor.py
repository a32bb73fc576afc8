"""The supervisor: starts the processes of one system, starts again those that die, and ends them in good order."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog

from habitue import private
from habitue.model.instant import Instant

from .clock import SystemClock
from .lock import Lock
from .ports import Clock
from .ports.alarms import NO_ALARMS, Alarms

SYSTEM = "system"
"""The lock a supervisor holds for as long as it lives."""
STATUS_FILE = "processes.json"
READY = b"r"

BACKOFF_FIRST_SECONDS = 0.1
BACKOFF_LAST_SECONDS = 30.0
TRY_LATER = 75
"""With this code (EX_TEMPFAIL) a process ends that a full disk stopped: it rests longer each time."""
FAILURES_TOLD = 4
"""So many ends in a row are an alarm."""
WELL_SECONDS = 10.0
"""After so long without an end it is over."""
STEADY_SECONDS = 1.0
"""A process that was ready for so long before it died is started again without growing delay."""
DRAIN_SECONDS = 15.0
"""How long a process may take to finish what it has begun."""

log = structlog.get_logger()


class ProcessStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One process as operators see it: in the status file, on `/readyz`, in `/metrics` and `habitue doctor`."""

    role: str
    pid: int
    ready: bool
    starts: int
    since: Instant


class _Process:
    """A process under supervision. `pipe` carries one byte when it is ready, and ends when it does."""

    def __init__(self, role: str, command: Sequence[str], descriptors: Sequence[int]) -> None:
        self.role = role
        self.command = command
        self.descriptors = descriptors
        self.child: subprocess.Popen[bytes] | None = None
        self.pipe = -1
        self.starts = 0
        self.failures = 0
        self.told = True
        """Whether an alarm may stand about it: one of a run before may, until it was seen to be well."""
        self.ready_at: float | None = None
        self.since: Instant = 0
        self.start_at: float | None = 0.0
        """When to start it (monotonic seconds); None while it runs."""

    @property
    def running(self) -> bool:
        return self.child is not None


class Supervisor:
    """Keeps the processes of `commands` (role → command line) running until it is told to stop.

    Each child gets two descriptors, named by `--ready-fd` and `--lifeline-fd`: it writes a byte to the first when it is
    ready, and ends itself when the second closes, which is when the supervisor is gone, however that came.
    `descriptors` are passed on to a role as they are (the listening socket). `tick` is called about once a second.
    """

    def __init__(
        self,
        data: Path,
        commands: Mapping[str, Sequence[str]],
        *,
        descriptors: Mapping[str, Sequence[int]] | None = None,
        tick: Callable[[], None] = lambda: None,
        ready: Callable[[], None] = lambda: None,
        environment: Mapping[str, str] | None = None,
        alarms: Alarms = NO_ALARMS,
        clock: Clock | None = None,
    ) -> None:
        self._lock = Lock(data, SYSTEM)
        self._status = data / STATUS_FILE
        self._processes = [
            _Process(role, command, (descriptors or {}).get(role, ())) for role, command in commands.items()
        ]
        self._tick = tick
        self._ready = ready
        self._environment = dict(os.environ if environment is None else environment)
        self._selector = selectors.DefaultSelector()
        self._stopping = 0
        self._said_ready = False
        self._stale = False
        """Whether the status file could not be written when something last changed."""
        self._alarms = alarms
        self._clock = SystemClock()
        self._told_by = clock or self._clock
        # The write end is never written to: it closes when this process ends.
        self._lifeline, self._life = os.pipe()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT, then stop the first role, and after it the others.

        Raises Occupied when a system runs in the data directory already.
        """
        self._lock.hold()
        handlers = {number: signal.signal(number, self.request_stop) for number in (signal.SIGTERM, signal.SIGINT)}
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        try:
            while not self._stopping:
                self._start_those_due()
                self._wait(self._seconds_to_next_start())
                self._clear_those_well()
                self._tick()
            self._stop_all()
        finally:
            self._kill_all()
            with suppress(OSError):
                self._status.unlink(missing_ok=True)
            self._lock.release()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def request_stop(self, *_: Any) -> None:
        """Safe in a signal handler. A second request does not wait for anything."""
        self._stopping += 1
        os.write(self._wake_write, b"!")

    def statuses(self) -> list[ProcessStatus]:
        return [
            ProcessStatus(
                role=process.role,
                pid=process.child.pid if process.child else 0,
                ready=process.ready_at is not None,
                starts=process.starts,
                since=process.since,
            )
            for process in self._processes
        ]

    def _start_those_due(self) -> None:
        for process in self._processes:
            if process.start_at is not None and process.start_at <= time.monotonic():
                self._start(process)

    def _start(self, process: _Process) -> None:
        pipe, ready = os.pipe()
        arguments = [*process.command, f"--ready-fd={ready}", f"--lifeline-fd={self._lifeline}"]
        try:
            process.child = subprocess.Popen(  # noqa: S603 — the command line is our own
                arguments,
                pass_fds=(ready, self._lifeline, *process.descriptors),
                stdin=subprocess.DEVNULL,
                env=self._environment,
                # A Ctrl-C in the terminal is for the supervisor, which then ends the children in order.
                process_group=0,
            )
        except OSError as error:  # No memory or no process to be had just now: as if it had ended at once.
            os.close(pipe)
            log.error("process not started", process=process.role, error=str(error))
            self._rest(process, steady=False, ended=f"could not be started: {error}")
            return
        finally:
            os.close(ready)
        process.pipe = pipe
        process.starts += 1
        process.start_at = None
        process.ready_at = None
        process.since = self._clock.now()
        self._selector.register(pipe, selectors.EVENT_READ, process)
        self._write_status()

    def _seconds_to_next_start(self) -> float:
        starts = [process.start_at for process in self._processes if process.start_at is not None]
        return max(0.0, min(1.0, *(start - time.monotonic() for start in starts))) if starts else 1.0

    def _wait(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            process = key.data
            if process is None:
                os.read(self._wake_read, 64)
            elif os.read(process.pipe, 1) == READY:
                self._note_ready(process)
            else:
                self._note_end(process)

    def _note_ready(self, process: _Process) -> None:
        process.ready_at = time.monotonic()
        self._write_status()
        log.info("process ready", process=process.role, pid=process.child.pid if process.child else 0)
        if not self._said_ready and all(each.ready_at is not None for each in self._processes):
            self._said_ready = True
            self._ready()

    def _note_end(self, process: _Process) -> None:
        """The pipe has ended, so the process has, or is about to: the kernel closes descriptors first."""
        self._selector.unregister(process.pipe)
        os.close(process.pipe)
        assert process.child is not None
        code = process.child.wait()
        well_seconds = 0.0 if process.ready_at is None else time.monotonic() - process.ready_at
        # Ready and then stopped by a full disk is not well: begun again at once it would stop again at once.
        steady = well_seconds >= (WELL_SECONDS if code == TRY_LATER else STEADY_SECONDS)
        process.child = None
        process.ready_at = None
        self._rest(process, steady=steady, ended=f"ended with code {code}")

    def _rest(self, process: _Process, *, steady: bool, ended: str) -> None:
        """Begin it again later, and later still the more often it fails."""
        process.failures = 1 if steady else process.failures + 1
        process.since = self._clock.now()
        delay = min(BACKOFF_FIRST_SECONDS * 2 ** min(process.failures - 1, 30), BACKOFF_LAST_SECONDS)
        process.start_at = time.monotonic() + delay
        self._write_status()
        if self._stopping:
            return
        log.warning("process ended", process=process.role, ended=ended, starts_again_in_seconds=delay)
        if process.failures >= FAILURES_TOLD:
            process.told = True
            self._alarms.sound(
                "process_failing", process.role, f"{ended}, {process.failures} times in a row", self._told_by.now()
            )

    def _clear_those_well(self) -> None:
        if self._stale:
            self._write_status()
        for process in self._processes:
            if process.told and process.ready_at is not None and time.monotonic() - process.ready_at >= WELL_SECONDS:
                process.told = False
                self._alarms.clear("process_failing", process.role, self._told_by.now())

    def _stop_all(self) -> None:
        """The first role takes work in from outside: it goes first, so that the others see all there is."""
        log.info("stopping")
        self._stop(self._processes[:1])
        self._stop(self._processes[1:])

    def _stop(self, processes: Sequence[_Process]) -> None:
        for process in processes:
            if process.child is not None:
                process.child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + DRAIN_SECONDS
        while any(process.running for process in processes) and time.monotonic() < deadline and self._stopping < 2:
            self._wait(0.2)
            self._tick()

    def _kill_all(self) -> None:
        for process in self._processes:
            if process.child is not None:
                log.warning("process killed: it did not end in time", process=process.role)
                process.child.kill()
                process.child.wait()
                process.child = None

    def _write_status(self) -> None:
        """On a full disk the old one stays: who looks at it knows less, and everything else goes on."""
        try:
            private.replace(self._status, msgspec.json.encode(self.statuses()))
        except OSError as error:
            self._stale = True
            log.error("status not written", error=str(error))
        else:
            self._stale = False


def read_status(data: Path) -> list[ProcessStatus]:
    """The processes of the system that runs in this data directory; empty when none does."""
    if not Lock(data, SYSTEM).is_held():
        return []  # A supervisor that was killed could not take its file away.
    try:
        return msgspec.json.decode((data / STATUS_FILE).read_bytes(), type=list[ProcessStatus])
    except (FileNotFoundError, msgspec.DecodeError):
        return []
