"""Rehearses playbooks over a data directory's own history, for the console."""

from __future__ import annotations

from collections.abc import Callable

from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Comparison, Report, backtest, backtest_both

from .parts import Parts

BACKTESTS_FOLDER = "backtests"


def rehearse(
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
    """The report, or with another playbook, as it was before, the comparison."""
    source = parts.recording()
    if against is None:
        return backtest(source, playbook, since=since, until=until, journey=journey, progress=progress, stop=stop)
    return backtest_both(
        source, against, playbook, since=since, until=until, journey=journey, progress=progress, stop=stop
    )
