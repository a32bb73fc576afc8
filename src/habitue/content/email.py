"""An e-mail for one person, from its compiled message."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from habitue.errors import RenderFailed
from habitue.model.instant import Instant, from_datetime
from habitue.model.occasion import Occasion
from habitue.model.rendered import RenderedEmail
from habitue.playbook.playbook import Shop

from .compiled import CompiledEmail, CompiledMessage
from .data import template_data
from .environment import render
from .limits import Frame
from .links import Confirmation, Links
from .plain import text_of
from .slots import fill
from .urls import rewrite

SUBJECT_CHARACTERS_MAX = 250
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def render_email(
    compiled: CompiledMessage, data: Mapping[str, Any], links: Links, occasion: Occasion, frame: Frame
) -> RenderedEmail:
    """Raises RenderFailed; never takes much longer than `RENDER_SECONDS_MAX`, whatever the template says."""
    email, shop = compiled.email, compiled.shop
    if email is None:
        raise RenderFailed(f'the message "{compiled.message.name}" has no e-mail')
    way_out = links.unsubscribe(occasion)
    filled = template_data(data, shop, unsubscribe_url=way_out, preferences_url=links.preferences(occasion))
    if email.confirm_within is not None:
        expires_at = from_datetime(frame.now) + email.confirm_within
        filled["confirm_url"] = links.confirm(_asked(data, occasion, expires_at))

    frame.start()  # One deadline for all the parts together.
    whole, clicks = _addressed(email, render(email.html, filled, frame, "html"), shop.url, _tracker(links, occasion))
    return RenderedEmail(
        subject=one_line(render(email.subject, filled, frame, "subject")),
        html=_with_pixel(clicks, links, occasion),
        # From the untracked HTML: a text reader sees where a link leads.
        text=text_of(whole, _language(shop)) if email.text is None else render(email.text, filled, frame, "text"),
        sender=one_line(render(email.sender, filled, frame, "from")),
        reply_to=one_line(render(email.reply_to, filled, frame, "reply_to")),
        unsubscribe_url=None if compiled.message.kind == "transactional" else way_out,
        list_id=compiled.message.topic,
        feedback_id=compiled.message.name,
    )


def _asked(data: Mapping[str, Any], occasion: Occasion, expires_at: Instant) -> Confirmation:
    """What she asked for is in the event that began the journey: `Consent Requested` with its channel and topic."""
    event = data.get("event") or {}
    channel, topic = (event.get(name) for name in ("channel", "topic"))
    return Confirmation(
        occasion,
        channel if isinstance(channel, str) and channel else occasion.channel,
        topic if isinstance(topic, str) else "",
        expires_at,
    )


def one_line(text: str) -> str:
    """A header's value: a line break in it would let data write headers of its own."""
    return " ".join(_CONTROL.sub(" ", text).split())[:SUBJECT_CHARACTERS_MAX]


def _language(shop: Shop) -> str:
    """Templates are written in the shop's language, whatever the customer's is."""
    return shop.locale.replace("_", "-").partition("-")[0].lower()


def _addressed(email: CompiledEmail, html: str, base: str, tracked: Callable[[str], str]) -> tuple[str, str]:
    """The HTML with whole addresses, and the same with links that are counted."""
    if email.is_marked:
        return fill(html, base, tracked)
    whole = rewrite(html, base, lambda url: url)
    return whole, rewrite(whole, base, tracked)


def _tracker(links: Links, occasion: Occasion) -> Callable[[str], str]:
    @cache  # A picture and the name below it lead to the same place: it is signed once.
    def tracked(url: str) -> str:
        return url if links.is_our_own(url) else links.click(occasion, url)

    return tracked


def _with_pixel(html: str, links: Links, occasion: Occasion) -> str:
    if not links.open_tracking:
        return html
    style = "display:block;width:1px;height:1px;border:0"
    pixel = f'<img src="{links.open(occasion)}" width="1" height="1" alt="" style="{style}">'
    end = html.rfind("</body>")
    return html[:end] + pixel + html[end:] if end >= 0 else html + pixel
