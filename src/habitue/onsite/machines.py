"""Tells machines that open letters and follow links from people who do. Machines are counted, but apart."""

from __future__ import annotations

import re

from starlette.requests import Request

from habitue.model.instant import SECOND, Instant

HASTE = 2 * SECOND
"""Nobody reads a letter and clicks within two seconds of its delivery; security scanners do."""

_SCANNERS = re.compile(
    r"bot\b|crawl|spider|scan|preview|barracuda|proofpoint|mimecast|fireeye|trendmicro|symantec|messagelabs|forcepoint|"
    r"safelinks|office 365|ms-office|microsoft office|skypeuri|slackbot|facebookexternalhit|whatsapp|telegram|"
    r"headless|python|curl|wget|java/|go-http|okhttp|axios|node-fetch|libwww|urllib",
    re.IGNORECASE,
)
# Apple's mail privacy protection fetches every picture, whether the letter is opened or not, and says only this.
_APPLE_PROXY = "Mozilla/5.0"


def is_machine(request: Request, sent_at: Instant | None, now: Instant) -> bool:
    """Whether the request looks like a program's. A guess, from what the request says and how soon it came."""
    agent = request.headers.get("user-agent", "").strip()
    in_haste = sent_at is not None and now - sent_at < HASTE
    return request.method == "HEAD" or in_haste or agent in ("", _APPLE_PROXY) or _SCANNERS.search(agent) is not None
