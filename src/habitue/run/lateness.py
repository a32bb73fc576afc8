"""Quiet hours once more, at the door: a message decided by day must not arrive at night because the system rested.

The guard asked when the decision fell. Between that and the handing over lie a stop of the system, a mail server that
was away, a channel at rest; then the night may have come where she lives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from habitue.decide.guard.quiet_hours import quiet_until
from habitue.model.effect import Effect
from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook

Courtesy: TypeAlias = Callable[[Effect, Instant], Instant | None]
"""Until when an effect had better wait, if it would be handed over now; None: it may go."""


def courtesy(playbooks: Callable[[int], Playbook | None]) -> Courtesy:
    """By the quiet hours of the version that the effect was decided with."""

    def wait_until(effect: Effect, now: Instant) -> Instant | None:
        playbook = playbooks(effect.version)
        message = playbook.messages.get(effect.message) if playbook is not None else None
        if playbook is None or message is None:
            return None  # Rendering it will fail, and say why.
        timezone = effect.data.get("customer", {}).get("timezone", "")
        return quiet_until(playbook, message, effect.channel, timezone, now)

    return wait_until
