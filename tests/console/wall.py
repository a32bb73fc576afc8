"""The time of day as sign-in goes by it, moved by hand."""

from __future__ import annotations


class Wall:
    """A wall clock that stands until moved."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now
