"""Articles out of a feed: RSS, Atom or JSON Feed, packed or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from habitue.catalog import values
from habitue.model.article import Article

from .markup import items, local, words
from .problem import FeedUnreadable, ItemUnreadable
from .tables import document
from .unpacking import unpacked

SUMMARY_MAX = 1_000
CATEGORIES_MAX = 30


def read_articles(file: BinaryIO, bytes_max: int) -> Iterator[Article | ItemUnreadable]:
    """The feed's articles in order, and in their place those that cannot be read. The file must be seekable.

    Raises FeedUnreadable when the feed as a whole cannot be read, or no further.
    """
    start = (unpacked(file, bytes_max).read(512) or b"").lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    source = unpacked(file, bytes_max)
    found: Iterator[Article]
    if start.startswith(b"<"):
        found = (_of_markup(element) for element in items(source))
    elif start.startswith(b"{"):
        found = _of_json(document(source))
    else:
        raise FeedUnreadable("is neither RSS, Atom nor JSON Feed")
    for article in found:
        yield article if article.id and article.title else ItemUnreadable("an article without title or address")


def _of_markup(item: Element) -> Article:
    texts: dict[str, str] = {}
    categories: list[str] = []
    url = image = ""
    for child in item:
        name, text = local(child), words(child)
        if name == "category":
            categories.append(text or child.get("term", ""))
        elif name == "link" and child.get("rel", "alternate") == "alternate":
            url = url or text or child.get("href", "")
        elif name in ("thumbnail", "content", "enclosure") and child.get("url"):
            image = image or _picture(child)
        elif name == "author":
            named = next((words(inner) for inner in child if local(inner) == "name"), text)
            texts.setdefault("author", named)
        elif text:
            texts.setdefault(name, text)
    summary = texts.get("description") or texts.get("summary") or texts.get("content") or texts.get("encoded")
    return Article(
        id=values.name(texts.get("guid") or texts.get("id") or url, 500),
        title=values.plain(texts.get("title"), 500),
        url=values.name(url, 2_000),
        summary=values.plain(summary, SUMMARY_MAX),
        image_url=image[:2_000],
        categories=_names(categories),
        author=values.plain(texts.get("author") or texts.get("creator"), 200),
        locale=values.name(texts.get("language"), 35),
        published_at=values.moment(texts.get("pubDate") or texts.get("published") or texts.get("date")),
        updated_at=values.moment(texts.get("updated") or texts.get("modified")),
    )


def _picture(child: Element) -> str:
    kind, medium = child.get("type", ""), child.get("medium", "")
    is_picture = kind.startswith("image/") or medium == "image" or (not kind and not medium)
    return child.get("url", "") if is_picture else ""


def _of_json(feed: dict[str, Any]) -> Iterator[Article]:
    listed = feed.get("items")
    if not isinstance(listed, list):
        raise FeedUnreadable("is JSON without a list of items; expected JSON Feed (jsonfeed.org)")
    for item in listed:
        one = item if isinstance(item, dict) else {}
        authors = one.get("authors") or [one.get("author") or {}]
        author = authors[0] if isinstance(authors, list) and isinstance(authors[0], dict) else {}
        yield Article(
            id=values.name(one.get("id") or one.get("url"), 500),
            title=values.plain(one.get("title"), 500),
            url=values.name(one.get("url") or one.get("external_url"), 2_000),
            summary=values.plain(one.get("summary") or one.get("content_text") or one.get("content_html"), SUMMARY_MAX),
            image_url=values.name(one.get("image") or one.get("banner_image"), 2_000),
            categories=_names(one.get("tags")),
            author=values.plain(author.get("name"), 200),
            locale=values.name(one.get("language") or feed.get("language"), 35),
            published_at=values.moment(one.get("date_published")),
            updated_at=values.moment(one.get("date_modified")),
        )


def _names(listed: Any) -> list[str]:
    if not isinstance(listed, list):
        return []
    found = (values.plain(one, 100) for one in listed if isinstance(one, str))
    return list(dict.fromkeys(name for name in found if name))[:CATEGORIES_MAX]
