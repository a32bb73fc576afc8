"""The mailbox page: a list, a reading pane, and the unsubscribe button that mail programs show."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from habitue.model.instant import Instant, to_iso

from .letters import Letters, Opened

_UNSUBSCRIBE_SECONDS_MAX = 10
# A letter may look as it likes, but it may not run anything, send forms, or reach the page around it.
_LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline'; font-src *"
)


def mailbox(letters: Letters, now: Callable[[], Instant], *, timezone: str = "Europe/London") -> Starlette:
    """The mailbox as one application; `now` is the time that letters are stamped with."""
    pages = Pages(letters, now, timezone)
    demo = files("habitue.demo")
    return Starlette(
        routes=[
            Route("/", pages.index),
            Route("/messages.json", pages.messages),
            Route("/messages/{number:int}.json", pages.message),
            Route("/messages/{number:int}/html", pages.html),
            Route("/messages/{number:int}/unsubscribe", pages.unsubscribe, methods=["POST"]),
            Mount("/static", StaticFiles(directory=str(demo.joinpath("mailbox/static")))),
            Mount("/vendor", StaticFiles(directory=str(demo.joinpath("static/vendor")))),
        ]
    )


class Pages:
    """One method an address."""

    def __init__(self, letters: Letters, now: Callable[[], Instant], timezone: str) -> None:
        self._letters = letters
        self._now = now
        environment = Environment(
            loader=PackageLoader("habitue.demo.mailbox"), autoescape=True, undefined=StrictUndefined
        )
        self._page = environment.get_template("mailbox.html").render(timezone=timezone)

    async def index(self, request: Request) -> Response:
        return HTMLResponse(self._page)

    async def messages(self, request: Request) -> Response:
        """Newest first; `?to=` filters, `?after=` gives only letters with a greater number."""
        after = request.query_params.get("after", "0")
        least = int(after) if after.isascii() and after.isdigit() else 0
        found = [letter for letter in self._letters.all(request.query_params.get("to", "")) if letter.id > least]
        return JSONResponse(
            {
                "now": to_iso(self._now()),
                "last": self._letters.last_id,
                "messages": [_summary(letter) for letter in found],
            }
        )

    async def message(self, request: Request) -> Response:
        letter = self._find(request)
        return JSONResponse(_summary(letter) | {"text": letter.text, "html": letter.html, "headers": letter.headers})

    async def html(self, request: Request) -> Response:
        """The letter's HTML by itself, for the frame it is shown in."""
        letter = self._find(request)
        # Links of a letter open beside the mailbox, never inside it.
        page = '<base target="_blank">' + (letter.html or "")
        return HTMLResponse(page, headers={"Content-Security-Policy": _LETTER_POLICY})

    async def unsubscribe(self, request: Request) -> Response:
        """What a mail program does when its unsubscribe button is pressed: one POST, no page (RFC 8058)."""
        letter = self._find(request)
        if letter.unsubscribe is None:
            return JSONResponse({"message": "This letter offers no one-click unsubscription."}, 400)
        status = await asyncio.to_thread(_post_one_click, letter.unsubscribe)
        if status is None or status >= 300:
            found = "no answer" if status is None else f"status {status}"
            return JSONResponse({"message": f"The sender's server did not take it ({found})."}, 502)
        return JSONResponse({"message": "Unsubscribed. The sender's server said yes."})

    def _find(self, request: Request) -> Opened:
        letter = self._letters.find(request.path_params["number"])
        if letter is None:
            raise HTTPException(404, "no such letter: only the latest 500 are kept")
        return letter


def _summary(letter: Opened) -> dict[str, Any]:
    return {
        "id": letter.id,
        "received_at": to_iso(letter.received_at),
        "from_name": letter.sender_name,
        "from": letter.sender,
        "to": letter.to,
        "subject": letter.subject,
        "preview": letter.preview,
        "can_unsubscribe": letter.unsubscribe is not None,
    }


def _post_one_click(address: str) -> int | None:
    request = urllib.request.Request(  # noqa: S310 - `letters` lets only http and https through
        address,
        data=b"List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=_UNSUBSCRIBE_SECONDS_MAX) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
