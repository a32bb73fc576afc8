"""Clicks and opens: each becomes an event, and the reader gets where they were going."""

from __future__ import annotations

import base64
from contextlib import suppress
from hashlib import blake2b
from urllib.parse import quote, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import Response

from habitue.model.occasion import Occasion
from habitue.run.receipts import EMAIL_LINK_CLICKED, EMAIL_OPENED

from .doors import Doors
from .hits import Receipt
from .machines import Hit, Visitor
from .page import page

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_FRESH = {"Cache-Control": "no-store, max-age=0", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


async def click(doors: Doors, request: Request) -> Response:
    """302 to the address inside the signature; a link that was tampered with leads nowhere."""
    followed = doors.links.read_click(request.path_params["token"])
    if followed is None:
        return page("broken.html", doors.playbook(), status=404)
    digest = blake2b(followed.url.encode(), digest_size=6).hexdigest()
    _keep(doors, request, EMAIL_LINK_CLICKED, f"clicked:{digest}", followed.occasion, link_url=followed.url)
    return Response(status_code=302, headers={**_FRESH, "Location": _for_the_wire(followed.url)})


async def opened(doors: Doors, request: Request) -> Response:
    """The smallest picture there is, whatever the token says: a broken picture would only puzzle the reader."""
    occasion = doors.links.read_open(request.path_params["token"])
    if occasion is not None:
        _keep(doors, request, EMAIL_OPENED, "opened", occasion)
    return Response(_PIXEL, media_type="image/gif", headers=_FRESH)


def _for_the_wire(url: str) -> str:
    """The address in ASCII, as a header must have it: the host by IDNA, the rest percent-encoded."""
    parts = urlsplit(url)
    host = parts.netloc
    if not host.isascii():
        with suppress(UnicodeError):
            host = host.encode("idna").decode()
    return quote(urlunsplit(parts._replace(netloc=host)), safe="%/:=&?~#+!$,;'@()*[]", errors="replace")


def _keep(doors: Doors, request: Request, name: str, what: str, occasion: Occasion, **properties: str) -> None:
    context = visit(request)
    visitor = Visitor(context["ip"], context["userAgent"])
    hit = Hit(visitor, request.method, properties.get("link_url", ""), doors.clock.now())
    kept = Receipt(name=name, what=what, occasion=occasion, hit=hit, context=context, properties=properties)
    doors.hits.keep(doors, kept)


def visit(request: Request) -> dict[str, str]:
    """Where a request came from, as an event's context."""
    return {
        "ip": request.client.host if request.client else "",
        "userAgent": request.headers.get("user-agent", "")[:500],
    }
