"""Random histories for backtests: people who share devices and addresses, in a shop that asks for everything."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from tests.decide.test_replayed import IDENTIFIERS
from tests.decide.world import NOON, NOTE, PLAYBOOK

from habitue.model.event import IDENTIFIED, Event, Record
from habitue.model.identifier import IDENTIFIERS as IDENTIFIER_KINDS
from habitue.model.identifier import USER
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.model.trust import Level
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook

GUARD = """
guard:
  caps: [{channel: email, limit: 2, within: 1d}]
  minimum_gap: [{span: 20m}]
  quiet_hours: {start: "22:00", end: "08:00"}
"""
FILES = {
    "playbook.yaml": PLAYBOOK + GUARD,
    "messages/note.yaml": NOTE,
    "messages/bar.yaml": "message: bar\ntitle: Bar\ntopic: offers\nduplicate_within: 1s\n"
    "onsite: {type: banner, title: Hello}",
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="7d") >= 2'}
filled: {title: Filled, condition: not cart.is_empty}
asleep: {title: Asleep, condition: 'not did("Page Viewed", within="2d")'}
marked: {title: Marked, condition: trait.marked == True}
buyers: {title: Buyers, condition: orders.count >= 1}
reached: {title: Reached, condition: reachable("email")}
seen: {title: Seen, condition: reachable("onsite")}
today: {title: Today, condition: 'count("Page Viewed", within="today") >= 2'}
feast: {title: Feast, condition: 'occasion("fathers_day", within="23d")'}
led: {title: Led, condition: 'sequence("Product Viewed", "Product Added", within="1d", without="Page Viewed")'}
""",
    "journeys/basket.yaml": """
journey: basket
title: Basket
entry: {event: Product Added}
key: event.cart_id
reentry: always
steps: [{wait: 1h}, {send: note}, {set: {marked: true}}]
""",
    "journeys/left.yaml": """
journey: left
title: Left
entry: {inaction: {after: Product Added, within: 30m, without: [Order Completed]}}
goal: Order Completed
exit_when: segment("buyers")
steps: [{send: note}, {wait: 1d}, {send: bar}]
""",
    "journeys/keen.yaml": """
journey: keen
title: Keen
entry: {segment: keen, on: enter}
reentry: after 1d
when: not segment("asleep")
steps:
  - if: segment("filled")
    then: [{send: note}]
    otherwise: [{wait_until: "09:00"}, {send: note}]
""",
    **{
        f"journeys/{name}.yaml": f"journey: {name}\ntitle: It\nentry: {{segment: {name}, on: {on}}}\n"
        "reentry: always\nsteps: [{send: bar}]\n"
        for name, on in (
            ("reached", "enter"),
            ("seen", "enter"),
            ("today", "leave"),
            ("feast", "enter"),
            ("led", "enter"),
        )
    },
    "journeys/listed.yaml": """
journey: listed
title: Listed
entry: {inaction: {after: [Product List Viewed, Product Clicked], within: 25m, without: [Order Completed]}}
reentry: always
steps: [{send: bar}]
""",
    "journeys/marked.yaml": """
journey: marked
title: Marked
entry: {segment: marked, on: enter}
reentry: always
steps: [{send: bar}]
""",
    "journeys/quiet.yaml": """
journey: quiet
title: Quiet
entry: {segment: asleep, on: enter}
reentry: after 1d
steps: [{wait_event: Page Viewed, timeout: 6h, then: [{send: bar}], otherwise: [{send: note}]}]
""",
}
NAMES = [
    "Page Viewed",
    "Product List Viewed",
    "Product List Viewed",
    "Product Clicked",
    "Product Viewed",
    "Product Added",
    "Order Completed",
    IDENTIFIED,
    "Consent Granted",
    "Unsubscribed",
    "Email Bounced",
    "Email Opened",
    "Aliased",
]
CONTEXTS = st.sampled_from(
    [{}, {}, {"timezone": "Asia/Tokyo"}, {"timezone": "America/Lima"}, {"gpc": True, "timezone": "Asia/Tokyo"}]
)
EVENTS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "user": st.sampled_from([None, None, "ana", "ben"]),
        "device": st.sampled_from([None, "d1", "d2", "d3"]),
        "previous": st.sampled_from([None, None, "d1", "ben"]),
        "identifiers": st.one_of(st.just({}), st.just({}), IDENTIFIERS),
        "context": CONTEXTS,
        "pause": st.sampled_from([0, 0, MINUTE, 25 * MINUTE, 2 * HOUR, DAY]),
        "again": st.integers(1, 3),
        "apart": st.sampled_from([MINUTE, MINUTE, 0]),
        "source": st.sampled_from(["web", "web", "web", "habitue"]),
        "public": st.booleans(),
    }
)
HISTORIES = st.lists(EVENTS, min_size=8, max_size=40)


def playbook(keyed: bool = False) -> Playbook:
    """The shop. `keyed`: carts that were left are watched each for itself."""
    left = FILES["journeys/left.yaml"]
    return load(FILES | {"journeys/left.yaml": f"{left}key: event.cart_id\n"} if keyed else FILES)


def records(acts: list[dict[str, Any]]) -> list[Record]:
    """An act is done once or a few times, a minute between or in one moment."""
    found: list[Record] = []
    at = NOON
    for act in acts:
        at += act["pause"]
        for _ in range(act["again"]):
            at += act.get("apart", MINUTE)
            found.append(Record(len(found), at, _event(len(found), at, act)))
    return found


def claimed(event: Event) -> Event:
    """The same as a page would say it: whom it names without proof is a claim."""
    strong = {kind: value for kind, value in event.identifiers.items() if IDENTIFIER_KINDS[kind].strong}
    named = {USER: event.user_id} if event.user_id else {}
    return msgspec.structs.replace(
        event,
        level=Level.BROWSER,
        user_id=None,
        previous_id=None,
        identifiers={kind: value for kind, value in event.identifiers.items() if kind not in strong},
        claims={**named, **strong},
    )


def _event(number: int, at: int, act: dict[str, Any]) -> Event:
    event = _told(number, at, act)
    return claimed(event) if act.get("public") and act["source"] != "habitue" else event


def _told(number: int, at: int, act: dict[str, Any]) -> Event:
    name = act["name"]
    address = f"{act['user'] or 'cleo'}@example.com"
    return Event(
        id=f"m{number * 7919 % 1000:03d}-{number}",
        source=act["source"],
        type="identify" if name == IDENTIFIED else "alias" if name == "Aliased" else "track",
        name=name,
        occurred_at=at,
        user_id=act["user"],
        anonymous_id=act["device"],
        previous_id=act["previous"] if name == "Aliased" else None,
        identifiers=act["identifiers"],
        context=act["context"],
        traits={"email": address} if name == IDENTIFIED else {},
        properties={
            "channel": "email",
            "email": address,
            "permanent": True,
            "product_id": "P1",
            "price": 5,
            "cart_id": f"c{number % 3}",
            "order_id": f"o{number % 4}",
            "total": 5.5,
        },
    )
