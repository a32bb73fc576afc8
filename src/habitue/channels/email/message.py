"""The letter of a delivery, as bytes, with the headers that mailbox providers ask of bulk senders."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b
from typing import NamedTuple

from habitue.model.rendered import RenderedEmail

from . import headers
from .address import recipient, sender
from .parts import alternative

DELIVERY_HEADER = "X-Habitue-Delivery"
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
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
        headers.mailbox("From", wrote.name, wrote.address),
        headers.mailbox("To", "", reads),
        headers.text("Subject", content.subject),
        headers.verbatim("Date", format_datetime(now)),
        headers.verbatim("Message-ID", f"<{message_id(delivery)}@{own}>"),
    ]
    if content.reply_to:
        answers = sender(content.reply_to)
        lines.append(headers.mailbox("Reply-To", answers.name, answers.address))
    if content.unsubscribe_url:
        lines.append(headers.verbatim("List-Unsubscribe", f"<{content.unsubscribe_url}>"))
        lines.append(headers.verbatim("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    if content.list_id:
        lines.append(headers.verbatim("List-ID", f"<{_label(content.list_id)}.{own}>"))
    if content.feedback_id:
        feedback = f"{_label(content.feedback_id)}:{_label(content.list_id)}:email:{_label(own)}"
        lines.append(headers.verbatim("Feedback-ID", feedback))
    lines.append(headers.verbatim(DELIVERY_HEADER, _shown(delivery)))
    return Letter(wrote.address, reads, b"".join(lines) + alternative(content.text, content.html))


def message_id(delivery: str) -> str:
    """The left part of the Message-ID: readable, unique, and the same whenever it is asked."""
    return f"{_label(delivery)[:60]}.{blake2b(delivery.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"


def _shown(delivery: str) -> str:
    return delivery if _VISIBLE.fullmatch(delivery) and "=?" not in delivery else _label(delivery)


def _label(text: str) -> str:
    return _UNFIT.sub("-", text)[:200].strip("-") or "x"
