"""Clicks and opens: each becomes an event, and the reader gets where she was going."""

from __future__ import annotations

import base64
from contextlib import suppress
from hashlib import blake2b
from urllib.parse import quote, urlsplit, urlunsplit

import structlog
from starlette.requests import Request
from starlette.responses import Response

from habitue.model.event import Event
from habitue.model.occasion import Occasion
from habitue.run.receipts import EMAIL_LINK_CLICKED, EMAIL_OPENED, receipt

from .doors import Doors
from .machines import is_machine
from .page import page

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_FRESH = {"Cache-Control": "no-store, max-age=0", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_say = structlog.get_logger("habitue.onsite")


async def click(doors: Doors, request: Request) -> Response:
    """302 to the address inside the signature; a link that was tampered with leads nowhere."""
    followed = doors.links.read_click(request.path_params["token"])
    if followed is None:
        return page("broken.html", doors.playbook(), status=404)
    digest = blake2b(followed.url.encode(), digest_size=6).hexdigest()
    await _tell(doors, request, EMAIL_LINK_CLICKED, f"clicked:{digest}", followed.occasion, link_url=followed.url)
    return Response(status_code=302, headers={**_FRESH, "Location": _for_the_wire(followed.url)})


async def opened(doors: Doors, request: Request) -> Response:
    """The smallest picture there is, whatever the token says: a broken picture would only puzzle the reader."""
    occasion = doors.links.read_open(request.path_params["token"])
    if occasion is not None:
        await _tell(doors, request, EMAIL_OPENED, "opened", occasion)
    return Response(_PIXEL, media_type="image/gif", headers=_FRESH)


def _for_the_wire(url: str) -> str:
    """The address in ASCII, as a header must have it: the host by IDNA, the rest percent-encoded."""
    parts = urlsplit(url)
    host = parts.netloc
    if not host.isascii():
        with suppress(UnicodeError):
            host = host.encode("idna").decode()
    return quote(urlunsplit(parts._replace(netloc=host)), safe="%/:=&?~#+!$,;'@()*[]", errors="replace")


async def _tell(doors: Doors, request: Request, name: str, what: str, occasion: Occasion, **properties: str) -> None:
    try:
        await doors.append([await _receipt(doors, request, name, what, occasion, **properties)])
    except Exception:  # noqa: BLE001 (she clicked to go somewhere; our disk is no reason to stop her)
        _say.exception("receipt_lost", receipt=name, delivery=occasion.delivery)


async def _receipt(
    doors: Doors, request: Request, name: str, what: str, occasion: Occasion, **properties: str
) -> Event:
    """One per link and delivery, and one more for machines: a scanner's click must not hide hers."""
    now = doors.clock.now()
    delivery = doors.deliveries.get(occasion.delivery)
    machine = is_machine(request, delivery.updated_at if delivery else None, now)
    person = await doors.person(occasion.customer)
    if delivery is not None and delivery.channel == "email":
        properties["email"] = delivery.address
    return receipt(
        name,
        f"{what}:machine" if machine else what,
        occasion,
        now,
        customer=person.id if person else None,
        context=visit(request),
        machine=machine,
        **properties,
    )


def visit(request: Request) -> dict[str, str]:
    """Where a request came from, as an event's context."""
    return {
        "ip": request.client.host if request.client else "",
        "userAgent": request.headers.get("user-agent", "")[:500],
    }
