"""A delivery: one attempt to say a message on one channel, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from .instant import Instant


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    """Wanted by a decision, not handed over yet; or a passing failure will be tried again at `retry_at`."""
    SENDING = "sending"
    """Its first byte that cannot be taken back is going out now. Found after a crash, it becomes `unknown`."""
    ACCEPTED = "accepted"
    """The provider took it (e-mail), or it waits for the customer's next page (on site)."""
    DISPLAYED = "displayed"
    """On site only: the page showed it."""
    FAILED = "failed"
    """It will not be tried again; `reason` says why."""
    EXPIRED = "expired"
    """Its time to live ended before it could be handed over or, on site, before a page showed it."""
    UNKNOWN = "unknown"
    """The process died between handing over and recording. Never sent again by itself."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One effect's passage through the outbox. `id` is the effect's id."""

    id: str
    customer: str
    message: str
    channel: str
    address: str
    state: DeliveryState
    updated_at: Instant
    created_at: Instant
    attempts: int = 0
    retry_at: Instant | None = None
    reason: str | None = None
    detail: str | None = None
    journey: str | None = None
    run: str | None = None
    step: str | None = None
    subject: str | None = None
    content: dict[str, Any] = {}


class Failure(StrEnum):
    """What channels say went wrong. One vocabulary for every provider."""

    PERMANENT_ADDRESS = "permanent_address"
    """The address does not exist or refuses for good: suppress it."""
    PERMANENT_MESSAGE = "permanent_message"
    """This message cannot be delivered (too big, refused content, template fails): fail it alone."""
    PERMANENT_RECIPIENT = "permanent_recipient"
    """The provider will not pass this on to this recipient, by a rule of its own: fail it alone. The address stays
    good; many different recipients in a row are an alarm."""
    PASSING = "passing"
    """Try again later."""
    CONFIGURATION = "configuration"
    """Our own sign-in, sender or set-up is refused: pause the channel and tell the operator; the message waits."""
