"""Performs an effect: the one place where what the core wants done is done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from habitue.model.effect import Effect, Send
from habitue.model.instant import Instant
from habitue.model.rendered import Rendered

from .ports import Channel, Content, Handover, Start


class NoChannel(LookupError):
    """The effect's channel is not set up here: it waits until it is, or until it is too old."""


async def prepare(effect: Effect, content: Content, now: Instant) -> Rendered:
    """Everything that may fail without anybody having noticed anything. Raises RenderFailed."""
    match effect:
        case Send():
            # In a thread: a greedy template must not keep the answers of mail servers waiting.
            return await asyncio.to_thread(content.render, effect, now)


async def perform(effect: Effect, rendered: Rendered, channels: Mapping[str, Channel], start: Start) -> Handover:
    """The step that cannot be taken back, from when `start` is called. Raises NoChannel before anything happens."""
    match effect:
        case Send():
            if effect.channel not in channels:
                raise NoChannel(f'the channel "{effect.channel}" is not set up')
            return await channels[effect.channel].hand_over(effect.id, effect.address, rendered, start)
