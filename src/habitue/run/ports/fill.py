"""What was counted beforehand, so that a new condition need not have everybody's history read in the decide loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from habitue.model.instant import Instant


class Fill(Protocol):
    """Counters of every customer as the records up to `position` leave them. Whoever has none kept nothing."""

    @property
    def position(self) -> int: ...

    @property
    def began(self) -> Instant:
        """The instant as of which events were taken to be out of a window already."""
        ...

    @property
    def leaves(self) -> Mapping[int, int]:
        """Leaf id → how many entries were kept for it."""
        ...

    def load(self, customers: Sequence[str]) -> dict[str, dict[int, Any] | None]:
        """By the ids under which they were living when it was counted. None: that could not be told of her."""
        ...


class Fills(Protocol):
    """Fills by name, each made for one new version of the playbook."""

    def open(self, name: str) -> Fill | None:
        """None when there is no such fill (any more): everything is then read from the log."""
        ...

    def forget(self, customers: Sequence[str]) -> None:
        """Erase what any fill holds of these ids."""
        ...

    def drop(self, name: str) -> None: ...


class _NoFills:
    def open(self, name: str) -> Fill | None:
        return None

    def forget(self, customers: Sequence[str]) -> None:
        return None

    def drop(self, name: str) -> None:
        return None


NO_FILLS: Fills = _NoFills()
"""Where nobody counts beforehand."""
