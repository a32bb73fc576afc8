"""What the decide loop says when it forgets somebody, kept for those who have the rest to do."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from habitue.run.erasing import Forgotten
from habitue.store.sqlite.privacy import Erasure, PrivacyFile

STATE = "state"

encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Forgotten).decode


def mark_of(secret: bytes, customer: str) -> str:
    """What a receipt knows her by: nobody without the secret can tell whom it stands for."""
    return blake2b(customer.encode(), key=secret[:64], digest_size=16).hexdigest()


def note_forgotten(privacy: PrivacyFile, secret: bytes, forgotten: Forgotten) -> None:
    """Durably, before the state forgets: after that nobody could tell who she was."""
    if not forgotten.customers or not forgotten.erasure:
        return
    one = forgotten.customers[0]
    privacy.keep_others(forgotten.others)
    privacy.note_forgotten(
        forgotten.erasure, mark_of(secret, one), forgotten.position, forgotten.at, one, encode(forgotten)
    )
    privacy.destroy(forgotten.erasure, STATE, forgotten.places, forgotten.at)


def forgotten_of(erasure: Erasure) -> Forgotten | None:
    """Whom the decide loop forgot; None while it has not come to her."""
    return None if erasure.whose is None else _decode(erasure.whose)
