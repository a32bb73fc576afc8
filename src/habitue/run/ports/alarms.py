"""Alarms: what an operator must hear of now, raised by whoever sees it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import msgspec

from habitue.model.instant import Instant


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something is wrong, since when, and what to do. `kind` is from a closed list, `subject` what it is about."""

    kind: str
    subject: str
    detail: str
    raised_at: Instant
    cleared_at: Instant | None = None


class Told(NamedTuple):
    """One alarm said, or tried to be said, on one way. `what` is `raised` or `cleared`."""

    alarm: int
    way: str
    what: str
    tries: int
    at: Instant
    done: bool
    answer: str


class Alarms(Protocol):
    """One alarm stands for each kind and subject until it is cleared; raising it again only renews the detail.

    None of this ever raises: who reports trouble must not fall over it.
    """

    def sound(self, kind: str, subject: str, detail: str, now: Instant) -> None: ...

    def clear(self, kind: str, subject: str, now: Instant) -> None: ...

    def standing(self) -> list[Alarm]: ...


class NoAlarms:
    """For tests, backtests and stories: nobody is there to hear them."""

    def sound(self, kind: str, subject: str, detail: str, now: Instant) -> None:
        """Nobody hears it."""

    def clear(self, kind: str, subject: str, now: Instant) -> None:
        """Nothing stands."""

    def standing(self) -> list[Alarm]:
        return []


NO_ALARMS = NoAlarms()
