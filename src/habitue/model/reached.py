"""How far a message came: the one place for these words. Queued is not sent, and neither is shown.

Email: queued → sent (the mail server took it) → opened, clicked. On the site: queued → shown → clicked. What machines
fetched counts nowhere here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .delivery import DeliveryState


class Reached(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    SHOWN = "shown"
    OPENED = "opened"
    CLICKED = "clicked"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


MEANINGS: Mapping[Reached, str] = {
    Reached.QUEUED: "Let through, and neither sent nor shown yet: it waits to be handed over, or for the next page.",
    Reached.SENDING: "Being handed over right now.",
    Reached.SENT: "The mail server took it.",
    Reached.SHOWN: "The shop's page showed it.",
    Reached.OPENED: "A person opened the email.",
    Reached.CLICKED: "A person clicked in it.",
    Reached.FAILED: "It will not be tried again.",
    Reached.EXPIRED: "It waited longer than it is worth sending or showing.",
    Reached.UNKNOWN: "The process died between handing it over and noting it down. It is never sent again by itself.",
}

WAY: Mapping[str, tuple[Reached, ...]] = {
    "email": (Reached.QUEUED, Reached.SENT, Reached.OPENED, Reached.CLICKED),
    "onsite": (Reached.QUEUED, Reached.SHOWN, Reached.CLICKED),
}
"""Channel → the stages of a message that goes well."""

TOLD_BY: Mapping[str, Reached] = {
    "Email Sent": Reached.SENT,
    "Message Displayed": Reached.SHOWN,
    "Email Opened": Reached.OPENED,
    "Email Link Clicked": Reached.CLICKED,
    "Message Clicked": Reached.CLICKED,
}
"""Receipt → the stage it tells of. Those of machines are not among them."""

_OF_STATE: Mapping[DeliveryState, Reached] = {
    DeliveryState.WAITING: Reached.QUEUED,
    DeliveryState.SENDING: Reached.SENDING,
    DeliveryState.ACCEPTED: Reached.SENT,
    DeliveryState.DISPLAYED: Reached.SHOWN,
    DeliveryState.FAILED: Reached.FAILED,
    DeliveryState.EXPIRED: Reached.EXPIRED,
    DeliveryState.UNKNOWN: Reached.UNKNOWN,
}


def reached_of(channel: str, state: DeliveryState) -> Reached:
    """On the site, what was handed over still waits for a page."""
    if channel == "onsite" and state is DeliveryState.ACCEPTED:
        return Reached.QUEUED
    return _OF_STATE[state]
