"""What browsers on a shop's pages must be told before they may send here, and before scripts may read the answer."""

from __future__ import annotations

import re

from starlette.requests import Request

_METHODS = "GET,POST,OPTIONS"
_HEADERS = "authorization, content-type, x-retry-count, x-write-key, anonymousid, sentat"
"""What Segment's, RudderStack's and Jitsu's browser clients add to their first requests."""
_ASKED = re.compile(r"[A-Za-z0-9, -]{1,1000}")
_MAX_AGE_SECONDS = "7200"


def cors_headers(request: Request) -> dict[str, str]:
    """For every answer. Any origin may send events: the write key is public by nature, it stands in the page."""
    origin = request.headers.get("origin")
    if origin is None:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Vary": "Origin",
        # Without it, scripts of other origins cannot see how long they should wait.
        "Access-Control-Expose-Headers": "Retry-After",
    }


def preflight_headers(request: Request) -> dict[str, str]:
    return {
        **cors_headers(request),
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _allowed_headers(request),
        "Access-Control-Max-Age": _MAX_AGE_SECONDS,
    }


def _allowed_headers(request: Request) -> str:
    """Also whatever was asked for: clients describe their retries in ever new headers, and none gives any power.

    A header that is missing from the list stops the browser: RudderStack's client could send, but never send again.
    """
    asked = request.headers.get("access-control-request-headers", "")
    return f"{_HEADERS}, {asked}" if _ASKED.fullmatch(asked) else _HEADERS
