"""What a template became for one person: ready to be handed to a channel."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class RenderedEmail(msgspec.Struct, frozen=True, kw_only=True):
    """`sender` may be `Name <address>`; `unsubscribe_url` is None where no way out is owed (an order confirmation).

    `list_id` names the topic, `feedback_id` the message: mailbox providers sort complaints by them.
    """

    subject: str
    html: str
    text: str
    sender: str
    reply_to: str = ""
    unsubscribe_url: str | None = None
    list_id: str = ""
    feedback_id: str = ""


class RenderedOnsite(msgspec.Struct, frozen=True, kw_only=True):
    """A banner or pop-up. Every field is plain text; `url` and `image` are http(s) or relative to the shop."""

    type: str
    title: str
    body: str = ""
    button: str = ""
    url: str = ""
    image: str = ""


Rendered: TypeAlias = RenderedEmail | RenderedOnsite
