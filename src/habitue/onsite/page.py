"""The few pages a shopper sees: small, calm, without scripts, cookies or anything from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse

from habitue.playbook.playbook import Playbook, Shop

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # The address holds the token that may change her choices: it must not travel on.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def page(name: str, playbook: Playbook | None, *, status: int = 200, **values: Any) -> HTMLResponse:
    """One of `pages/`, in the shop's name and colour."""
    shop = playbook.shop if playbook else Shop(name="this shop")
    color = shop.color if _COLOR.fullmatch(shop.color) else Shop(name="").color
    html = _pages().get_template(name).render(shop=shop, color=color, ink=_ink_on(color), **values)
    return HTMLResponse(html, status_code=status, headers=_HEADERS)


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("habitue.onsite", "pages"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _ink_on(color: str) -> str:
    """White or near-black, whichever can be read on the colour (relative luminance, WCAG 2.2)."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return "#ffffff" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.36 else "#16181d"


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
