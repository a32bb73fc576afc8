"""A passage: that a message was handed over to an address, kept without the address."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from .instant import Instant


class Passage(NamedTuple):
    """`mark` is a keyed hash of channel and address, `thing` one of what the message was about; without, it is empty.

    `at` is when the decision fell, `handed_at` when it went through the door.
    """

    delivery: str
    customer: str
    mark: bytes
    at: Instant
    handed_at: Instant
    message: str
    thing: bytes
    marketing: bool
    proven: bool


class AddressLimit(StrEnum):
    """Why a message does not go to an address now, whoever it is for. A closed list, see docs/deliveries.md."""

    CAP = "address_cap"
    GAP = "address_gap"
    DUPLICATE = "address_duplicate"


class Stopped(NamedTuple):
    """`again_at`: when to ask again; None: it does not go at all."""

    why: AddressLimit
    detail: str
    again_at: Instant | None = None
