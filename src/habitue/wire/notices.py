"""Which alarms wait to be said, and on which ways: looked up by the supervisor, which itself says nothing."""

from __future__ import annotations

from habitue.model.instant import DAY
from habitue.run.telling import Telling, due
from habitue.settings import Settings

from .parts import Parts

WEBHOOK, EMAIL = "webhook", "email"
WITHIN = 2 * DAY
"""Whatever was over longer ago is no news."""


def ways(settings: Settings) -> list[str]:
    """Those that are set up."""
    found = []
    if settings.alarms.webhook and settings.alarms.webhook_secret:
        found.append(WEBHOOK)
    if settings.alarms.email and settings.smtp.host:
        found.append(EMAIL)
    return found


def waiting(parts: Parts) -> list[Telling]:
    """What is to be said now."""
    now = parts.clock.now()
    return due(parts.alarms.since(now - WITHIN), parts.alarms.told(), ways(parts.settings), now)
