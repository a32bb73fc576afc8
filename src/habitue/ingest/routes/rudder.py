"""RudderStack's own addresses; for everything else its clients use Segment's."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from habitue.ingest.doors import Address, Doors, json_answer, only_get
from habitue.ingest.envelope import event_of
from habitue.ingest.keys import write_key
from habitue.ingest.rejection import Refusal, Refused
from habitue.ingest.rudder import PIXEL, pixel_item, source_config

_CALLS = ("track", "page")


def addresses(doors: Doors) -> list[Address]:
    rudder = Rudder(doors)
    return [
        Address("/pixel/v1/{call}", doors.door(rudder.pixel)),
        Address("/sourceConfig", doors.door(rudder.source_config)),
    ]


class Rudder:
    """The endpoints."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def pixel(self, request: Request) -> Response:
        """An event in the address of a picture, for e-mails and pages that run no scripts."""
        doors, call = self._doors, request.path_params["call"]
        if call not in _CALLS:
            raise Refused(Refusal.UNKNOWN_CALL, f'"{call}" is not a pixel; expected one of {", ".join(_CALLS)}')
        only_get(request, "pixels")
        key = write_key(request.headers, request.query_params, None)
        reception = doors.reception(request, await doors.sender(key))
        received = event_of(pixel_item(request.query_params.multi_items()), call, reception, doors.settings)
        await doors.keep(key, received, len(request.url.query))
        # Every showing of the picture is an event of its own.
        return Response(PIXEL, headers={"Cache-Control": "no-store"}, media_type="image/gif")

    async def source_config(self, request: Request) -> Response:
        """What the browser client fetches when it starts."""
        only_get(request, "source configurations")
        key = write_key(request.headers, request.query_params, None)
        return json_answer(source_config(key, (await self._doors.sender(key)).source))
