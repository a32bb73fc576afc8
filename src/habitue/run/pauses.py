"""Channels at rest: a channel whose set-up is refused is left alone and tried again, ever more rarely."""

from __future__ import annotations

from dataclasses import dataclass

from habitue.model.instant import HOUR, SECOND, Instant, Span

FIRST_PAUSE: Span = 30 * SECOND
PAUSE_MAX: Span = HOUR


@dataclass(frozen=True, slots=True)
class Pause:
    """`length` doubles with each failed probe; `why` is what the provider said."""

    until: Instant
    length: Span
    why: str


class Pauses:
    """Which channels rest, until when. Forgotten at a restart: the first message is then the probe."""

    def __init__(self) -> None:
        self._pauses: dict[str, Pause] = {}
        self._probing: set[str] = set()

    def admit(self, channel: str, now: Instant) -> Instant | None:
        """None: go ahead. Otherwise when to come back. After a pause one message alone is let through, as a probe."""
        pause = self._pauses.get(channel)
        if pause is None:
            return None
        if now < pause.until:
            return pause.until
        if channel in self._probing:
            return now + FIRST_PAUSE
        self._probing.add(channel)
        return None

    def refused(self, channel: str, why: str, now: Instant) -> Pause:
        known = self._pauses.get(channel)
        probed = channel in self._probing
        self._probing.discard(channel)
        if known is not None and not probed and now < known.until:
            return known  # Several were under way when the first was refused: that is one refusal.
        length = min(known.length * 2, PAUSE_MAX) if known else FIRST_PAUSE
        self._pauses[channel] = Pause(now + length, length, why)
        return self._pauses[channel]

    def answered(self, channel: str) -> bool:
        """The channel works, whatever became of the message. True if it was at rest until now."""
        self._probing.discard(channel)
        return self._pauses.pop(channel, None) is not None

    def unanswered(self, channel: str) -> None:
        """The probe came to nothing: the next message may try."""
        self._probing.discard(channel)

    def all(self) -> dict[str, Pause]:
        return dict(self._pauses)
