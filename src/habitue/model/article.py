"""An article: something to read that the shop published."""

from __future__ import annotations

import msgspec

from .instant import Instant


class Article(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`id` is the feed's own (a guid), or its address where it has none. `url` and `image_url` may be relative."""

    id: str
    title: str
    url: str = ""
    summary: str = ""
    image_url: str = ""
    categories: list[str] = []
    author: str = ""
    locale: str = ""
    published_at: Instant | None = None
    updated_at: Instant | None = None
