"""A backtest that nobody wants any more ends at the next look."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from habitue.errors import HabitueError

Stop: TypeAlias = Callable[[], bool]


class BacktestStopped(HabitueError):
    """It was told to stop before it was done."""


def heed(stop: Stop) -> None:
    """Raises BacktestStopped once `stop` says so."""
    if stop():
        raise BacktestStopped("the backtest was stopped before it was done")
