"""Signed links: what a click, an open and a wish to hear less speak of, in a token nobody can forge or change.

The target of a click is inside the signature, so that the redirect is no open door for others' addresses. Tokens do not
expire: an unsubscribe link must work for as long as the letter exists. Only the link that confirms a consent does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from habitue.model.instant import Instant
from habitue.model.occasion import Occasion

SECRET_CHARACTERS_MIN = 16

Token = TypeVar("Token", bound=msgspec.Struct)


class Click(msgspec.Struct, frozen=True, array_like=True):
    occasion: Occasion
    url: str


class Confirmation(msgspec.Struct, frozen=True, array_like=True):
    """What she says yes to by following the link and pressing the button. `topic` empty: the whole channel."""

    occasion: Occasion
    channel: str
    topic: str
    expires_at: Instant


class Links:
    """Writes and reads the five kinds of links. The last of `secrets` signs, all are accepted, so they can change."""

    def __init__(self, secrets: str | Sequence[str], base_url: str, *, open_tracking: bool = True) -> None:
        keys = [secrets] if isinstance(secrets, str) else list(secrets)
        if not keys or any(len(key) < SECRET_CHARACTERS_MIN for key in keys):
            raise ValueError(f"a link secret needs at least {SECRET_CHARACTERS_MIN} characters")
        self.base_url = base_url.rstrip("/")
        self.open_tracking = open_tracking
        # A token of one kind must not be good for another: each kind signs with a salt of its own.
        self._clicks = URLSafeSerializer(keys, salt="habitue.click")
        self._opens = URLSafeSerializer(keys, salt="habitue.open")
        self._leaves = URLSafeSerializer(keys, salt="habitue.unsubscribe")
        self._preferences = URLSafeSerializer(keys, salt="habitue.preferences")
        self._confirmations = URLSafeSerializer(keys, salt="habitue.confirm")

    def click(self, occasion: Occasion, url: str) -> str:
        return f"{self.base_url}/c/{_write(self._clicks, Click(occasion, url))}"

    def open(self, occasion: Occasion) -> str:
        return f"{self.base_url}/o/{_write(self._opens, occasion)}.gif"

    def unsubscribe(self, occasion: Occasion) -> str:
        return f"{self.base_url}/u/{_write(self._leaves, occasion)}"

    def preferences(self, occasion: Occasion) -> str:
        return f"{self.base_url}/p/{_write(self._preferences, occasion)}"

    def confirm(self, asked: Confirmation) -> str:
        return f"{self.base_url}/y/{_write(self._confirmations, asked)}"

    def is_our_own(self, url: str) -> bool:
        """A link to unsubscribe, choose or confirm: never tracked. Counting somebody who leaves is an insult."""
        return url.startswith(tuple(f"{self.base_url}/{way}/" for way in "upy"))

    def read_click(self, token: str) -> Click | None:
        return _read(self._clicks, token, Click)

    def read_open(self, token: str) -> Occasion | None:
        return _read(self._opens, token, Occasion)

    def read_unsubscribe(self, token: str) -> Occasion | None:
        return _read(self._leaves, token, Occasion)

    def read_preferences(self, token: str) -> Occasion | None:
        return _read(self._preferences, token, Occasion)

    def read_confirmation(self, token: str) -> Confirmation | None:
        """Whatever its age: who asks compares `expires_at` with the run's clock."""
        return _read(self._confirmations, token, Confirmation)


def _write(serializer: URLSafeSerializer, value: msgspec.Struct) -> str:
    token = serializer.dumps(msgspec.to_builtins(value))
    return token if isinstance(token, str) else token.decode()


def _read(serializer: URLSafeSerializer, token: str, kind: type[Token]) -> Token | None:
    try:
        return msgspec.convert(serializer.loads(token), kind)
    except (BadData, msgspec.ValidationError, ValueError):
        return None
