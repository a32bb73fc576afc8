"""The consent ledger: every word ever said about consent, kept as its proof. Nothing in it is changed later."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b

import msgspec

from .instant import Instant

ADS = "ads"
"""The purpose of showing her our advertisements elsewhere, for which her data would be shared."""

CATEGORY = "category"
"""Purposes as consent platforms name them: `category:Advertising`."""


class ConsentState(StrEnum):
    """What was said."""

    GRANTED = "granted"
    DENIED = "denied"
    """A no that nobody had to ask for: her browser's, or her consent platform's."""
    PENDING = "pending"
    """She asked for it, and has yet to confirm."""
    WITHDRAWN = "withdrawn"


class ConsentWord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the ledger: who said what about what, when, where, and in reply to which words.

    `customer` is the id she had then. `said_at` is when she said it, `recorded_at` when it came to us. `topic` is
    empty for the whole channel. `text` is exactly what she read; stores keep each text once, under `text_id`.
    """

    id: str
    customer: str
    channel: str
    topic: str = ""
    state: ConsentState
    said_at: Instant
    recorded_at: Instant
    event: str
    """The event's id at its source: where this comes from."""
    origin: str
    """The event's source: which client, or `habitue`."""
    address: str = ""
    source: str = ""
    """Where she said it: `sign-up form`, `preference_page`, `gpc`."""
    method: str = ""
    """How it was made sure of: `double_opt_in`, `signed_link`, `register`."""
    text: str = ""
    text_version: str = ""
    """What the shop calls this text, where it says."""
    locale: str = ""
    ip: str = ""
    agent: str = ""
    actor: str = ""
    """Who noted it, where that was not she herself."""
    token: str = ""
    """Of a double opt-in: the confirmation link's id."""
    requested_at: Instant | None = None
    confirmed_at: Instant | None = None
    is_of_all: bool = False
    """Said of no address by name: `address` is what they had then, and a no is about every other one of theirs too."""

    @property
    def text_id(self) -> str:
        """The text's fingerprint: the same words, the same id. Empty without a text."""
        return text_id(self.text)


def text_id(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=10).hexdigest() if text else ""
