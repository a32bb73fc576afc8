"""The letter of a delivery, as bytes, with the headers that mailbox providers ask of bulk senders."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from habitue.model.rendered import RenderedEmail

from . import headers
from .address import recipient, sender
from .parts import alternative

DELIVERY_HEADER = "X-Habitue-Delivery"
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_ONE_CLICK = headers.verbatim("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
_VISIBLE = re.compile(r"[!-~]{1,200}")


class Letter(NamedTuple):
    """What an SMTP session carries: the two addresses of the envelope, and the bytes, lines ended by CRLF."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def is_international(self) -> bool:
        """An address goes beyond ASCII: only a server that knows SMTPUTF8 can take it."""
        return not (self.sender.isascii() and self.recipient.isascii())


def build(delivery: str, address: str, content: RenderedEmail, now: datetime, domain: str = "") -> Letter:
    """The letter of a delivery. The same delivery always gets the same Message-ID, on `domain` or the sender's own.

    Raises BadSender, BadRecipient or BadHeader.
    """
    wrote, reads = sender(content.sender), recipient(address)
    own = domain or wrote.domain
    lines = [
        _same_for_all(content.sender, content.reply_to, content.list_id, content.feedback_id, own),
        headers.mailbox("To", "", reads),
        headers.text("Subject", content.subject),
        headers.verbatim("Date", format_datetime(now)),
        headers.verbatim("Message-ID", f"<{message_id(delivery)}@{own}>"),
    ]
    if content.unsubscribe_url:
        lines.append(headers.verbatim("List-Unsubscribe", f"<{content.unsubscribe_url}>"))
        lines.append(_ONE_CLICK)
    lines.append(headers.verbatim(DELIVERY_HEADER, _shown(delivery)))
    return Letter(wrote.address, reads, b"".join(lines) + alternative(content.text, content.html))


@lru_cache(maxsize=256)
def _same_for_all(wrote: str, answers_to: str, topic: str, message: str, own: str) -> bytes:
    """Headers that hardly change from one letter of a message to the next."""
    name, address, _ = sender(wrote)
    lines = [headers.mailbox("From", name, address)]
    if answers_to:
        answers = sender(answers_to)
        lines.append(headers.mailbox("Reply-To", answers.name, answers.address))
    if topic:
        lines.append(headers.verbatim("List-ID", f"<{_label(topic)}.{own}>"))
    if message:
        lines.append(headers.verbatim("Feedback-ID", f"{_label(message)}:{_label(topic)}:email:{_label(own)}"))
    return b"".join(lines)


def message_id(delivery: str) -> str:
    """The left part of the Message-ID: readable, unique, and the same whenever it is asked."""
    return f"{_label(delivery)[:60]}.{blake2b(delivery.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"


def _shown(delivery: str) -> str:
    return delivery if _VISIBLE.fullmatch(delivery) and "=?" not in delivery else _label(delivery)


def _label(text: str) -> str:
    return _UNFIT.sub("-", text)[:200].strip("-") or "x"
