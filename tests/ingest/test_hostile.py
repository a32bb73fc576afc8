"""Bad input: every item is kept or becomes a dead letter with its reason; nothing is lost, nothing breaks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.ingest import envelope
from habitue.ingest.rejection import SENTENCES, Rejection
from habitue.ingest.segment import STEPS
from habitue.ingest.settings import IngestSettings
from habitue.ingest.tree import is_deeper_than
from habitue.model.event import Event
from habitue.model.trust import Level

from .shop import NOON, Shop, open_shop, refused, taken, track


def nested(levels: int) -> Any:
    value: Any = "deep"
    for level in range(levels):
        value = [value] if level % 2 else {"in": value}
    return value


DEAD: list[tuple[str, Any, str]] = [
    ("null", None, "not_an_object"),
    ("a number", 7, "not_an_object"),
    ("a list", [track()], "not_an_object"),
    ("a text", "track", "not_an_object"),
    ("nothing in it", {}, "no_type"),
    ("type null", {**track(), "type": None}, "no_type"),
    ("type number", {**track(), "type": 1}, "wrong_type"),
    ("type unknown", {**track(), "type": "purchase"}, "unknown_type"),
    ("type control", {**track(), "type": "control"}, "unknown_type"),
    ("type huge", {**track(), "type": "x" * 10_000}, "unknown_type"),
    ("no name", {"type": "track", "userId": "ana"}, "no_name"),
    ("name empty", track(""), "no_name"),
    ("name of spaces", track(" \t\n"), "no_name"),
    ("name of nul", track("\0"), "no_name"),
    ("name number", track(404), "wrong_type"),
    ("name object", track({"name": "x"}), "wrong_type"),
    ("name too long", track("x" * 256), "name_too_long"),
    ("no ids", {"type": "track", "event": "x"}, "no_identity"),
    ("ids null", {"type": "track", "event": "x", "userId": None, "anonymousId": None}, "no_identity"),
    ("id object", track(userId={"id": 1}), "wrong_type"),
    ("anonymous id list", track(anonymousId=["a1"]), "wrong_type"),
    ("id too long", track(userId="x" * 5_000), "id_too_long"),
    ("properties text", track(properties="x"), "wrong_type"),
    ("properties list", track(properties=[1]), "wrong_type"),
    ("context number", track(context=1), "wrong_type"),
    ("traits list", {"type": "identify", "userId": "ana", "traits": [1]}, "wrong_type"),
    ("message id object", track(messageId={"a": 1}), "wrong_type"),
    ("group without id", {"type": "group", "userId": "ana"}, "no_group_id"),
    ("too large", track(properties={"x": "y" * 40_000}), "too_large"),
    ("too large in total", track(properties={str(number): number for number in range(5_000)}), "too_large"),
    ("too large, half pairs in it", track(properties={"x": ["\ud800"] * 20_000}), "too_large"),
    ("too large for one encoder, not the other", track(properties={"x": "ü" * 20_000, "y": "\ud800"}), "too_large"),
    ("too deep", track(properties=nested(32)), "nested_too_deeply"),
    ("very deep", track(properties=nested(600)), "nested_too_deeply"),
]

KEPT: list[tuple[str, Any]] = [
    ("numbers beyond all measure", track(properties={"total": 10**400, "each": [-(10**1_000)]})),
    ("nul in a value", track(properties={"x": "a\0b"})),
    ("nul in a key", track(properties={"a\0": 1})),
    ("half a surrogate pair", track(properties={"x": "\ud83d"})),
    ("half a surrogate pair as key", track(properties={"\udc00": 1})),
    ("half a surrogate pair in an id", track(userId="ana\ud83d")),
    ("right to left", track("\u202eknaht\u202c")),
    ("zalgo", track("h" + "\u0301" * 200)),
    ("noncharacter", track(properties={"x": "\uffff\ufdd0"})),
    ("huge integer", track(properties={"x": 10**300})),
    ("very huge integer", track(properties={"x": 10**2000})),
    ("negative huge integer", track(properties={"x": -(10**30)})),
    ("unsigned 64 bits", track(properties={"x": 2**64 - 1})),
    ("nan", track(properties={"x": float("nan")})),
    ("deep but bearable", track(properties=nested(31))),
    ("many brackets, not deep", track(properties={"x": [{}] * 500})),
    ("looks like nul", track(properties={"x": "\\u0000"})),
    ("prototype", track(properties={"__proto__": {"x": 1}, "constructor": 1})),
    ("formula", track(properties={"x": "=cmd|' /C calc'!A0"})),
    ("markup", track("<script>alert(1)</script>")),
    ("template", track(properties={"x": "{{ 7 | times: 7 }}{% for i in (1..999999999) %}"})),
    ("integrations list", track(integrations=["x"])),
    ("channel object", track(channel={})),
    ("sentAt object", track(sentAt={})),
    ("products of all kinds", track("Order Completed", properties={"products": [None, 1, [], {"price": []}]})),
    ("page name number", {"type": "page", "userId": "ana", "name": 7}),
]


@pytest.mark.parametrize(("item", "reason"), [row[1:] for row in DEAD], ids=[row[0] for row in DEAD])
def test_a_bad_event_becomes_a_dead_letter_that_says_why(item: Any, reason: str) -> None:
    letter = refused(item)
    assert letter.reason == reason
    assert letter.detail
    assert letter.body
    assert len(letter.body) <= 8_192


@pytest.mark.parametrize("item", [row[1] for row in KEPT], ids=[row[0] for row in KEPT])
def test_an_odd_event_is_kept_and_every_encoder_can_bear_it(shop: Shop, item: Any) -> None:
    answer = shop.post("/v1/batch", json.dumps({"batch": [item, track(messageId="m2")]}))
    assert answer.status_code == 200
    assert shop.dead() == []
    first, _ = shop.events()
    assert_sound(first)


def test_a_number_beyond_all_measure_shared_by_a_batch_does_not_send_it_back(shop: Shop) -> None:
    answer = shop.post("/v1/batch", json.dumps({"batch": [track()], "context": {"build": 10**400}}))
    assert answer.status_code == 200
    assert shop.dead() == []


def test_every_rejection_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Rejection)


def test_a_fault_of_ours_costs_one_event_and_not_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(draft: Any) -> None:
        if draft.item["messageId"] == "m1":
            raise KeyError("a fault")

    monkeypatch.setattr(envelope, "STEPS", (faulty, *STEPS))
    batch = {"batch": [track(), track(messageId="m2")]}
    received = envelope.receive_batch(batch, "shop", Level.SERVER, NOON, IngestSettings())
    assert [event.id for event in received.events] == ["m2"]
    assert [letter.reason for letter in received.dead] == ["failed"]


def assert_sound(event: Event) -> None:
    """Both encoders write it and read it back, and it holds nothing a database refuses."""
    packed = msgspec.msgpack.encode(event)
    assert msgspec.msgpack.decode(packed, type=Event) == event
    text = msgspec.json.encode(event)
    assert b"\\u0000" not in text.replace(b"\\\\", b"")
    assert not is_deeper_than(event.properties, 32)
    assert event.user_id or event.anonymous_id
    assert event.occurred_at <= NOON
    assert event.id
    assert event.name.strip() == event.name != ""


# Hypothesis: anything at all, and anything that looks nearly right.

texts = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(["", "null", "0", "ana", "\ud83d"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    ["type", "event", "userId", "anonymousId", "previousId", "groupId", "messageId", "properties", "traits", "context",
     "timestamp", "originalTimestamp", "sentAt", "integrations", "channel", "name", "category"]
)  # fmt: skip
kinds = st.sampled_from(["track", "identify", "page", "screen", "group", "alias"])


@st.composite
def nearly_events(draw: st.DrawFn) -> dict[str, Any]:
    item: dict[str, Any] = {
        "type": draw(kinds), "event": "Order Completed", "userId": "ana", "groupId": "g", "previousId": "a",
        "messageId": draw(texts),
    }  # fmt: skip
    item.update(draw(st.dictionaries(fields, anything, max_size=4)))
    return item


batches = st.lists(anything | nearly_events(), max_size=8)


@pytest.fixture(scope="module")
def open_all_day() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@settings(max_examples=300, deadline=None)
@given(items=batches, sent_at=anything, context=anything, packed=st.booleans())
def test_whatever_a_batch_holds_each_item_is_kept_or_dead(
    open_all_day: Shop, items: list[Any], sent_at: Any, context: Any, packed: bool
) -> None:
    shop = open_all_day
    events, dead = len(shop.events()), len(shop.dead())
    # Own ids, so that none is a repetition of an earlier one.
    for number, item in enumerate(items):
        if isinstance(item, dict) and isinstance(item.get("messageId"), (str, int)):
            item["messageId"] = f"{events}-{dead}-{number}"
    body = json.dumps({"batch": items, "sentAt": sent_at, "context": context, "writeKey": "WRITE_KEY"}).encode()
    answer = shop.post("/v1/batch", gzip.compress(body) if packed else body, {})
    assert answer.status_code == 200
    new = shop.events()[events:]
    assert len(new) + len(shop.dead()) - dead == len(items)
    for event in new:
        assert_sound(event)


@settings(max_examples=300, deadline=None)
@given(
    call=st.sampled_from(["t", "batch", "identify", "import", "m", "alias"]),
    body=st.binary(max_size=200) | st.binary(max_size=50).map(gzip.compress) | anything.map(json.dumps).map(str.encode),
    headers=st.dictionaries(
        st.sampled_from(["Authorization", "Content-Encoding", "X-Write-Key", "SentAt", "Origin", "AnonymousId"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30).map(str.strip)
        | st.sampled_from(["gzip", "Basic V1JJVEVfS0VZOg==", "Basic V1JJVEVfS0VZ", "Basic ====", "br"]),
    ),
)
def test_whatever_bytes_arrive_the_answer_is_yes_or_a_reason(
    open_all_day: Shop, call: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = open_all_day.post(f"/v1/{call}", body, headers)
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert answer.json()["code"]
        assert answer.json()["message"]


@settings(max_examples=300, deadline=None)
@given(item=nearly_events())
def test_the_same_item_always_becomes_the_same_event(item: dict[str, Any]) -> None:
    first, second = taken(json.loads(json.dumps(item))), taken(json.loads(json.dumps(item)))
    without_id = [[msgspec.structs.replace(event, id="") for event in received.events] for received in (first, second)]
    assert msgspec.json.encode(without_id[0]) == msgspec.json.encode(without_id[1])
    assert first.dead == second.dead
