"""Builds the letter: multipart, with the headers that mailbox providers ask of bulk senders."""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from hashlib import blake2b
from typing import Any

from habitue.model.rendered import RenderedEmail

DELIVERY_HEADER = "X-Habitue-Delivery"
_ENCODED_LINE_CHARACTERS = 75
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


class LetterPolicy(EmailPolicy):
    """Lines of up to 998 characters, and words beyond ASCII encoded in short lines by hand.

    Python's SMTP policy encodes a List-Unsubscribe address longer than a line (`=?utf-8?q?=3Chttps=3A…`), and the
    one-click button of the mail client is gone. With long lines allowed it makes one encoded word of a Turkish subject,
    longer than RFC 2047 allows; and with short ones Python 3.11 loses blanks between its encoded words.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if str(value).isascii():
            return super().fold_binary(name, value)
        if name.lower() == "subject":
            return f"{name}: {_encoded(str(value), len(name) + 2)}\r\n".encode("ascii")
        if name.lower() in ("from", "reply-to") and value.addresses[0].addr_spec.isascii():
            address = value.addresses[0]
            return f"{name}: {_encoded(address.display_name, len(name) + 2)}\r\n <{address.addr_spec}>\r\n".encode(
                "ascii"
            )
        return super().fold_binary(name, value)


def _encoded(text: str, indent: int) -> str:
    return Header(text, "utf-8", maxlinelen=_ENCODED_LINE_CHARACTERS - indent).encode(linesep="\r\n")


POLICY = LetterPolicy(linesep="\r\n", max_line_length=998)


class BadSender(ValueError):
    """The playbook's sender is not an e-mail address."""


class BadRecipient(ValueError):
    """The customer's address cannot be written to."""


def build(delivery: str, address: str, content: RenderedEmail, now: datetime, domain: str = "") -> EmailMessage:
    """The letter of a delivery. The same delivery always gets the same Message-ID, on `domain` or the sender's own.

    Raises BadSender or BadRecipient.
    """
    sender = _sender(content.sender)
    own = domain or sender.domain
    letter = EmailMessage(policy=SMTP)
    # Quoted-printable passes every server, 8-bit or not; written under the policy with the short lines it demands.
    letter.set_content(content.text, cte="quoted-printable")
    letter.add_alternative(content.html, subtype="html", cte="quoted-printable")
    letter.policy = POLICY
    letter["From"] = sender
    letter["To"] = recipient(address)
    letter["Subject"] = content.subject
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = f"<{message_id(delivery)}@{own}>"
    if content.reply_to:
        letter["Reply-To"] = _sender(content.reply_to)
    if content.unsubscribe_url:
        letter["List-Unsubscribe"] = f"<{content.unsubscribe_url}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if content.list_id:
        letter["List-ID"] = f"<{_label(content.list_id)}.{own}>"
    if content.feedback_id:
        letter["Feedback-ID"] = f"{_label(content.feedback_id)}:{_label(content.list_id)}:email:{_label(own)}"
    letter[DELIVERY_HEADER] = _label(delivery) if not delivery.isascii() else " ".join(delivery.split())
    return letter


def message_id(delivery: str) -> str:
    """The left part of the Message-ID: readable, unique, and the same whenever it is asked."""
    return f"{_label(delivery)[:60]}.{blake2b(delivery.encode(), digest_size=6).hexdigest()}"


def recipient(address: str) -> Address:
    """The address in the form for the wire: an international domain in ASCII. Raises BadRecipient."""
    local, at, domain = address.strip().rpartition("@")
    try:
        if not (local and at and domain) or re.search(r"[\s<>,;:\"\\]", address.strip()):
            raise ValueError("it is not of the form name@domain")
        return Address(username=local, domain=domain.encode("idna").decode())
    except ValueError as error:  # UnicodeError too
        raise BadRecipient(f'"{address[:100]}" cannot be written to: {error}') from error


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    try:
        if not (local and at and domain):
            raise ValueError("expected a sender like: Gift Shop <hello@shop.example>")
        return Address(display_name=name, username=local, domain=domain.encode("idna").decode())
    except ValueError as error:
        raise BadSender(f'"{text[:100]}" is not a sender: {error}') from error


def _label(text: str) -> str:
    return _UNFIT.sub("-", text).strip("-") or "x"
