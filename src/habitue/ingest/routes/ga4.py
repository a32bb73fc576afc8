"""GA4's addresses: the Measurement Protocol, its validation, and the script that bridges a page's dataLayer."""

from __future__ import annotations

import hashlib
from functools import partial
from importlib.resources import files
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from habitue.ingest.body import parsed
from habitue.ingest.doors import Address, Doors, json_answer, only_get, only_post
from habitue.ingest.foreign import receive_translated
from habitue.ingest.ga4 import table, translate_hit, validation_messages
from habitue.ingest.rejection import Refused

_PLACE = "/* the table of ga4.json, put in when served */ null"

_VALIDATED_BYTES_MAX = 131_072
"""Google's own limit of a hit. Who has one looked at shows no secret, and is no reason to read more."""

_log = structlog.get_logger(__name__)


def addresses(doors: Doors) -> list[Address]:
    ga4 = Ga4(doors)
    return [
        Address("/mp/collect", doors.door(ga4.collect)),
        Address("/debug/mp/collect", doors.door(ga4.validate)),
        Address("/bridge.js", doors.door(ga4.bridge)),
    ]


class Ga4:
    """The endpoints. The script is made once: it belongs to the version that is running."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._script = bridge_script()

    async def collect(self, request: Request) -> Response:
        """204 for every hit, good or bad, wrong secret included: that is what senders of the protocol are built for.

        Only what could not be kept is answered otherwise, so that whoever can send it again does.
        """
        only_post(request)
        doors = self._doors
        try:
            key = request.query_params.get("api_secret", "")
            sender = await doors.admit(key)
            body = await doors.unpacked_body(request)
            content = await doors.content(body)
        except Refused as refused:
            _log.warning("hit_refused", code=refused.code.value)
            return Response(status_code=204)
        reception = doors.reception(request, sender)
        translate = partial(translate_hit, digest=hashlib.sha256(body).hexdigest()[:32])
        received = await doors.work(len(body), receive_translated, content, translate, reception, doors.settings)
        await doors.keep(key, received, len(body))
        return Response(status_code=204)

    async def validate(self, request: Request) -> Response:
        """What is wrong with a hit. Nothing is kept, and as with Google the secret is not asked for."""
        only_post(request)
        content: Any
        try:
            content = parsed(await self._doors.unpacked_body(request, _VALIDATED_BYTES_MAX))
        except Refused:
            content = None
        return json_answer({"validationMessages": validation_messages(content)})

    async def bridge(self, request: Request) -> Response:
        only_get(request, "scripts")
        return Response(self._script, headers={"Cache-Control": "public, max-age=300"}, media_type="text/javascript")


def bridge_script() -> str:
    """The bridge with the table in it: it then needs one request, and never another version's table."""
    folder = files("habitue.ingest")
    script = folder.joinpath("bridge.js").read_text("utf-8")
    return script.replace(_PLACE, orjson.dumps(table()).decode())
