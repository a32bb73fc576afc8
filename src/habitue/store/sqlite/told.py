"""What SQL may read out of a customer's state, where a migration needs what no column holds."""

from __future__ import annotations

import msgspec

from habitue.model.customer import Customer

_decode = msgspec.msgpack.Decoder(Customer).decode


def told_of(state: bytes, name: str) -> str | int | None:
    """One field of a state."""
    told: str | int | None = getattr(_decode(state), name)
    return told
