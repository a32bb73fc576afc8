"""Strangers cost little: the key comes first, then the body; and nobody says under which host we are found."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from habitue.ingest.keys import WriteKeys, fixed_keys
from habitue.ingest.routes import routes
from habitue.ingest.settings import IngestSettings
from habitue.ingest.writer import LogWriter
from habitue.model.trust import Level
from habitue.run.clock import ManualClock
from habitue.store.memory.log import MemoryLog

from .shop import KEY, KEYS, NOON, open_shop, track

LARGE = {"text": random.Random(7).randbytes(15_000).hex()}


class Unread(AssertionError):
    """Somebody asked for the body."""


async def answer(method: str, address: str, headers: dict[str, str]) -> httpx.Response:
    """What is answered without a byte of the body being read."""

    async def body() -> AsyncIterator[bytes]:
        raise Unread
        yield b""

    settings, clock = IngestSettings(), ManualClock(NOON)
    log = MemoryLog(clock)
    app = Starlette(routes=routes(LogWriter(log, settings), WriteKeys(fixed_keys(KEYS, Level.SERVER)), settings, clock))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as http:
        return await http.request(method, address, content=body(), headers=headers)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("/v1/track", {"X-Write-Key": "nobody"}, 400),
        ("/v1/batch?writeKey=nobody", {}, 400),
        ("/beacon/v1/batch?writeKey=nobody", {}, 400),
        ("/batch", {"Authorization": "Bearer nobody"}, 400),
        ("/e?token=nobody", {}, 400),
        ("/mp/collect?api_secret=nobody", {}, 204),
        ("/1/upload", {"X-CleverTap-Passcode": "nobody", "X-CleverTap-Account-Id": "a"}, 401),
    ],
)
def test_a_key_outside_the_body_is_checked_before_the_body_is_read(
    address: str, headers: dict[str, str], status: int
) -> None:
    assert asyncio.run(answer("POST", address, headers)).status_code == status


@pytest.mark.parametrize("path", ["/v1/track", "/e", "/batch"])
def test_many_empty_gzip_members_without_a_key_are_refused(path: str) -> None:
    with open_shop() as shop:
        assert shop.post(path, gzip.compress(b"") * 50_000, {}).status_code == 400


@pytest.mark.parametrize("path", ["/v1/batch", "/batch"])
def test_a_body_that_alone_has_the_key_may_be_as_large_as_clients_send(path: str) -> None:
    batch = [{"distinct_id": "ana", **track(messageId=f"m{n}", properties=LARGE)} for n in range(20)]
    body = {"batch": batch, "writeKey": KEY, "api_key": KEY}
    with open_shop() as shop:
        assert shop.post(path, body, {}).status_code == 200
        assert shop.post(path, gzip.compress(json.dumps(body).encode()), {}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/batch", "/batch"])
def test_a_large_body_that_names_no_known_key_is_refused_before_it_is_parsed(path: str) -> None:
    body: dict[str, Any] = {"batch": [{**track(properties=LARGE), "token": "other"}] * 20, "writeKey": "nobody"}
    with open_shop() as shop:
        answer = shop.post(path, body, {})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_write_key")
        unfinished = json.dumps(body)[:-1]
        assert shop.post(path, unfinished, {}).json()["code"] == "unknown_write_key"


def test_a_body_beyond_what_strangers_may_send_is_refused() -> None:
    settings = IngestSettings(keyless_body_bytes_max=1_000)
    body = {"batch": [track(properties=LARGE)], "writeKey": KEY}
    with open_shop(settings=settings) as shop:
        assert shop.post("/v1/batch", body, {}).json()["code"] == "body_too_large"
        assert shop.post("/v1/batch", body, {"X-Write-Key": KEY}).status_code == 200


def host_told(host: str, settings: IngestSettings | None = None) -> Any:
    with open_shop(settings=settings) as shop:
        answer = shop.http.get(f"/v1/projects/{KEY}/settings", headers={"Host": host})
        integrations = answer.json().get("integrations")
        return integrations["Segment.io"]["apiHost"] if integrations else answer.json()["code"]


def test_no_stranger_says_where_clients_send_their_events() -> None:
    assert host_told("evil.example") == "unknown_host"


def test_the_address_a_request_came_in_at_needs_no_naming() -> None:
    assert host_told("shop.example") == "shop.example/v1"


def test_a_host_that_was_named_is_ours_also_in_capitals() -> None:
    known = IngestSettings(hosts=frozenset({"events.example:8080"}))
    assert host_told("Events.Example:8080", known) == "events.example:8080/v1"
    assert host_told("events.example", known) == "unknown_host"


def test_where_a_public_address_is_set_no_host_is_asked_for() -> None:
    assert host_told("evil.example", IngestSettings(public_url="https://events.example")) == "events.example/v1"
