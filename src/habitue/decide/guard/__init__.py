"""May we, and on which channel: passes in order, each with reasons of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

# First: conditions ask the guard's `reachable`, which needs the profile, which needs conditions. Whoever began with the
# guard found it half made.
import habitue.decide.conditions  # noqa: F401
from habitue.model.customer import Customer
from habitue.model.instant import Instant
from habitue.model.message import Message
from habitue.model.reason import Reason
from habitue.playbook.playbook import Playbook

from . import caps, duplicate, gap, quiet_hours
from .reach import address_of
from .reachable import WHETHER_AT_ALL
from .verdict import Defer, Drop, Question, Verdict

PASSES: tuple[Callable[[Question], Verdict], ...] = (
    *WHETHER_AT_ALL,
    duplicate.check,
    caps.check,
    gap.check,
    quiet_hours.check,
)
"""Drops come before deferrals, so that nothing waits for what would be refused anyway."""

__all__ = ["PASSES", "Allow", "Defer", "Drop", "Refused", "may_say"]


class Allow(NamedTuple):
    """The channel and the address it may be said on, and what was against the channels tried before it."""

    channel: str
    address: str
    passed_over: dict[str, str]


class Refused(NamedTuple):
    """Not now, or not at all, and the channel that this is about."""

    verdict: Defer | Drop
    channel: str


def may_say(
    playbook: Playbook,
    customer: Customer,
    message: Message,
    channels: tuple[str, ...],
    about: str,
    now: Instant,
    asked_at: Instant,
) -> Allow | Refused:
    """The first channel that is allowed; else the earliest deferral; else the first channel's refusal.

    Whatever waits longer than the message's time to live is
    dropped as expired, and as soon as that is known.
    """
    expires_at = asked_at + message.ttl
    if now >= expires_at:
        return Refused(Drop(Reason.EXPIRED, {"asked_at": asked_at, "ttl": message.ttl}), channels[0])
    against: dict[str, Defer | Drop] = {}
    for channel in channels:
        question = Question(customer, message, channel, address_of(customer, channel), about, now, asked_at, playbook)
        verdict = _ask(question)
        if verdict is None:
            return Allow(channel, question.address, {name: said.because.value for name, said in against.items()})
        against[channel] = verdict
    deferrals = [(said.until, name, said) for name, said in against.items() if isinstance(said, Defer)]
    if deferrals:
        until, name, deferral = min(deferrals, key=lambda item: item[0])
        if until >= expires_at:
            detail = {"because": deferral.because.value, "until": until, "ttl": message.ttl}
            return Refused(Drop(Reason.EXPIRED, detail), name)
        return Refused(deferral, name)
    first = channels[0]
    refusal = against[first]
    if len(against) > 1:
        others = {name: said.because.value for name, said in against.items() if name != first}
        refusal = refusal._replace(detail={**refusal.detail, "also": others})
    return Refused(refusal, first)


def _ask(question: Question) -> Verdict:
    for check in PASSES:
        verdict = check(question)
        if verdict is not None:
            return verdict
    return None
