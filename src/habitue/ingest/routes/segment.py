"""Segment's addresses, which RudderStack's and Jitsu's clients use too: calls, batches, and the settings they fetch."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from habitue.ingest.address import public_address
from habitue.ingest.doors import Address, Doors, json_answer, only_get, only_post, yes
from habitue.ingest.envelope import batch_of, event_of
from habitue.ingest.keys import shown_key, write_key
from habitue.ingest.pipeline import Received
from habitue.ingest.project import project_settings
from habitue.ingest.rejection import Refusal, Refused
from habitue.ingest.rudder import anonymous_id
from habitue.ingest.snippet import bundles, script
from habitue.ingest.times import read_time
from habitue.model.source import Sender

BATCH = "batch"
METRICS = "metrics"
CALLS: dict[str, str] = {
    "t": "track",
    "i": "identify",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": BATCH,
    "m": METRICS,
    "track": "track",
    "identify": "identify",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
    "batch": BATCH,
    "import": BATCH,
}
"""The last part of the address → the kind of call."""


def addresses(doors: Doors) -> list[Address]:
    segment = Segment(doors)
    return [
        Address("/v1/projects/{key}/settings", doors.door(segment.settings)),
        Address("/v1/{call}", doors.door(segment.calls)),
        Address("/beacon/v1/{call}", doors.door(segment.calls)),
        Address("/api/s/{call}", doors.door(segment.calls)),
        Address("/analytics.js/v1/{key}/analytics.min.js", doors.door(segment.script)),
        Address("/analytics-next/bundles/{name}", doors.door(segment.bundle)),
    ]


class Segment:
    """The endpoints."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def calls(self, request: Request) -> Response:
        """Take the events in, and answer when they are durable."""
        doors, call = self._doors, _call(request)
        if call == METRICS:
            return yes()  # The browser client's measurements of itself.
        shown = shown_key(request.headers, request.query_params)
        if shown:
            sender, body = await doors.admit(shown), await doors.unpacked_body(request)
            content = await doors.content(body)
        else:
            body = await doors.keyless_body(request)
            await doors.require_known(body, ["writeKey"])
            content = await doors.content(body)
            sender = await doors.admit(write_key(request.headers, request.query_params, content))
        key = shown or write_key(request.headers, request.query_params, content)
        received = await doors.work(len(body), self._received, request, call, content, sender)
        await doors.keep(key, received, len(body))
        return yes()

    async def settings(self, request: Request) -> Response:
        """What clients fetch when they start."""
        only_get(request, "settings")
        key = request.path_params["key"]
        await self._doors.sender(key)
        address = urlsplit(public_address(request, self._doors.settings))
        host = address.netloc + address.path.rstrip("/") + "/v1"
        return json_answer(project_settings(key, host, address.scheme))

    async def script(self, request: Request) -> Response:
        """The client itself, for pages with the documented snippet in which only the host was changed."""
        only_get(request, "scripts")
        await self._doors.sender(request.path_params["key"])
        return _javascript(script(), "public, max-age=300")

    async def bundle(self, request: Request) -> Response:
        """A part of the client; its name holds its checksum, so it never changes."""
        only_get(request, "scripts")
        part = bundles().get(request.path_params["name"])
        if part is None:
            raise Refused(Refusal.UNKNOWN_CALL, f"the client of this server has no part {request.path_params['name']}")
        return _javascript(part, "public, max-age=31536000, immutable")

    def _received(self, request: Request, call: str, content: Any, sender: Sender) -> Received:
        doors = self._doors
        reception = replace(
            doors.reception(request, sender),
            sent_at=read_time(request.headers.get("sentat")),
            anonymous_id=anonymous_id(request.headers.get("anonymousid")),
        )
        if call == BATCH:
            return batch_of(content, reception, doors.settings)
        return event_of(content, call, reception, doors.settings)


def _javascript(content: bytes, caching: str) -> Response:
    return Response(content, headers={"Cache-Control": caching}, media_type="text/javascript")


def _call(request: Request) -> str:
    name = request.path_params["call"]
    call = CALLS.get(name)
    if call is None:
        raise Refused(Refusal.UNKNOWN_CALL, f'"{name}" is not a call; expected one of {", ".join(CALLS)}')
    only_post(request)
    return call
