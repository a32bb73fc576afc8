"""Messages for the page: fetched by our script, shown, and reported back."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response

from habitue.model.delivery import Delivery
from habitue.model.occasion import of_delivery
from habitue.run.receipts import MESSAGE_CLICKED, MESSAGE_DISMISSED, MESSAGE_DISPLAYED, receipt

from .clicks import visit
from .doors import Doors

TOLD = {"displayed": MESSAGE_DISPLAYED, "clicked": MESSAGE_CLICKED, "dismissed": MESSAGE_DISMISSED}
ID_CHARACTERS_MAX = 200
BODY_BYTES_MAX = 8 * 1024

_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
_PREFLIGHT = {
    **_CORS,
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, if-none-match",
    "Access-Control-Max-Age": "86400",
}


class Told(msgspec.Struct, frozen=True, rename="camel"):
    """What the script reports. The anonymous id is the secret that shows whose message it was."""

    write_key: str
    anonymous_id: str
    delivery_id: str


_read_told = msgspec.json.Decoder(Told).decode


async def messages(doors: Doors, request: Request) -> Response:
    """What waits for this visitor, oldest first; each until it was displayed. 304 when nothing changed."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT)
    anonymous_id = request.query_params.get("anonymousId", "")
    if not await doors.known_key(request.query_params.get("writeKey", "")):
        return _refusal(401, "unknown_write_key", "the write key is not known here")
    if not 0 < len(anonymous_id) <= ID_CHARACTERS_MAX:
        return _refusal(400, "anonymous_id", f"expected anonymousId of 1 to {ID_CHARACTERS_MAX} characters")
    ids = await doors.visitor_ids(anonymous_id)
    waiting = await asyncio.to_thread(doors.deliveries.onsite, ids, doors.clock.now())
    playbook = doors.playbook()
    body = orjson.dumps(
        {"messages": [_shown(one) for one in waiting], "color": playbook.shop.color if playbook else ""}
    )
    # `no-cache`: the browser keeps the answer and asks each time whether it still holds.
    tag = f'"{blake2b(body, digest_size=10).hexdigest()}"'
    headers = {**_CORS, "ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


async def told(doors: Doors, request: Request) -> Response:
    """Displayed, clicked or dismissed. Reporting the same twice changes nothing."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT)
    name = TOLD.get(request.path_params["what"])
    if name is None:
        return _refusal(404, "unknown_address", f"expected one of {', '.join(TOLD)}")
    try:
        report = _read_told(await _body(request))
    except (msgspec.DecodeError, ValueError) as error:
        return _refusal(400, "malformed", str(error))
    if not await doors.known_key(report.write_key):
        return _refusal(401, "unknown_write_key", "the write key is not known here")
    delivery = await asyncio.to_thread(doors.deliveries.get, report.delivery_id)
    if delivery is None or not await _is_hers(doors, delivery, report.anonymous_id):
        return _refusal(404, "unknown_delivery", "there is no such message for this visitor")

    now, what = doors.clock.now(), request.path_params["what"]
    person = await doors.person(delivery.customer)
    about = {"link_url": str(delivery.content.get("url", ""))} if what == "clicked" else {}
    event = receipt(
        name,
        what,
        of_delivery(delivery),
        now,
        customer=person.id if person else None,
        context=visit(request),
        **about,
    )
    await doors.append([event])
    # After the event: a crash in between shows the message once more, rather than losing that it was shown.
    await asyncio.to_thread(doors.deliveries.mark_displayed, delivery.id, now)
    return Response(b'{"success":true}', headers=_CORS, media_type="application/json")


async def _is_hers(doors: Doors, delivery: Delivery, anonymous_id: str) -> bool:
    if delivery.channel != "onsite" or not 0 < len(anonymous_id) <= ID_CHARACTERS_MAX:
        return False
    return delivery.customer in await doors.visitor_ids(anonymous_id)


def _shown(delivery: Delivery) -> dict[str, Any]:
    return {"id": delivery.id, **delivery.content}


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES_MAX:
            raise ValueError(f"the body has more than {BODY_BYTES_MAX} bytes")
    return bytes(body)


def _refusal(status: int, code: str, message: str) -> Response:
    body = orjson.dumps({"success": False, "code": code, "message": message})
    return Response(body, status_code=status, headers=_CORS, media_type="application/json")
