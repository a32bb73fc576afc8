"""A decision: one line of the ledger, about one customer, with its reason."""

from __future__ import annotations

from typing import Any

import msgspec

from .instant import Instant
from .reason import Outcome, Reason


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was decided, why, and about what. `id` is derived from (customer, what was absorbed, ordinal)."""

    id: str
    customer: str
    at: Instant
    outcome: Outcome
    reason: Reason
    journey: str | None = None
    run: str | None = None
    step: str | None = None
    message: str | None = None
    channel: str | None = None
    segment: str | None = None
    detail: dict[str, Any] = {}
