"""What a pass of the guard answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from habitue.model.customer import Customer
from habitue.model.instant import Instant
from habitue.model.message import Message
from habitue.model.reason import Reason
from habitue.playbook.playbook import Playbook


class Question(NamedTuple):
    """May this message be said to this customer on this channel now? `asked_at`: since when that has been wanted."""

    customer: Customer
    message: Message
    channel: str
    address: str
    about: str
    now: Instant
    asked_at: Instant
    playbook: Playbook

    @property
    def is_marketing(self) -> bool:
        return self.message.kind != "transactional"


class Defer(NamedTuple):
    """Not now: ask again at `until`."""

    until: Instant
    because: Reason
    detail: Mapping[str, Any] = {}


class Drop(NamedTuple):
    """Not at all on this channel."""

    because: Reason
    detail: Mapping[str, Any] = {}


Verdict: TypeAlias = Defer | Drop | None
"""None: this pass has nothing against it."""
