"""Answers the console's questions about the past: one at a time, in bounded time and memory, the newest first.

It is asked in a process of its own, `questions`, which keeps the past open for as long as anybody may ask.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import structlog

from habitue.console import Count, Move, Overlap, Standing, Superseded, Vocabulary
from habitue.errors import HabitueError
from habitue.model.event import IDENTIFIED
from habitue.model.instant import DAY, Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.tree import And, Constant
from habitue.playbook.playbook import Playbook

if TYPE_CHECKING:
    from habitue.analyze.history import History
    from habitue.analyze.population import Population

    from .parts import Parts

Answer = TypeVar("Answer")
_log = structlog.get_logger("habitue.past")

SECONDS_MAX = 20.0
WATCH_SECONDS = 0.1
KEPT_SECONDS = 20.0
"""An open history answers the next key's question at once; after so long it no longer shows the present."""
MEMORY = "1GB"
"""What needs more is spilled to disk."""
REFRESH_SECONDS = 10.0
ASKED_SECONDS = 120.0
"""For so long after a question the next one is expected, and the past kept near the present."""
SAMPLE_SIZE = 6
POINTS = 30
_EVERYBODY = Condition("True", Constant(True))


class TookTooLong(HabitueError):
    """A question was not answered in time."""


class ConsolePast:
    """`Past` of the console over one data directory."""

    def __init__(self, parts: Parts, *, seconds_max: float = SECONDS_MAX) -> None:
        self._parts = parts
        self._seconds_max = seconds_max
        self._turn = threading.Lock()
        self._newest: dict[str, int] = {}
        self._history: tuple[History, float] | None = None
        self._timer: threading.Timer | None = None
        self._population: Population | None = None
        self._closed = threading.Event()
        self._asked_at = time.monotonic()

    def warm(self) -> None:
        """Open the past now, and keep it near the present from here on: nobody who asks waits for that."""
        threading.Thread(target=self._keep_warm, name="warm", daemon=True).start()

    def count(self, playbook: Playbook, condition: Condition, asker: str) -> Count:
        from habitue.analyze.members import Reader

        def asked(history: History) -> Count:
            reader = Reader(history, playbook)
            found = reader.count({"": condition, "everybody": _EVERYBODY})
            sample = reader.sample(condition, size=SAMPLE_SIZE)
            return Count(people=found["everybody"], members=found[""], sample=tuple(sample), as_of=history.at)

        return self._ask(asker, asked)

    def seen(self, asker: str) -> Vocabulary:
        from habitue.analyze.seen import seen

        def asked(history: History) -> Vocabulary:
            found = seen(history)
            properties: dict[str, dict[str, list[str]]] = {}
            for one in found.told:
                properties.setdefault(one.event, {})[one.name] = list(one.values)
            return Vocabulary(found.names, properties, properties.pop(IDENTIFIED, {}))

        return self._ask(asker, asked)

    def unseen(self, condition: Condition, asker: str, fewest: int = 1) -> list[str]:
        from habitue.analyze.seen import unseen

        return self._ask(asker, lambda history: [str(one) for one in unseen(history, [condition], fewest)])

    def course(self, playbook: Playbook, condition: Condition, days: int, asker: str) -> list[tuple[Instant, int]]:
        from habitue.analyze.members import Reader

        def asked(history: History) -> list[tuple[Instant, int]]:
            step = days * DAY // (POINTS - 1)
            instants = [history.at - place * step for place in range(POINTS - 1, -1, -1)]
            sizes = Reader(history, playbook, as_it_happened=True).sizes({"": condition}, instants)
            return [(moment, size[""]) for moment, size in zip(instants, sizes, strict=True)]

        return self._ask(asker, asked)

    def overlaps(self, playbook: Playbook, condition: Condition, asker: str) -> list[Overlap]:
        from habitue.analyze.members import Reader

        others = {name: segment.condition for name, segment in playbook.segments.items()}

        def asked(history: History) -> list[Overlap]:
            both = {f"both {name}": Condition("", And((condition.tree, one.tree))) for name, one in others.items()}
            found = Reader(history, playbook).count({**others, **both})
            return [Overlap(name, found[f"both {name}"], found[name]) for name in others if found[f"both {name}"]]

        return self._ask(asker, asked) if others else []

    def shared(self, playbook: Playbook, asker: str) -> list[tuple[str, str, int]]:
        from habitue.analyze.members import Reader

        conditions = {name: segment.condition for name, segment in playbook.segments.items()}

        def asked(history: History) -> list[tuple[str, str, int]]:
            both = Reader(history, playbook).overlap(conditions).both
            return [(one, other, people) for (one, other), people in both.items() if people]

        return self._ask(asker, asked)

    def standings(self, playbook: Playbook, asker: str) -> list[Standing]:
        from habitue.analyze import rfm

        return self._ask(asker, lambda history: [Standing(*one) for one in rfm.standings(history, playbook)])

    def moves(self, playbook: Playbook, days: int, asker: str) -> list[Move]:
        from habitue.analyze import rfm

        def asked(history: History) -> list[Move]:
            found = rfm.moves(history, playbook, history.at - days * DAY, history.at)
            return [Move(Standing(*move.before), Standing(*move.after)) for move in found]

        return self._ask(asker, asked)

    def close(self) -> None:
        """Let go of what is open; a question under way is answered first."""
        self._closed.set()
        with self._turn:
            if self._timer is not None:
                self._timer.cancel()
            self._close()

    def _ask(self, asker: str, question: Callable[[History], Answer]) -> Answer:
        self._asked_at = time.monotonic()
        ticket = self._newest[asker] = self._newest.get(asker, 0) + 1

        def is_stale() -> bool:
            return self._newest.get(asker) != ticket

        try:
            return self._in_turn(question, is_stale)
        finally:
            if not is_stale():
                self._newest.pop(asker, None)

    def _in_turn(self, question: Callable[[History], Answer], is_stale: Callable[[], bool]) -> Answer:
        import duckdb

        end = time.monotonic() + self._seconds_max
        while not self._turn.acquire(timeout=WATCH_SECONDS):
            if is_stale():
                raise Superseded("A later question took its place.")
            if time.monotonic() > end:
                raise _too_long(self._seconds_max, "Others ask too; try again in a moment.")
        try:
            with self._watched(is_stale, end) as history:
                return question(history)
        except duckdb.InterruptException:
            self._close()
            if is_stale():
                raise Superseded("A later question took its place.") from None
            raise _too_long(self._seconds_max, "A shorter window, or fewer conditions, read less.") from None
        except duckdb.OutOfMemoryException:
            self._close()
            text = "This reads more of history than there is room for. A shorter window reads less."
            raise HabitueError(text) from None
        finally:
            self._turn.release()

    @contextmanager
    def _watched(self, is_stale: Callable[[], bool], end: float) -> Iterator[History]:
        """An open history, whose work is broken off when nobody wants the answer any more."""
        history = self._open()
        done = threading.Event()

        def watch() -> None:
            while not done.wait(WATCH_SECONDS):
                if is_stale() or time.monotonic() > end:
                    history.connection.interrupt()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield history
        finally:
            done.set()
            watcher.join()

    def _open(self) -> History:
        now = time.monotonic()
        if self._history is not None and now - self._history[1] > KEPT_SECONDS:
            self._close()
        if self._history is None:
            self._history = (self._opened(), now)
            self._let_go_later()
        return self._history[0]

    def _opened(self) -> History:
        if self._population is None:
            from habitue.analyze.population import Population

            self._population = Population()  # Read once, and then what changed.
        return self._parts.history(MEMORY, self._population)

    def _try_out(self, history: History) -> None:
        """The first question brings in what every later one uses: files, code, and the playbook's own conditions."""
        from habitue.analyze.members import Reader

        playbook = self._parts.latest_playbook()
        if playbook is not None:
            reader = Reader(history, playbook)
            reader.count({"everybody": _EVERYBODY})
            reader.sample(_EVERYBODY, size=SAMPLE_SIZE)

    def _keep_warm(self) -> None:
        while not self._closed.is_set():
            if time.monotonic() - self._asked_at > ASKED_SECONDS:
                self._closed.wait(REFRESH_SECONDS)
                continue
            try:
                # Beside the one that is being asked, and put in its place between two questions.
                began = time.monotonic()
                fresh = self._opened()
                if self._history is None:
                    self._try_out(fresh)
            except Exception as error:  # noqa: BLE001 - whoever asks hears of it in their own words
                _log.warning("past_not_opened", error=str(error))
            else:
                with self._turn:
                    self._close()
                    self._history = (fresh, began)
            self._closed.wait(REFRESH_SECONDS)

    def _let_go_later(self) -> None:
        self._timer = threading.Timer(KEPT_SECONDS + 1, self._let_go)
        self._timer.daemon = True
        self._timer.start()

    def _let_go(self) -> None:
        with self._turn:
            if self._history is not None and time.monotonic() - self._history[1] > KEPT_SECONDS:
                self._close()

    def _close(self) -> None:
        if self._history is not None:
            self._history[0].close()
            self._history = None


def _too_long(seconds: float, hint: str) -> TookTooLong:
    return TookTooLong(f"Counting took longer than {seconds:.0f} seconds. {hint}")
