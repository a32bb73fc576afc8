"""Secrets at rest: closed with a key that is derived from the data directory's own secret, and is kept nowhere."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from habitue.errors import HabitueError

_PURPOSE = b"habitue: secrets of sources"


class SealBroken(HabitueError):
    """What was closed cannot be opened again."""


class Seal:
    """Fernet (AES-128-CBC with HMAC-SHA256); its key is the HKDF-SHA256 of `secret`, for this purpose alone.

    The secret is asked for when something is first closed or opened: most commands never do.
    """

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret
        self._made: Fernet | None = None

    def close(self, text: str) -> bytes:
        return self._fernet().encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises SealBroken when it was closed under another secret, or damaged."""
        try:
            return self._fernet().decrypt(sealed).decode()
        except InvalidToken:
            raise SealBroken(
                "was encrypted with another data directory's secret, or is damaged; put the file `secret` that belongs "
                "to it back, or enter the webhooks' secret anew with `habitue key rotate`"
            ) from None

    def _fernet(self) -> Fernet:
        if self._made is None:
            derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(self._secret())
            self._made = Fernet(urlsafe_b64encode(derived))
        return self._made
