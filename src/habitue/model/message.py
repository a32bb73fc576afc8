"""A message: what is to be said, on which channels, as the marketer wrote it."""

from __future__ import annotations

from typing import Literal

import msgspec

from .instant import DAY, Span

Kind = Literal["offer", "news", "transactional"]
ChannelName = Literal["email", "onsite"]
CHANNELS: tuple[ChannelName, ...] = ("email", "onsite")


class EmailContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An e-mail. Every field is a Liquid template; `mjml` may hold Liquid output and, inside mj-raw, Liquid tags."""

    subject: str
    mjml: str
    preheader: str = ""
    text: str | None = None
    sender: str | None = msgspec.field(default=None, name="from")
    reply_to: str | None = None


class OnsiteContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece shown on the shop's page. Every text field is a Liquid template."""

    type: Literal["banner", "popup"]
    title: str
    body: str = ""
    button: str = ""
    url: str = ""
    image: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`about` is a path such as `event.product_id`: the thing that makes two of the same message duplicates."""

    name: str
    title: str
    topic: str
    kind: Kind = "offer"
    ttl: Span = DAY
    about: str | None = None
    duplicate_within: Span = DAY
    email: EmailContent | None = None
    onsite: OnsiteContent | None = None

    @property
    def channels(self) -> tuple[ChannelName, ...]:
        """The channels it is written for, in the order they are tried."""
        return tuple(name for name in CHANNELS if getattr(self, name) is not None)
