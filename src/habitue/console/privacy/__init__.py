"""Privacy: what people asked for, what was erased with its receipt, and who did what."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.roles import OWNERS
from habitue.console.visit import Door, Visit


def show(visit: Visit) -> Response:
    return visit.page(
        "privacy/privacy.html",
        place="privacy",
        requests=[(one, visit.name(one.customer) if one.customer else "") for one in visit.services.privacy.requests()],
        acts=visit.services.privacy.audit(),
        **_receipts(visit),
    )


def show_receipts(visit: Visit) -> Response:
    return visit.live("privacy/receipts.html", **_receipts(visit))


def close(visit: Visit) -> Response:
    """Take a request off the list once it was answered."""
    position = visit.form.get("position", "")
    if position.isascii() and position.isdigit() and len(position) <= 18:
        visit.services.privacy.close_request(int(position), visit.user.email if visit.user else "")
    return visit.redirect(addresses.to("privacy"))


def _receipts(visit: Visit) -> dict[str, Any]:
    return {"receipts": visit.services.privacy.receipts(), "ordered": visit.query("ordered")}


DOORS = (
    Door("/privacy", show, OWNERS),
    Door("/privacy/receipts", show_receipts, OWNERS),
    Door("/privacy/close", close, OWNERS, "POST"),
)
