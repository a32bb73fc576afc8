"""Effects: what `step` wants done in the world, as data. Performing one twice is recognisable by its id."""

from __future__ import annotations

from typing import Any

import msgspec

from .instant import Instant


class Send(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Say a message to one customer on one channel.

    `data` is everything the template may speak of, as it was when the decision fell: `customer`, `event`, `run`, and
    what is kept of her, such as `cart` and `visit`. `address` is an e-mail address, or the customer's id on site.
    """

    id: str
    customer: str
    at: Instant
    expires_at: Instant
    journey: str
    run: str
    step: str
    version: int
    message: str
    channel: str
    address: str
    topic: str
    about: str = ""
    """The thing it is about, as duplicates are told by; empty where it is about nothing in particular."""
    proven: bool = True
    """Whether anybody had proved the address when the decision fell."""
    data: dict[str, Any] = {}


Effect = Send
"""The closed union of effects; a new kind of effect is added here and in `run/perform.py`."""
