"""Deliveries: what became of every message that was to go out."""

from __future__ import annotations

from starlette.responses import Response

from habitue.console import addresses, wording
from habitue.console.roles import WITH_PEOPLE
from habitue.console.visit import Door, NotThere, Visit
from habitue.model.delivery import DeliveryState

DELIVERIES_A_PAGE = 40
FILTERS = ("state", "channel", "message", "customer")


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
    counts: dict[DeliveryState, int] = dict.fromkeys(DeliveryState, 0)
    for (channel, name), count in visit.services.deliveries.counts().items():
        if not chosen["channel"] or channel == chosen["channel"]:
            counts[DeliveryState(name)] += count
    return visit.page(
        "deliveries/rows.html" if visit.is_fragment else "deliveries/list.html",
        place="deliveries",
        chosen=chosen,
        is_filtered=any(chosen.values()),
        state=state,
        counts=[
            (one, count, addresses.to("deliveries", **{**chosen, "state": "" if one is state else one.value}))
            for one, count in counts.items()
            if count or one in (DeliveryState.WAITING, DeliveryState.ACCEPTED, DeliveryState.FAILED)
        ],
        rows=[(delivery, visit.name(delivery.customer)) for _, delivery in shown],
        channels=list(wording.CHANNEL_TITLES.items()),
        messages=[(name, message.title) for name, message in visit.book.messages.items()],
        older=addresses.to("deliveries", **chosen, before=shown[-1][0]) if len(found) > DELIVERIES_A_PAGE else None,
        newest=addresses.to("deliveries", **chosen) if before is not None else None,
    )


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
