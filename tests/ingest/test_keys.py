"""Write keys: where they are found, and whose they are."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import pytest

from habitue.ingest.keys import KeysUnavailable, WriteKeys, fixed_keys, write_key
from habitue.ingest.rejection import Refused
from habitue.model.source import Sender
from habitue.model.trust import Level


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "query", "body", "key"),
    [
        (basic("one:"), {"writeKey": "three"}, {"writeKey": "four"}, "one"),
        (basic("one"), {}, {}, "one"),
        (basic("one:password"), {}, {}, "one"),
        ({"authorization": basic("one:")["authorization"].rstrip("=")}, {}, {}, "one"),
        ({"x-write-key": "two:secret"}, {"writeKey": "three"}, {"writeKey": "two:***"}, "two"),
        ({"authorization": "Bearer abc"}, {"writeKey": "three"}, {"writeKey": "four"}, "three"),
        ({"authorization": "Bearer abc"}, {}, {"writeKey": "four"}, "four"),
        (basic(":"), {}, {"writeKey": "four"}, "four"),
        ({"authorization": "Basic ???"}, {}, {"writeKey": "four"}, "four"),
        ({"authorization": "Basic gICA"}, {}, {"writeKey": "four"}, "four"),
    ],
)
def test_the_header_goes_before_the_query_and_the_query_before_the_body(
    headers: dict[str, str], query: dict[str, str], body: Any, key: str
) -> None:
    assert write_key(headers, query, body) == key


@pytest.mark.parametrize("body", [{}, [], None, "x", {"writeKey": None}, {"writeKey": 7}, {"writeKey": ""}])
def test_without_a_key_the_request_is_refused(body: Any) -> None:
    with pytest.raises(Refused, match="no_write_key"):
        write_key({}, {}, body)


def test_a_key_belongs_to_a_source() -> None:
    keys = WriteKeys(fixed_keys({"k1": "shop", "k2": "app"}, Level.APP))
    assert asyncio.run(keys.sender("k2")) == Sender("app", Level.APP)


@pytest.mark.parametrize("key", ["k3", "K1", "", "k1 ", "\ud800", "ü"])
def test_a_key_nobody_made_is_refused(key: str) -> None:
    with pytest.raises(Refused, match="unknown_write_key"):
        asyncio.run(WriteKeys(fixed_keys({"k1": "shop"}, Level.APP)).sender(key))


def test_no_key_speaks_with_our_own_voice() -> None:
    with pytest.raises(Refused, match="unknown_write_key"):
        asyncio.run(WriteKeys(fixed_keys({"k1": "habitue"}, Level.APP)).sender("k1"))


def test_a_key_is_looked_up_once_for_many_requests() -> None:
    asked: list[str] = []

    def lookup(key: str) -> Sender | None:
        asked.append(key)
        return Sender("shop", Level.APP)

    async def many() -> None:
        keys = WriteKeys(lookup)
        for _ in range(100):
            await keys.sender("k1")

    asyncio.run(many())
    assert asked == ["k1"]


def test_keys_that_cannot_be_read_are_no_reason_to_say_no_for_good() -> None:
    def lookup(key: str) -> Sender | None:
        raise OSError("disk")

    with pytest.raises(KeysUnavailable):
        asyncio.run(WriteKeys(lookup).sender("k1"))
