"""Tells machines that open letters and follow links from people who do. Machines are counted, but apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from habitue.model.instant import SECOND, Instant, Span

HASTE: Span = 5 * SECOND
"""Nobody gets a letter, reads it and clicks within five seconds of its delivery; security scanners do."""
BURST: Span = 2 * SECOND
BURST_LINKS = 3
"""So many links of one letter within a burst are no person's."""
AT_ONCE: Span = SECOND // 2
"""Nor are two within half a second."""

_SCANNERS = re.compile(
    r"bot\b|crawl|spider|scan|preview|barracuda|proofpoint|mimecast|fireeye|trendmicro|symantec|messagelabs|forcepoint|"
    r"safelinks|office 365|ms-office|microsoft office|skypeuri|slackbot|facebookexternalhit|whatsapp|telegram|"
    r"headless|python|curl|wget|java/|go-http|okhttp|axios|node-fetch|libwww|urllib",
    re.IGNORECASE,
)
# Apple's mail privacy protection fetches every picture, whether the letter is opened or not, and says only this.
_APPLE_PROXY = "Mozilla/5.0"


class Visitor(NamedTuple):
    """Who sent a request, as far as it shows."""

    ip: str
    agent: str


class Hit(NamedTuple):
    """One request for a link or a letter's picture; `link` is empty for the picture."""

    visitor: Visitor
    method: str
    link: str
    at: Instant


def machines_among(hits: Sequence[Hit], sent_at: Instant | None) -> frozenset[Visitor]:
    """The visitors that look like programs, judged by what they say and by what came together.

    `hits` are of one delivery, in order. It is a guess, and errs on the side of machines: a person's second click on
    another day counts.
    """
    alone = {hit.visitor for hit in hits if _is_machine_alone(hit, sent_at)}
    # A filter that comes from many addresses is one filter: so a burst is of the letter, not of the visitor.
    return frozenset(alone | {hit.visitor for hit in _bursts(hits)})


def _is_machine_alone(hit: Hit, sent_at: Instant | None) -> bool:
    agent = hit.visitor.agent.strip()
    in_haste = sent_at is not None and hit.at - sent_at < HASTE
    return hit.method == "HEAD" or in_haste or agent in ("", _APPLE_PROXY) or _SCANNERS.search(agent) is not None


def _bursts(hits: Sequence[Hit]) -> list[Hit]:
    """The clicks that are part of a burst."""
    clicks = [hit for hit in hits if hit.link]
    found: list[Hit] = []
    for first in clicks:
        near = [hit for hit in clicks if 0 <= hit.at - first.at < BURST]
        at_once = [hit for hit in near if hit.at - first.at < AT_ONCE]
        if len({hit.link for hit in near}) >= BURST_LINKS:
            found += near
        elif len({hit.link for hit in at_once}) > 1:
            found += at_once
    return found
