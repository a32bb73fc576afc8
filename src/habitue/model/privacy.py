"""What is written down of people's rights: receipts of what was destroyed, requests, and who did what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from .instant import Instant


class Destroyed(msgspec.Struct, frozen=True):
    """One line of a receipt: how many of what were destroyed where, and when that was done."""

    place: str
    what: str
    count: int
    at: Instant


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was destroyed where. `mark` is all that is left of her: a keyed hash of her customer id."""

    number: int
    mark: str
    actor: str
    requested_at: Instant
    finished_at: Instant | None
    """None while it is being carried out."""
    destroyed: Sequence[Destroyed]


class OpenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked the shop for, and nobody has answered yet; `customer` is None where nobody known is meant."""

    position: int
    kind: Literal["erasure", "data"]
    received_at: Instant
    source: str
    customer: str | None


class Act(msgspec.Struct, frozen=True):
    """One line of the audit trail."""

    number: int
    at: Instant
    actor: str
    what: str
    subject: str
    detail: str
