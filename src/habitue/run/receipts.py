"""What became of a message, as an event: receipts come back through the log like everything else that happens."""

from __future__ import annotations

from typing import Any

from habitue.model.delivery import Delivery, DeliveryState, Failure
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.occasion import Occasion, of_delivery
from habitue.model.trust import Level

SOURCE = "habitue"

EMAIL_SENT = "Email Sent"
EMAIL_BOUNCED = "Email Bounced"
EMAIL_OPENED = "Email Opened"
EMAIL_LINK_CLICKED = "Email Link Clicked"
EMAIL_OPENED_BY_MACHINE = "Email Opened by Machine"
EMAIL_FOLLOWED_BY_MACHINE = "Email Link Followed by Machine"
"""Names of their own: a plan that speaks of opens and clicks means people's."""
UNSUBSCRIBED = "Unsubscribed"
CONSENT_GRANTED = "Consent Granted"
CONSENT_WITHDRAWN = "Consent Withdrawn"
MESSAGE_DISPLAYED = "Message Displayed"
MESSAGE_CLICKED = "Message Clicked"
MESSAGE_DISMISSED = "Message Dismissed"
MESSAGE_FAILED = "Message Failed"
MESSAGE_EXPIRED = "Message Expired"
MESSAGE_UNKNOWN = "Message Unknown"


def receipt(
    name: str,
    what: str,
    occasion: Occasion,
    at: Instant,
    *,
    customer: str | None = None,
    context: dict[str, Any] | None = None,
    **properties: Any,
) -> Event:
    """An event about a delivery. `what` makes its id: appending the same receipt again changes nothing.

    `customer`: who she is by now, if she was joined into another since the message was sent.
    """
    about = {
        "delivery_id": occasion.delivery,
        "message": occasion.message,
        "channel": occasion.channel,
        "journey": occasion.journey,
        "run": occasion.run,
        "step": occasion.step,
    }
    return Event(
        id=f"{occasion.delivery}:{what}",
        source=SOURCE,
        type="track",
        name=name,
        occurred_at=at,
        properties=about | properties,
        context={**(context or {}), "customer_id": customer or occasion.customer},
        level=Level.CHANNEL,
    )


def receipt_of(delivery: Delivery) -> Event | None:
    """The event that tells the log what became of a delivery; None where nothing has happened yet."""
    occasion, at = of_delivery(delivery), delivery.updated_at
    match delivery.state:
        case DeliveryState.ACCEPTED if delivery.channel == "email":
            subject = delivery.subject or ""
            return receipt(EMAIL_SENT, "sent", occasion, at, email=delivery.address, subject=subject)
        case DeliveryState.DISPLAYED:
            return receipt(MESSAGE_DISPLAYED, "displayed", occasion, at)
        case DeliveryState.FAILED if delivery.channel == "email" and delivery.reason == Failure.PERMANENT_ADDRESS:
            detail = delivery.detail or ""
            return receipt(
                EMAIL_BOUNCED, "bounced", occasion, at, permanent=True, email=delivery.address, detail=detail
            )
        case DeliveryState.FAILED:
            return receipt(MESSAGE_FAILED, "failed", occasion, at, **_why(delivery))
        case DeliveryState.EXPIRED:
            return receipt(MESSAGE_EXPIRED, "expired", occasion, at, **_why(delivery))
        case DeliveryState.UNKNOWN:
            return receipt(MESSAGE_UNKNOWN, "unknown", occasion, at, **_why(delivery))
        case _:
            return None


def _why(delivery: Delivery) -> dict[str, Any]:
    return {"reason": delivery.reason or "", "detail": delivery.detail or ""}
