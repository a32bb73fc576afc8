"""PostHog's addresses: where its clients capture, and what its browser client asks for before it starts."""

from __future__ import annotations

from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response

from habitue.ingest.doors import Address, Doors, json_answer, only_get, only_post
from habitue.ingest.posthog import KEY_FIELDS, Captured, capture, project_key
from habitue.ingest.rejection import Refusal, Refused
from habitue.ingest.times import read_time

CAPTURE = ("/batch", "/capture", "/e", "/i/v0/e", "/i/v0/e/batch")
EVENTS = "/i/v1/analytics/events"
_PUT_OFF_STATUS = 503
"""PostHog's browser client gives up on any 4xx, also on a 429; every client of theirs comes back after a 503."""

_NO_FLAGS: dict[str, Any] = {
    "flags": {},
    "featureFlags": {},
    "featureFlagPayloads": {},
    "errorsWhileComputingFlags": False,
    "sessionRecording": False,
    "supportedCompression": ["gzip", "gzip-js"],
}
_CONFIG: dict[str, Any] = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "autocapture_opt_out": True,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocaptureExceptions": False,
    "analytics": {"endpoint": "/e/"},
    "elementsChainAsString": True,
    "sessionRecording": False,
    "heatmaps": False,
    "surveys": False,
    "defaultIdentifiedOnly": True,
    "siteApps": [],
}
"""Turns off what only PostHog itself could use: every click, recordings, heat maps, surveys."""


def addresses(doors: Doors) -> list[Address]:
    posthog = PostHog(doors)
    return [
        *(Address(path, doors.door(posthog.capture, _PUT_OFF_STATUS)) for path in CAPTURE),
        Address(EVENTS, doors.door(posthog.events, _PUT_OFF_STATUS)),
        Address("/flags", doors.door(posthog.flags)),
        Address("/decide", doors.door(posthog.flags)),
        Address("/array/{key}/config.js", doors.door(posthog.script)),
        Address("/array/{key}/config", doors.door(posthog.config)),
    ]


class PostHog:
    """The endpoints."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def capture(self, request: Request) -> Response:
        """Take the events in, and answer when they are durable."""
        await self._take_in(request)
        return json_answer({"status": 1})

    async def events(self, request: Request) -> Response:
        """The same with an answer for each event, as the newer protocol has it."""
        captured = await self._take_in(request)
        return json_answer({"results": {uuid: _result(wrong) for uuid, wrong in captured.outcomes.items()}})

    async def flags(self, request: Request) -> Response:
        """There are no feature flags here; saying so keeps clients from asking again."""
        only_post(request)
        return json_answer(_NO_FLAGS)

    async def config(self, request: Request) -> Response:
        only_get(request, "configurations")
        await self._doors.sender(request.path_params["key"])
        return json_answer(_CONFIG)

    async def script(self, request: Request) -> Response:
        only_get(request, "configurations")
        key = request.path_params["key"]
        await self._doors.sender(key)
        name, config = orjson.dumps(key).decode(), orjson.dumps({"config": _CONFIG, "siteApps": []}).decode()
        every = "window._POSTHOG_REMOTE_CONFIG"
        text = f"({every}={every}||{{}})[{name}]={config};\n"
        return Response(text, headers={"Cache-Control": "public, max-age=300"}, media_type="text/javascript")

    async def _take_in(self, request: Request) -> Captured:
        only_post(request)
        doors = self._doors
        key = _shown_key(request)
        if key:
            sender = await doors.admit(key)
            body = await self._decoded(await doors.unpacked_body(request))
            content = await doors.content(body)
        else:
            body = await self._decoded(await doors.keyless_body(request))
            await doors.require_known(body, KEY_FIELDS)
            content = await doors.content(body)
            key = _key_in(content)
            sender = await doors.admit(key)
        reception = doors.reception(request, sender)
        sent_at = read_time(request.headers.get("posthog-request-timestamp"))
        captured: Captured = await doors.work(
            len(body), capture, content, msgspec.structs.replace(reception, sent_at=sent_at), doors.settings
        )
        await doors.keep(key, captured.received, len(body))
        return captured

    async def _decoded(self, body: bytes) -> bytes:
        """A form's field `data`, in base64 or plain, is how the browser client sends what it must not announce."""
        if not body.startswith(b"data="):
            return body
        return await self._doors.unpack(await self._doors.work(len(body), _data, body))


def _shown_key(request: Request) -> str:
    """The key that can be read before the body is, or nothing."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    query = request.query_params
    return (bearer.strip() if scheme.lower() == "bearer" else "") or query.get("api_key", "") or query.get("token", "")


def _key_in(content: Any) -> str:
    key = project_key(content)
    if not key:
        raise Refused(Refusal.NO_WRITE_KEY, "no write key was found; send it as api_key in the body")
    return key


def _data(form: bytes) -> bytes:
    # Inflated by nothing: decoding makes it shorter.
    data = parse_qs(form.decode("utf-8", "replace"), max_num_fields=20).get("data", [""])[0]
    if data.lstrip()[:1] in ("{", "["):
        return data.encode()
    try:
        return b64decode(data.replace(" ", "+"), validate=True)
    except ValueError as error:
        raise Refused(Refusal.INVALID_JSON, f"the form's data is not base64: {error}") from error


def _result(wrong: str) -> dict[str, str]:
    return {"result": "drop", "details": wrong} if wrong else {"result": "ok"}
