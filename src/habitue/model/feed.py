"""A feed: where products or articles are fetched from, how often, and what came of it last."""

from __future__ import annotations

from typing import Literal

import msgspec

from .instant import Instant, Span

Holds = Literal["products", "articles"]
State = Literal["waiting", "fetched", "unchanged", "failed", "refused"]
"""`refused`: it was read, but would have deleted too much."""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """`detail` says in words what came of the latest fetch; the counts are its own."""

    name: str
    url: str
    holds: Holds
    interval: Span
    added_at: Instant
    due_at: Instant
    state: State = "waiting"
    detail: str = ""
    fetched_at: Instant | None = None
    succeeded_at: Instant | None = None
    failures: int = 0
    """In a row."""
    etag: str = ""
    last_modified: str = ""
    added: int = 0
    changed: int = 0
    removed: int = 0
    unreadable: int = 0
    """Items that could not be understood."""
