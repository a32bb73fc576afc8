"""The process that answers questions about the past: `python -m habitue.wire.questions DATA`. Started by `http`.

DuckDB, Arrow and whatever a question needs live here and end here: the process that takes events in never shares its
memory or its interpreter with a question. When memory is short, this one goes first.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from habitue import logs
from habitue.console import Count, Move, Overlap, Standing, Superseded, Vocabulary
from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Comparison, Report
from habitue.run.backtest.stopping import BacktestStopped
from habitue.run.planning import Plan

from .apart import Apart, Lost, answer
from .parts import Parts, create
from .past import SECONDS_MAX, ConsolePast, TookTooLong

DATA_BYTES_MAX = 4 * 1024**3
NICE = 5
IDLE_SECONDS_MAX = 600.0
"""Whoever has a console open asks for it to be there with every page; after so long nobody has."""
_LATE_SECONDS = 5.0
"""Beyond the time the process itself allows a question."""


def command(data: Path, config: Path | None) -> list[str]:
    given = [] if config is None else ["--config", str(config)]
    return [sys.executable, "-m", "habitue.wire.questions", str(data), *given]


class PastApart:
    """`Past` of the console, answered elsewhere. A question that was lost with its process is asked once more."""

    def __init__(self, parts: Parts) -> None:
        self._apart = Apart(command(parts.data, parts.config), (Superseded, TookTooLong))

    @property
    def is_there(self) -> bool:
        return self._apart.is_there

    def start(self) -> None:
        """Have it open the past by the time somebody asks."""
        self._apart.start()

    def close(self) -> None:
        self._apart.close()

    def count(self, playbook: Playbook, condition: Condition, asker: str) -> Count:
        found: Count = self._ask("count", playbook, condition, asker)
        return found

    def seen(self, asker: str) -> Vocabulary:
        found: Vocabulary = self._ask("seen", asker)
        return found

    def unseen(self, condition: Condition, asker: str, fewest: int = 1) -> list[str]:
        found: list[str] = self._ask("unseen", condition, asker, fewest)
        return found

    def course(self, playbook: Playbook, condition: Condition, days: int, asker: str) -> list[tuple[Instant, int]]:
        found: list[tuple[Instant, int]] = self._ask("course", playbook, condition, days, asker)
        return found

    def overlaps(self, playbook: Playbook, condition: Condition, asker: str) -> list[Overlap]:
        found: list[Overlap] = self._ask("overlaps", playbook, condition, asker)
        return found

    def shared(self, playbook: Playbook, asker: str) -> list[tuple[str, str, int]]:
        found: list[tuple[str, str, int]] = self._ask("shared", playbook, asker)
        return found

    def standings(self, playbook: Playbook, asker: str) -> list[Standing]:
        found: list[Standing] = self._ask("standings", playbook, asker)
        return found

    def moves(self, playbook: Playbook, days: int, asker: str) -> list[Move]:
        found: list[Move] = self._ask("moves", playbook, days, asker)
        return found

    def _ask(self, name: str, *arguments: Any) -> Any:
        try:
            return self._apart.ask(name, *arguments, seconds_max=SECONDS_MAX + _LATE_SECONDS)
        except Lost:
            return self._apart.ask(name, *arguments, seconds_max=SECONDS_MAX + _LATE_SECONDS)


def rehearse_apart(
    parts: Parts,
    playbook: Playbook,
    against: Playbook | None,
    *,
    since: Instant,
    until: Instant,
    journey: str | None,
    progress: Callable[[int, int], None],
    stop: Callable[[], bool],
) -> Report | Comparison:
    """A backtest in a process of its own, which ends with it."""
    apart = Apart(command(parts.data, parts.config))
    try:
        found: Report | Comparison = apart.ask(
            "rehearse", playbook, against, since, until, journey, progress=progress, stop=stop
        )
    except Lost:
        if stop():
            raise BacktestStopped("the backtest was stopped before it was done") from None
        raise
    finally:
        apart.close()
    return found


def plan_apart(parts: Parts, files: Mapping[str, str]) -> Plan:
    """A plan made in a process of its own, which ends with it."""
    apart = Apart(command(parts.data, parts.config))
    try:
        found: Plan = apart.ask("plan", dict(files))
    finally:
        apart.close()
    return found


def answers(parts: Parts, past: ConsolePast) -> dict[str, Callable[..., Any]]:
    """What this process can be asked."""
    from .planning import plan
    from .rehearsing import rehearse

    def quiet(asked: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, progress: asked(*arguments)

    def rehearsed(
        playbook: Playbook,
        against: Playbook | None,
        since: Instant,
        until: Instant,
        journey: str | None,
        *,
        progress: Callable[[int, int], None],
    ) -> Report | Comparison:
        return rehearse(
            parts,
            playbook,
            against,
            since=since,
            until=until,
            journey=journey,
            progress=progress,
            stop=lambda: False,  # Whoever wants it stopped ends this process.
        )

    return {
        **{
            name: quiet(getattr(past, name))
            for name in ("count", "seen", "unseen", "course", "overlaps", "shared", "standings", "moves")
        },
        "rehearse": rehearsed,
        "plan": quiet(lambda files: plan(parts, files)),
    }


def main(arguments: list[str]) -> int:
    """Answer until the pipe closes."""
    parser = argparse.ArgumentParser(prog="habitue.wire.questions", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--pipe-fd", type=int, required=True)
    options = parser.parse_args(arguments)
    _go_first_when_memory_is_short()
    parts = create(options.data, options.config)
    logs.configure(parts.settings.log, "questions")
    past = ConsolePast(parts)
    past.warm()
    answer(options.pipe_fd, answers(parts, past), IDLE_SECONDS_MAX)
    # A question under way is for nobody any more, and would hold the end up.
    os._exit(0)


def _go_first_when_memory_is_short() -> None:
    os.nice(NICE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES_MAX, DATA_BYTES_MAX))
    with suppress(OSError):  # Only Linux has it.
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
