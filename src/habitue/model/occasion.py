"""An occasion: which delivery of which message a link, an open or a refusal speaks of."""

from __future__ import annotations

import msgspec

from .delivery import Delivery
from .effect import Send


class Occasion(msgspec.Struct, frozen=True, array_like=True):
    """Carried, signed, in every link; written into every receipt. `customer` is the id she had when it was sent."""

    delivery: str
    customer: str
    message: str
    channel: str
    journey: str = ""
    run: str = ""
    step: str = ""
    topic: str = ""


def of_send(send: Send) -> Occasion:
    return Occasion(send.id, send.customer, send.message, send.channel, send.journey, send.run, send.step, send.topic)


def of_delivery(delivery: Delivery) -> Occasion:
    return Occasion(
        delivery.id,
        delivery.customer,
        delivery.message,
        delivery.channel,
        delivery.journey or "",
        delivery.run or "",
        delivery.step or "",
    )
