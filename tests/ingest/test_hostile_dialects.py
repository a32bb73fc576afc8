"""Bad input to every dialect: each reader gives events every encoder can bear, or dead letters."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.ingest.body import parsed
from habitue.ingest.ga4 import validation_messages
from habitue.ingest.tree import is_deeper_than
from habitue.model.event import Event

from .ga4_events import CUP, EVENTS
from .readers import READERS
from .shop import NOON
from .webhooks import shopify_customer, shopify_order, shopify_product, shopify_refund, woo_order

SOUND: list[Any] = [
    shopify_order(refunds=[shopify_refund()]),
    shopify_product(),
    {"customer": shopify_customer(), "shop_id": 1, "data_request": {"id": 1}, "orders_to_redact": [1]},
    {**shopify_customer(), "customer_id": 1, "email_address": "ana@example.com"},
    {"inventory_item_id": 1, "location_id": 2, "available": 3, "token": "t", "line_items": []},
    woo_order(refunds=[{"id": 1, "total": "-1"}], coupon_lines=[{"code": "x"}]),
    {"client_id": "1.2", "user_id": "ana", "user_properties": {"a": {"value": 1}},
     "events": [{"name": name, "params": params} for name, params in EVENTS]},
    {"type": "track", "event": "Order Completed", "userId": "ana", "properties": {"products": [CUP]}, "context": {}},
    {"batch": [{"event": "$identify", "distinct_id": "ana", "uuid": "1", "properties": {"$set": {"email": "a@b.co"}}}]},
    {"d": [
        {"identity": "ana", "ts": 1795345200, "type": "event", "evtName": "Charged",
         "evtData": {"Amount": 5, "Items": [CUP], "At": "$D_1795345200"}},
        {"objectId": "d1", "type": "profile", "profileData": {"Name": "Ana", "MSG-email": False, "X": {"$set": 1}}},
        {"FBID": 7, "type": "token", "tokenData": {"type": "fcm", "id": "t"}},
    ]},
]  # fmt: skip
"""A body of each kind; any of them may come to any reader."""

texts = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(
    ["", "0", "1e999", "nan", "-1", "$D_9999999999", "2026-11-22T12:00:00Z", "ana@example.com", "\ud83d", "\0"]
)
numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(2**70), 2**63, 1e308])
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=6,
)


@st.composite
def bent(draw: st.DrawFn) -> Any:
    """A sound body in which a few values, at any depth, are replaced by anything at all."""
    body = json.loads(json.dumps(draw(st.sampled_from(SOUND))))
    for _ in range(draw(st.integers(0, 4))):
        place = body
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], (dict, list)) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = draw(anything)
            break
    return body


def assert_sound(event: Event) -> None:
    packed = msgspec.msgpack.encode(event)
    assert msgspec.msgpack.decode(packed, type=Event) == event
    assert b"\\u0000" not in msgspec.json.encode(event).replace(b"\\\\", b"")
    assert not is_deeper_than(event.properties, 32)
    assert event.occurred_at <= NOON
    assert event.id
    assert event.name.strip() == event.name != ""
    assert all(isinstance(value, str) and value for value in event.identifiers.values())
    assert event.source == "shop"


def arrived(body: Any) -> Any:
    """The body as the wire brings it: no NaN, no number beyond all measure."""
    return parsed(json.dumps(body).encode())


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(list(READERS)), body=bent() | anything)
def test_whatever_a_body_holds_what_comes_of_it_is_sound(name: str, body: Any) -> None:
    received = READERS[name](arrived(body))
    for event in received.events:
        assert_sound(event)
    assert [letter.reason for letter in received.dead if letter.reason == "failed"] == []


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(list(READERS)), body=bent())
def test_the_same_body_always_becomes_the_same_events(name: str, body: Any) -> None:
    first, second = (READERS[name](arrived(body)) for _ in range(2))
    ours = [[msgspec.structs.replace(one, id="") for one in received.events] for received in (first, second)]
    assert msgspec.json.encode(ours[0]) == msgspec.json.encode(ours[1])


@settings(max_examples=100, deadline=None)
@given(body=bent() | anything)
def test_a_hit_can_always_be_judged(body: Any) -> None:
    assert all(set(message) <= {"fieldPath", "description", "validationCode"} for message in validation_messages(body))


@pytest.mark.parametrize("name", list(READERS))
def test_very_deep_and_very_large_bodies_are_borne(name: str) -> None:
    deep = parsed(b'{"id":1,"line_items":' + b"[" * 500 + b"]" * 500 + b"}")
    wide = {"id": 1, "line_items": [{}] * 50_000, "variants": [{}] * 50_000, "events": [{}] * 100, "client_id": "1"}
    for body in (deep, wide, {"d": [deep]}):
        for event in READERS[name](body).events:
            assert_sound(event)
