"""Alarms: what stands that somebody should have heard of."""

from __future__ import annotations

from collections.abc import Iterator

from habitue.model.alarm import kind_of
from habitue.model.instant import to_iso
from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    settings = parts.settings.alarms
    if settings.webhook and not settings.webhook_secret:
        yield Finding("bad", "alarms", "alarms.webhook is set without alarms.webhook_secret, so nothing is posted")
    if settings.email and not parts.settings.smtp.host:
        yield Finding("bad", "alarms", "alarms.email is set without smtp.host, so nothing is written")
    for one in parts.alarms.told():
        if not one.done:
            yield Finding("note", "alarms", f"alarm {one.alarm} could not be said by {one.way}: {one.answer}")
    standing = parts.alarms.standing()
    if not standing:
        yield Finding("ok", "alarms", "none stands")
    for alarm in standing:
        kind = kind_of(alarm.kind)
        text = f"{kind.title} {alarm.subject}: {alarm.detail} (since {to_iso(alarm.raised_at)}). {kind.advice}"
        yield Finding("bad", alarm.kind, text)
