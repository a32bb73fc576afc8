"""The address counts too: what one address gets is counted over all customers who have it, at the outbox's door.

The guard knows one customer. Sixty of them with one address would each be within every rule, and their owner gets
sixty emails. So whatever goes to an address is remembered by a keyed hash of it, and asked before the next.

Two questions. To an address that nobody proved, at most one message an hour and three a day, whoever asks. To any
other, the playbook's caps, gaps and duplicates. What the guard allowed is not refused here for what the same customer
got: only what went to *others* with that address is against it, counted by the time the decisions fell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from habitue.decide.profile.consents import ADDRESSED
from habitue.model.effect import Effect
from habitue.model.instant import DAY, HOUR, Instant, Span
from habitue.model.message import Message
from habitue.model.passage import AddressLimit, Passage, Stopped
from habitue.playbook.playbook import GuardRules, Playbook

from .ports import Judge

UNPROVEN_A_DAY = 3
UNPROVEN_GAP: Span = HOUR

Mark: TypeAlias = Callable[[str, str], bytes]
"""Channel and address → a keyed hash."""


class Passing(NamedTuple):
    """A message that wants to go to an address. What is older than `since` is against nothing."""

    passage: Passage
    judge: Judge
    since: Instant


AddressDoor: TypeAlias = Callable[[Effect, Instant], Passing | None]
"""None: it goes to no address, as on the site."""


def address_door(playbooks: Callable[[int], Playbook | None], mark: Mark) -> AddressDoor:
    """By the rules of the version that the effect was decided with."""

    def passing(effect: Effect, now: Instant) -> Passing | None:
        if effect.channel not in ADDRESSED:
            return None
        playbook = playbooks(effect.version)
        message = playbook.messages.get(effect.message) if playbook is not None else None
        if playbook is None or message is None:
            return None  # Rendering it will fail, and say why.
        passage = Passage(
            delivery=effect.id,
            customer=effect.customer,
            mark=mark(effect.channel, effect.address),
            at=effect.at,
            handed_at=now,
            message=effect.message,
            thing=_hash(effect.about),
            marketing=message.kind != "transactional",
            proven=effect.proven,
        )
        since = min(effect.at, now) - _horizon(playbook)
        if not effect.proven:
            return Passing(passage, partial(unproven, passage), since)
        return Passing(passage, partial(proven, passage, playbook.guard, message, effect.channel), since)

    return passing


def unproven(passage: Passage, known: Sequence[Passage]) -> Stopped | None:
    """At most so many, in the time in which they really went: also of the same customer, and of one message."""
    today = [one for one in known if not one.proven and one.handed_at > passage.handed_at - DAY]
    if len(today) >= UNPROVEN_A_DAY:
        return Stopped(AddressLimit.CAP, f"nobody proved the address, and it got {len(today)} messages within a day")
    lately = [one for one in today if one.handed_at > passage.handed_at - UNPROVEN_GAP]
    if any(one.message == passage.message for one in lately):
        return Stopped(AddressLimit.DUPLICATE, "nobody proved the address, and it got this message within the hour")
    if lately:
        again_at = max(one.handed_at for one in lately) + UNPROVEN_GAP
        return Stopped(AddressLimit.GAP, "nobody proved the address, and it got a message within the hour", again_at)
    return None


def proven(
    passage: Passage, rules: GuardRules, message: Message, channel: str, known: Sequence[Passage]
) -> Stopped | None:
    """The playbook's duplicates, caps and gaps, as far as others with the same address are against it."""
    others = [one for one in known if one.customer != passage.customer]
    if not others:
        return None
    return (
        _duplicate(passage, message, others)
        or (_capped(passage, rules, channel, known) if passage.marketing else None)
        or (_too_soon(passage, rules, channel, others) if passage.marketing else None)
    )


def _duplicate(passage: Passage, message: Message, others: Sequence[Passage]) -> Stopped | None:
    """A transactional message about nothing in particular, such as a greeting, is each customer's own."""
    if not passage.marketing and not passage.thing:
        return None
    for one in others:
        same = one.message == passage.message and one.thing == passage.thing
        if same and abs(passage.at - one.at) < message.duplicate_within:
            return Stopped(AddressLimit.DUPLICATE, "somebody with the same address got the same message")
    return None


def _capped(passage: Passage, rules: GuardRules, channel: str, known: Sequence[Passage]) -> Stopped | None:
    """No window of time that it falls into may hold more than the cap, whichever message ends the window."""
    times = sorted([*(one.at for one in known if one.marketing), passage.at])
    for cap in rules.caps:
        if cap.channel not in (None, channel):
            continue
        for end in times:
            if passage.at <= end < passage.at + cap.within:
                count = sum(1 for at in times if end - cap.within < at <= end)
                if count > cap.limit:
                    return Stopped(AddressLimit.CAP, f"customers with this address got {count - 1} of {cap.limit}")
    return None


def _too_soon(passage: Passage, rules: GuardRules, channel: str, others: Sequence[Passage]) -> Stopped | None:
    spans = [gap.span for gap in rules.gaps if gap.channel in (None, channel)]
    latest = max((one.handed_at for one in others if one.marketing), default=None)
    if not spans or latest is None or latest + max(spans) <= passage.handed_at:
        return None
    return Stopped(AddressLimit.GAP, "somebody with the same address got a message lately", latest + max(spans))


def _horizon(playbook: Playbook) -> Span:
    """How far back any of its rules looks."""
    spans = [*(cap.within for cap in playbook.guard.caps), *(gap.span for gap in playbook.guard.gaps)]
    spans += [message.duplicate_within for message in playbook.messages.values()]
    return max([*spans, DAY])


def _hash(about: str) -> bytes:
    return blake2b(about.encode("utf-8", "replace"), digest_size=10).digest() if about else b""
