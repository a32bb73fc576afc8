"""What those see who may see figures and no names: nothing asked of a name, and no group so small that it is somebody.

What holds: a count of fewer than five is not told from none where one asks oneself, names of people and what leads to
them cannot be asked of, and what one counts oneself is told in fives. What does not: whoever asks many overlapping
questions of large groups can still learn something of who is in their difference; that needs a budget of questions,
which there is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from habitue.console.ports import Count, Move, Overlap, Past, Standing, Vocabulary
from habitue.errors import HabitueError
from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.identifying import identifying
from habitue.playbook.playbook import Playbook

FEWEST = 5
FEW = f"fewer than {FEWEST}"


class NotToBeAsked(HabitueError):
    """The question is about who somebody is, and whoever asks may not know."""


def told(size: int) -> int:
    """A count of one's own making: none below five, else the fives in it."""
    return size // FEWEST * FEWEST


def coarse_chart(given: Any) -> Any:
    """The same with no column of one to four people; what is no chart stays as it is."""
    if isinstance(given, dict):
        if "series" in given and given.get("whole") is not False:
            series = [{**one, "data": [_told(value) for value in one["data"]]} for one in given["series"]]
            return {**given, "series": series}
        return {name: coarse_chart(value) for name, value in given.items()}
    return given


def _told(value: Any) -> Any:
    return 0 if isinstance(value, (int, float)) and 0 < value < FEWEST else value


class DiscreetPast:
    """Questions about the past for those who see no names."""

    def __init__(self, past: Past, identifying: Iterable[str] = ()) -> None:
        self._past = past
        self._more = tuple(identifying)

    def count(self, playbook: Playbook, condition: Condition, asker: str) -> Count:
        check(condition, self._more)
        found = self._past.count(playbook, condition, asker)
        return replace(found, members=told(found.members), people=told(found.people), sample=())

    def seen(self, asker: str) -> Vocabulary:
        """Names of events, by the fives. What they said may be of one person."""
        found = self._past.seen(asker)
        return Vocabulary({name: told(times) for name, times in found.events.items() if times >= FEWEST}, {}, {})

    def unseen(self, condition: Condition, asker: str, fewest: int = FEWEST) -> list[str]:
        check(condition, self._more)
        return self._past.unseen(condition, asker, max(fewest, FEWEST))

    def course(self, playbook: Playbook, condition: Condition, days: int, asker: str) -> list[tuple[Instant, int]]:
        check(condition, self._more)
        return [(at, told(size)) for at, size in self._past.course(playbook, condition, days, asker)]

    def overlaps(self, playbook: Playbook, condition: Condition, asker: str) -> list[Overlap]:
        check(condition, self._more)
        found = self._past.overlaps(playbook, condition, asker)
        return [Overlap(one.segment, told(one.both), told(one.size)) for one in found if one.both >= FEWEST]

    def shared(self, playbook: Playbook, asker: str) -> list[tuple[str, str, int]]:
        return [(one, other, told(both)) for one, other, both in self._past.shared(playbook, asker)]

    def standings(self, playbook: Playbook, asker: str) -> list[Standing]:
        return self._past.standings(playbook, asker)  # Summed up before it is shown, and small sums are not.

    def moves(self, playbook: Playbook, days: int, asker: str) -> list[Move]:
        return self._past.moves(playbook, days, asker)


def check(condition: Condition, more: Iterable[str] = ()) -> None:
    """Raises NotToBeAsked. A segment's own condition counts only as its name: who made it may know."""
    found = identifying(condition.tree, more)
    if found:
        raise NotToBeAsked(
            f"{', '.join(found)}: whoever sees figures without names cannot ask for what tells who somebody is. "
            "A marketer can make a segment of it, which can be asked for by its name."
        )
