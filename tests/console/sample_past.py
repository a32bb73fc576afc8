"""The sample's answers about the past: believable numbers of any condition, the same for the same text."""

from __future__ import annotations

from zlib import crc32

from habitue.console.ports import Count, Move, Overlap, Standing, Vocabulary
from habitue.errors import HabitueError
from habitue.model.instant import DAY, Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.lifecycle import STAGES
from habitue.playbook.playbook import Playbook
from habitue.playbook.rfm import codes
from habitue.run.ports import Clock, View

TOO_LONG = 'did("Page Viewed")'
"""The condition that takes too long."""

NEVER = "Nothing Ever Happened"
"""The event that was never seen."""


class SamplePast:
    def __init__(self, view: View, clock: Clock) -> None:
        self._view, self._clock = view, clock

    def count(self, playbook: Playbook, condition: Condition, asker: str) -> Count:
        if condition.text == TOO_LONG:
            raise HabitueError("Counting took longer than 10 seconds. A shorter window reads less.")
        ids = [row.id for row in self._view.people(limit=500)]
        members = self._part(condition, len(ids))
        return Count(
            people=len(ids), members=members, sample=tuple(sorted(ids)[: min(members, 5)]), as_of=self._clock.now()
        )

    def seen(self, asker: str) -> Vocabulary:
        return Vocabulary(
            {"Product Viewed": 5120, "Order Completed": 214, "Gift Wrapped": 12},
            {"Product Viewed": {"category": ["Mugs", "Bags"]}},
            {"country": ["ES", "PT"]},
        )

    def unseen(self, condition: Condition, asker: str, fewest: int = 1) -> list[str]:
        return [f'The event "{name}" was never seen.' for name in sorted(condition.events) if name == NEVER]

    def course(self, playbook: Playbook, condition: Condition, days: int, asker: str) -> list[tuple[Instant, int]]:
        size = self._part(condition, self._view.people_count())
        now = self._clock.now()
        return [(now - (29 - n) * days * DAY // 29, round(size * (0.4 + 0.6 * n / 29))) for n in range(30)]

    def overlaps(self, playbook: Playbook, condition: Condition, asker: str) -> list[Overlap]:
        size = self._part(condition, self._view.people_count())
        return [
            Overlap(name, min(size, there) // 2, there) for name, there in self._view.segment_sizes().items() if there
        ]

    def shared(self, playbook: Playbook, asker: str) -> list[tuple[str, str, int]]:
        sizes = self._view.segment_sizes()
        names = [name for name in playbook.segments if sizes.get(name)]
        return [
            (one, other, min(sizes[one], sizes[other]) // 2)
            for place, one in enumerate(names)
            for other in names[place + 1 :]
        ]

    def standings(self, playbook: Playbook, asker: str) -> list[Standing]:
        """Some 3,000 people, most of whom bought once or not at all."""
        found = [Standing("", "visitor", 1840)]
        for place, code in enumerate(codes()):
            people = 3 + crc32(code.encode()) % 9 * (1 + place // 12)
            found.append(Standing(code, list(STAGES)[1 + place * 5 // 125], people))
        return found

    def moves(self, playbook: Playbook, days: int, asker: str) -> list[Move]:
        standing = self.standings(playbook, asker)
        found = []
        for place, one in enumerate(standing):
            before = standing[(place * 7 + days) % len(standing)] if place % 3 == 0 else one
            found.append(Move(before._replace(people=one.people), one))
        return found

    def _part(self, condition: Condition, people: int) -> int:
        return min(people, 1 + crc32(condition.text.encode()) % 60 * people // 100)
