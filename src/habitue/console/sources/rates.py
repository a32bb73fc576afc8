"""How much each source sent, and how much of it could not be accepted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from habitue.console import sparkline
from habitue.console.figures import to_minute
from habitue.console.visit import Visit
from habitue.model.instant import DAY, MINUTE, Instant
from habitue.model.source import WriteKey

MINUTES = 60
LETTERS_MAX = 1_000
OURS = "habitue"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source, over the last hour and the last day."""

    name: str
    kind: str
    keys: list[WriteKey]
    hour: int
    day: int
    rejected: int
    line: str
    latest_minute: Instant | None


@dataclass(frozen=True, slots=True)
class Rates:
    sources: list[SourceLine]
    is_rejected_cut: bool
    """More was rejected in a day than is counted here."""


def read(visit: Visit) -> Rates:
    """Every source that has a key or sent something in the last day, busiest first."""
    view, end = visit.services.view, to_minute(visit.now) + 1
    minutes: dict[str, Counter[int]] = {}
    for tally in view.tallies("source", end - MINUTES, end):
        minutes.setdefault(tally.name, Counter())[tally.minute] += tally.count
    day: Counter[str] = Counter()
    for tally in view.totals("source", to_minute(visit.now - DAY)):
        day[tally.name] += tally.count
    letters = [one for one in visit.services.log.dead_letters(LETTERS_MAX) if one.received_at >= visit.now - DAY]
    rejected = Counter(letter.source for letter in letters)
    keys: dict[str, list[WriteKey]] = {}
    for key in visit.services.keys.all():
        keys.setdefault(key.source, []).append(key)
    names = {*keys, *day, *rejected, *minutes} - {OURS, ""}
    lines = [_line(name, keys.get(name, []), minutes.get(name, Counter()), day, rejected, end) for name in names]
    lines.sort(key=lambda line: (-line.day, line.name))
    return Rates(lines, len(letters) == LETTERS_MAX)


def _line(
    name: str, keys: list[WriteKey], minutes: Counter[int], day: Counter[str], rejected: Counter[str], end: int
) -> SourceLine:
    course = [minutes[minute] for minute in range(end - MINUTES, end)]
    return SourceLine(
        name=name,
        kind=keys[-1].kind if keys else "",
        keys=sorted(keys, key=lambda key: (key.revoked_at is not None, key.created_at)),
        hour=sum(course),
        day=day[name],
        rejected=rejected[name],
        line=sparkline.points(course) if any(course) else "",
        latest_minute=max(minutes, default=0) * MINUTE or None,
    )
