"""A banner or pop-up for one person, from its compiled message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.errors import RenderFailed
from habitue.model.rendered import RenderedOnsite

from .compiled import CompiledMessage
from .data import template_data
from .environment import render
from .limits import Frame
from .urls import IMAGE_SCHEMES, safe_url

_PAGE_SCHEMES = frozenset({"http", "https"})


def render_onsite(compiled: CompiledMessage, data: Mapping[str, Any], frame: Frame) -> RenderedOnsite:
    """Plain text and checked addresses. Raises RenderFailed."""
    onsite = compiled.onsite
    if onsite is None:
        raise RenderFailed(f'the message "{compiled.message.name}" has nothing for the site')
    filled = template_data(data, compiled.shop)
    frame.start()
    return RenderedOnsite(
        type=onsite.type,
        title=render(onsite.title, filled, frame, "title").strip(),
        body=render(onsite.body, filled, frame, "body").strip(),
        button=render(onsite.button, filled, frame, "button").strip(),
        # Relative addresses stay so: the shop's own page shows them.
        url=safe_url(render(onsite.url, filled, frame, "url").strip(), schemes=_PAGE_SCHEMES),
        image=safe_url(render(onsite.image, filled, frame, "image").strip(), schemes=IMAGE_SCHEMES - {"cid"}),
    )
