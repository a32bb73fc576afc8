"""Deliveries: what became of every message that was to go out."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from starlette.responses import Response

from habitue.console import addresses, wording
from habitue.console.roles import WITH_PEOPLE
from habitue.console.visit import Door, NotThere, Visit
from habitue.model.delivery import DeliveryState
from habitue.model.reached import Reached, reached_of

DELIVERIES_A_PAGE = 40
FILTERS = ("state", "channel", "message", "customer")
PLACES = (
    (DeliveryState.WAITING, ""),
    (DeliveryState.SENDING, ""),
    *((DeliveryState.ACCEPTED, channel) for channel in ("onsite", "email")),
    (DeliveryState.DISPLAYED, ""),
    (DeliveryState.FAILED, ""),
    (DeliveryState.EXPIRED, ""),
    (DeliveryState.UNKNOWN, ""),
)
"""In the order in which a message goes through them."""
ALWAYS = (DeliveryState.WAITING, DeliveryState.ACCEPTED, DeliveryState.DISPLAYED, DeliveryState.FAILED)


class Tile(NamedTuple):
    """So many deliveries are at a stage, and the way to their list, or back from it."""

    stage: Reached
    title: str
    number: int
    href: str
    is_chosen: bool


def list_deliveries(visit: Visit) -> Response:
    chosen = {name: visit.query(name) for name in FILTERS}
    before = visit.query_number("before")
    state = DeliveryState(chosen["state"]) if chosen["state"] in set(DeliveryState) else None
    found = visit.services.deliveries.list(
        customers=[chosen["customer"]] if chosen["customer"] else None,
        state=state,
        channel=chosen["channel"] or None,
        message=chosen["message"] or None,
        limit=DELIVERIES_A_PAGE + 1,
        before=before,
    )
    shown = found[:DELIVERIES_A_PAGE]
    return visit.page(
        "deliveries/rows.html" if visit.is_fragment else "deliveries/list.html",
        place="deliveries",
        chosen=chosen,
        is_filtered=any(chosen.values()),
        tiles=_tiles(visit, chosen),
        rows=[(delivery, visit.name(delivery.customer)) for _, delivery in shown],
        channels=list(wording.CHANNEL_TITLES.items()),
        messages=[(name, message.title) for name, message in visit.book.messages.items()],
        older=addresses.to("deliveries", **chosen, before=shown[-1][0]) if len(found) > DELIVERIES_A_PAGE else None,
        newest=addresses.to("deliveries", **chosen) if before is not None else None,
    )


def _tiles(visit: Visit, chosen: dict[str, str]) -> list[Tile]:
    """A number for each state; what was handed over is sent by email, and on the site still queued."""
    sums: Counter[tuple[DeliveryState, str]] = Counter()
    for (channel, name), count in visit.services.deliveries.counts().items():
        state = DeliveryState(name)
        if not chosen["channel"] or channel == chosen["channel"]:
            sums[state, channel if state is DeliveryState.ACCEPTED else ""] += count
    return [
        _tile(chosen, state, channel, sums[state, channel])
        for state, channel in PLACES
        if sums[state, channel] or state in ALWAYS
    ]


def _tile(chosen: dict[str, str], state: DeliveryState, channel: str, count: int) -> Tile:
    stage = reached_of(channel, state)
    is_chosen = chosen["state"] == state and (not channel or chosen["channel"] == channel)
    asked = {"state": "", "channel": ""} if is_chosen and channel else {"state": "" if is_chosen else state.value}
    if channel and not is_chosen:
        asked["channel"] = channel
    title = "Queued for a page" if channel == "onsite" else wording.titled(stage.value)
    return Tile(stage, title, count, addresses.to("deliveries", **{**chosen, **asked}), is_chosen)


def show_delivery(visit: Visit) -> Response:
    identity = visit.part("delivery")
    delivery = visit.services.deliveries.get(identity)
    if delivery is None:
        raise NotThere(
            f"There is no delivery {identity}. It is made a moment after the decision to send; reload the page."
        )
    return visit.page(
        "deliveries/delivery.html",
        place="deliveries",
        delivery=delivery,
        name=visit.name(delivery.customer),
        effect=visit.services.deliveries.effect(identity),
    )


DOORS = (Door("/deliveries", list_deliveries, WITH_PEOPLE), Door("/deliveries/{delivery}", show_delivery, WITH_PEOPLE))
