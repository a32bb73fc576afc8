"""Quiet hours: do not disturb a customer at night, in the customer's own time."""

from __future__ import annotations

from habitue.decide.local_time import local, next_time_of_day, zone
from habitue.model.reason import Reason
from habitue.playbook.playbook import QuietHours

from .verdict import Defer, Question, Verdict


def check(question: Question) -> Verdict:
    """Defer a message that would arrive in quiet hours to the minute they end."""
    quiet = question.playbook.guard.quiet_hours
    if quiet is None or question.channel not in quiet.channels or not question.is_marketing:
        return None
    where = zone(question.customer.timezone, question.playbook.shop.timezone)
    moment = local(question.now, where)
    if not _covers(quiet, moment.hour * 60 + moment.minute):
        return None
    return Defer(next_time_of_day(question.now, quiet.end, where), Reason.QUIET_HOURS, {"zone": where.key})


def _covers(quiet: QuietHours, minute: int) -> bool:
    if quiet.start <= quiet.end:
        return quiet.start <= minute < quiet.end
    return minute >= quiet.start or minute < quiet.end  # The night runs past midnight.
