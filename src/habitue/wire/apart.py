"""Work in a process of its own, asked over a pipe: it shares no memory, no interpreter and no end with who asks.

The process is ourselves with other orders. It is started when it is first needed, started again when it died, and ends
by itself when the pipe closes, however that came. What goes over the pipe are Python's own pickles: both ends are this
program, and nobody else can reach an inherited pipe.
"""

from __future__ import annotations

import itertools
import pickle
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import structlog

from habitue.errors import HabitueError

GLANCE_SECONDS = 0.1
_log = structlog.get_logger("habitue.apart")

Progress = Callable[[int, int], None]


class Ask(msgspec.Struct, frozen=True):
    """What goes over: a question by name, with what it needs."""

    number: int
    name: str
    arguments: tuple[Any, ...]


class Said(msgspec.Struct, frozen=True):
    """What comes back: `how` far it is, the `answer`, or an `error` for people; anything else is a `fault` of ours."""

    number: int
    how: str
    what: Any


class Lost(HabitueError):
    """The process that was asked ended without an answer."""


class Late(HabitueError):
    """The process that was asked did not answer in time, and was ended."""


class _Call:
    def __init__(self, progress: Progress) -> None:
        self.done = threading.Event()
        self.said: Said | None = None
        self.progress = progress


class _Child:
    """One run of the process, and what it has been asked and not answered."""

    def __init__(self, command: Sequence[str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            self.process = subprocess.Popen(  # noqa: S603 - the command line is our own
                [*command, f"--pipe-fd={descriptor}"], pass_fds=(descriptor,), stdin=subprocess.DEVNULL
            )
        self._pipe = Connection(ours.detach())
        self._sending = threading.Lock()
        self._calls: dict[int, _Call] = {}
        self._ended = False
        self._was_stopped = False
        threading.Thread(target=self._listen, name="apart", daemon=True).start()

    @property
    def is_there(self) -> bool:
        return not self._ended and not self._was_stopped

    def ask(self, asked: Ask, call: _Call) -> None:
        self._calls[asked.number] = call
        try:
            with self._sending:
                self._pipe.send_bytes(pickle.dumps(asked))
        except OSError:
            self._end()

    def forget(self, number: int) -> None:
        self._calls.pop(number, None)

    def stop(self) -> None:
        self._was_stopped = True
        self.process.kill()
        self.process.wait()

    def _listen(self) -> None:
        try:
            while True:
                said: Said = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - our own process, over our own pipe
                call = self._calls.get(said.number)
                if call is None:
                    continue
                if said.how == "progress":
                    _tell(call.progress, *said.what)
                    continue
                call.said = said
                call.done.set()
        except (EOFError, OSError):
            self._end()
        except Exception:  # noqa: BLE001 - what cannot be read leaves nobody waiting for what comes after it
            _log.exception("an answer could not be read")
            self.stop()
            self._end()

    def _end(self) -> None:
        self._ended = True
        for call in list(self._calls.values()):
            call.done.set()
        self._pipe.close()
        code = self.process.wait()
        if code and not self._was_stopped:
            _log.warning("a process we asked ended", code=code)


def _tell(progress: Progress, done: int, total: int) -> None:
    try:
        progress(done, total)
    except Exception:  # noqa: BLE001 - whoever shows how far it is must not end what others wait for
        _log.exception("progress could not be told")


class Apart:
    """Asks a process of its own. Several threads may; whether their questions wait for each other is its own matter.

    `kinds`: errors that keep their kind on the way back, by the name of their class.
    """

    def __init__(self, command: Sequence[str], kinds: Sequence[type[HabitueError]] = ()) -> None:
        self._command = command
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._child: _Child | None = None
        self._turn = threading.Lock()
        self._numbers = itertools.count()
        self._closed = False

    def ask(
        self,
        name: str,
        *arguments: Any,
        seconds_max: float | None = None,
        progress: Progress = lambda done, total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Any:
        """The answer. Raises Lost when the process ended, Late beyond the time; `stop` ends the process."""
        said = self._asked(name, arguments, seconds_max, progress, stop)
        match said.how:
            case "answer":
                return said.what
            case "error":
                kind, text = said.what
                raise self._kinds.get(kind, HabitueError)(text)
        raise HabitueError("It failed; the error is in the server's log.")

    @property
    def is_there(self) -> bool:
        return self._child is not None and self._child.is_there

    def start(self) -> None:
        """Have it there by the time it is asked."""
        with self._turn:
            self._running()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            if self._child is not None:
                self._child.stop()

    def _asked(
        self,
        name: str,
        arguments: tuple[Any, ...],
        seconds_max: float | None,
        progress: Progress,
        stop: Callable[[], bool],
    ) -> Said:
        call = _Call(progress)
        with self._turn:
            child, number = self._running(), next(self._numbers)
            child.ask(Ask(number, name, arguments), call)
        end = None if seconds_max is None else time.monotonic() + seconds_max
        try:
            while not call.done.wait(GLANCE_SECONDS):
                if stop():
                    child.stop()
                elif end is not None and time.monotonic() > end:
                    child.stop()  # It bounds itself; one that does not any more is of no use to anybody.
                    raise Late("The answer took too long. Ask for less, or again in a moment.")
        finally:
            child.forget(number)
        if call.said is None:
            raise Lost("The process that was asked ended before it answered. Ask again; for less, if it does so again.")
        return call.said

    def _running(self) -> _Child:
        if self._closed:
            raise Lost("The server is stopping.")
        if self._child is None or not self._child.is_there:
            self._child = _Child(self._command)
        return self._child


def answer(descriptor: int, answers: dict[str, Callable[..., Any]], idle_seconds_max: float) -> None:
    """The other side: answers each question in a thread of its own, until whoever asks is gone or long silent.

    Each is called with the arguments, and `progress` to tell how far it is.
    """
    pipe, sending = Connection(descriptor), threading.Lock()
    under_way: set[int] = set()

    def send(said: Said) -> None:
        with sending:
            pipe.send_bytes(pickle.dumps(said))

    def work(asked: Ask) -> None:
        try:
            found = answers[asked.name](
                *asked.arguments, progress=lambda done, total: send(Said(asked.number, "progress", (done, total)))
            )
            said = Said(asked.number, "answer", found)
        except HabitueError as error:
            said = Said(asked.number, "error", (type(error).__name__, str(error)))
        except Exception:  # noqa: BLE001 - a thread has nobody above it: whoever asked must hear of it
            _log.exception("a question failed", question=asked.name)
            said = Said(asked.number, "fault", None)
        under_way.discard(asked.number)
        try:
            send(said)
        except OSError:
            return  # Nobody is left to hear it.
        except Exception:  # noqa: BLE001 - whoever asked must not wait for ever for what cannot be written
            _log.exception("an answer could not be written", question=asked.name)
            with suppress(OSError):
                send(Said(asked.number, "fault", None))

    try:
        while True:
            if not pipe.poll(idle_seconds_max):
                if under_way:
                    continue
                return
            asked: Ask = pickle.loads(pipe.recv_bytes())  # noqa: S301 - our own process, over our own pipe
            under_way.add(asked.number)
            threading.Thread(target=work, args=(asked,), daemon=True).start()
    except (EOFError, OSError):
        return
