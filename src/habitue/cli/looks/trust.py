"""Trust: does the shop believe public keys more than the table says?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    trust = parts.settings.trust
    if trust.orders == "browser":
        yield Finding("note", "trust.orders", "browser: anybody can invent orders; have a server or webhook tell them")
    if trust.identity == "browser":
        words = "browser: anybody can pass for anybody; prove who it is, as docs/trust.md says, and take this out"
        yield Finding("note", "trust.identity", words)
