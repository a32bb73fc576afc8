"""What can be wrong with a feed, and with one item of it."""

from __future__ import annotations

from habitue.errors import HabitueError


class FeedUnreadable(HabitueError):
    """A feed is of no form we know, breaks off, or is larger than it may be."""


class ItemUnreadable(HabitueError):
    """One item of a feed lacks what it must have; the others are read all the same. `id` is empty where it has none."""

    def __init__(self, said: str, id: str = "") -> None:
        super().__init__(said)
        self.id = id
