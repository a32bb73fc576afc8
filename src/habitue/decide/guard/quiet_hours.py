"""Quiet hours: do not disturb a customer at night, in the customer's own time."""

from __future__ import annotations

from habitue.decide.local_time import local, next_time_of_day, zone
from habitue.model.instant import Instant
from habitue.model.message import Message
from habitue.model.reason import Reason
from habitue.playbook.playbook import Playbook, QuietHours

from .verdict import Defer, Question, Verdict


def check(question: Question) -> Verdict:
    """Defer a message that would arrive in quiet hours to the minute they end."""
    timezone = question.customer.timezone
    until = quiet_until(question.playbook, question.message, question.channel, timezone, question.now)
    if until is None:
        return None
    where = zone(timezone, question.playbook.shop.timezone)
    return Defer(until, Reason.QUIET_HOURS, {"zone": where.key})


def quiet_until(playbook: Playbook, message: Message, channel: str, timezone: str, now: Instant) -> Instant | None:
    """When the quiet hours end in which the message would arrive now; None outside of them."""
    quiet = playbook.guard.quiet_hours
    if quiet is None or channel not in quiet.channels or message.kind == "transactional":
        return None
    where = zone(timezone, playbook.shop.timezone)
    moment = local(now, where)
    if not _covers(quiet, moment.hour * 60 + moment.minute):
        return None
    return next_time_of_day(now, quiet.end, where, repeats=True)


def _covers(quiet: QuietHours, minute: int) -> bool:
    if quiet.start <= quiet.end:
        return quiet.start <= minute < quiet.end
    return minute >= quiet.start or minute < quiet.end  # The night runs past midnight.
