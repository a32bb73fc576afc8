"""Cursors: where a list goes on, in a form that programs cannot read and need not.

A cursor names a place between two entries, never a count of entries: what is added or taken out elsewhere moves
nothing. It is signed together with the list and the filters it belongs to, so that it cannot be used for another.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, TypeVar

import msgspec

from .problems import ApiError, Kind

T = TypeVar("T")

_SIGNATURE_BYTES = 9


def written(place: Any, about: str, secret: bytes) -> str:
    """The cursor of a place; `about` is the list with its filters."""
    body = msgspec.msgpack.encode(place)
    return urlsafe_b64encode(_signature(body, about, secret) + body).decode().rstrip("=")


def read(cursor: str, kind: type[T], about: str, secret: bytes) -> T:
    """The place a cursor names. Raises ApiError for a cursor that was not given for this list with these filters."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if compare_digest(signature, _signature(body, about, secret)):
            return msgspec.msgpack.decode(body, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        pass
    raise ApiError(
        Kind.INVALID_CURSOR, f'the cursor "{cursor[:60]}" was not given for this list with these filters; {_ADVICE}'
    )


_ADVICE = "use it as it was given, or leave it out to start at the beginning"


def _signature(body: bytes, about: str, secret: bytes) -> bytes:
    key = blake2b(secret, digest_size=32, person=b"habitue cursor").digest()
    text = about.encode("utf-8", "replace")
    return blake2b(len(text).to_bytes(4, "big") + text + body, key=key, digest_size=_SIGNATURE_BYTES).digest()
