"""Fetches one feed and brings the catalogue up to date with it: all of it is put, and what it lacks is deleted.

A feed that is cut short, or that a broken export left almost empty, must not empty the shop: more than a set part of a
source's products is deleted only when somebody says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple, Protocol, TypeVar, cast

import msgspec

from habitue.errors import HabitueError
from habitue.fetch import Fetched, Fetcher
from habitue.model.article import Article
from habitue.model.feed import Feed
from habitue.model.instant import MINUTE, Instant
from habitue.model.product import Product
from habitue.run.ports import Put

from .feeds import ItemUnreadable, read_articles, read_products

PART = 500
IN_MEMORY_BYTES = 4 * 1024 * 1024
RETRY_FIRST = MINUTE
EXAMPLES_MAX = 3
ARTICLES_MAX = 100_000
_T = TypeVar("_T")
_replace = msgspec.structs.replace


class Snapshot(Protocol):
    """A whole catalogue being read; `known` is how many products the source held before."""

    @property
    def known(self) -> int: ...


_S = TypeVar("_S", bound=Snapshot)


class Shelves(Protocol[_S]):
    """What a feed is put into."""

    def begin_snapshot(self, source: str) -> _S: ...

    def put_part(self, snapshot: _S, products: Sequence[Product], at: Instant) -> Put: ...

    def keep(self, snapshot: _S, ids: Sequence[str]) -> None: ...

    def missing(self, snapshot: _S) -> int: ...

    def delete_missing(self, snapshot: _S, at: Instant) -> int: ...

    def put_articles(self, articles: Iterable[Article], *, source: str, at: Instant, tell: bool = True) -> Put: ...

    def knows_articles_of(self, source: str) -> bool: ...


class Bounds(NamedTuple):
    """`delete_percent_max`: of a source's products, how many one fetch may delete."""

    bytes_max: int
    delete_percent_max: float


class _Unreadable:
    """How many items could not be read, and what was wrong with the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.examples: list[str] = []

    def add(self, broken: Sequence[ItemUnreadable]) -> None:
        self.count += len(broken)
        self.examples += [str(one) for one in broken[: EXAMPLES_MAX - len(self.examples)]]


class _Came(NamedTuple):
    """What a feed came to."""

    added: int
    changed: int
    removed: int
    unreadable: _Unreadable
    refused: str = ""
    held: int = 0


def refresh(
    feed: Feed,
    shelves: Shelves[_S],
    fetcher: Fetcher,
    now: Callable[[], Instant],
    bounds: Bounds,
    *,
    force: bool = False,
) -> Feed:
    """Fetch and put; the feed with what came of it, to be kept. `force`: whatever its age, and deleting freely."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as spooled:
        file = cast(BinaryIO, spooled)
        try:
            etag, last_modified = ("", "") if force else (feed.etag, feed.last_modified)
            fetched = fetcher.fetch(feed.url, file, etag=etag, last_modified=last_modified)
            if not fetched.changed:
                return _kept(feed, now(), "unchanged", "nothing new since the last time")
            came = _put(feed, shelves, file, now(), bounds, force=force)
        except HabitueError as error:
            return failed(feed, now(), str(error))
    return _done(feed, fetched, came, now())


def _put(feed: Feed, shelves: Shelves[_S], file: BinaryIO, at: Instant, bounds: Bounds, *, force: bool) -> _Came:
    if feed.holds == "articles":
        return _put_articles(feed, shelves, file, at, bounds)
    snapshot = shelves.begin_snapshot(feed.name)
    added = changed = held = 0
    unreadable = _Unreadable()
    for part in _parts(read_products(file, bounds.bytes_max)):
        put = shelves.put_part(snapshot, [one for one in part if isinstance(one, Product)], at)
        broken = [one for one in part if isinstance(one, ItemUnreadable)]
        shelves.keep(snapshot, [one.id for one in broken if one.id])
        unreadable.add(broken)
        added, changed, held = added + put.added, changed + put.changed, held + put.held
    missing = shelves.missing(snapshot)
    if not force and missing * 100 > bounds.delete_percent_max * snapshot.known:
        return _Came(added, changed, 0, unreadable, _too_many(feed, missing, snapshot.known, bounds), held)
    return _Came(added, changed, shelves.delete_missing(snapshot, at), unreadable, held=held)


def _put_articles(feed: Feed, shelves: Shelves[_S], file: BinaryIO, at: Instant, bounds: Bounds) -> _Came:
    """A feed of articles has only the latest ones: what it no longer names stays."""
    tell = shelves.knows_articles_of(feed.name)
    found = list(islice(read_articles(file, bounds.bytes_max), ARTICLES_MAX))
    articles = [one for one in found if isinstance(one, Article)]
    put = shelves.put_articles(articles, source=feed.name, at=at, tell=tell)
    unreadable = _Unreadable()
    unreadable.add([one for one in found if isinstance(one, ItemUnreadable)])
    return _Came(put.added, put.changed, 0, unreadable)


def _parts(items: Iterator[_T]) -> Iterator[list[_T]]:
    while part := list(islice(items, PART)):
        yield part


def _too_many(feed: Feed, missing: int, known: int, bounds: Bounds) -> str:
    return (
        f"{missing:,} of {known:,} products are not in the feed any more, which is more than "
        f"{bounds.delete_percent_max:g} % (catalog.delete_percent_max): none was deleted. If they are gone indeed, "
        f"`habitue catalog feed fetch {feed.name} --force` deletes them"
    )


def _done(feed: Feed, fetched: Fetched, came: _Came, now: Instant) -> Feed:
    said = [f"{came.added:,} added, {came.changed:,} changed, {came.removed:,} deleted"]
    if came.unreadable.count:
        said.append(f"{came.unreadable.count:,} cannot be read: {'; '.join(came.unreadable.examples)}")
    if came.held:
        said.append(
            f"{came.held:,} prices fell by more than is likely (catalog.price_drop_percent_max) and are held: "
            "`habitue catalog held` shows them"
        )
    if came.refused:
        said.append(came.refused)
    return _replace(
        _kept(feed, now, "refused" if came.refused else "fetched", ". ".join(said)[:2_000]),
        added=came.added,
        changed=came.changed,
        removed=came.removed,
        unreadable=came.unreadable.count,
        # What was refused is read again the next time, whether the shop wrote it anew or not.
        etag="" if came.refused else fetched.etag,
        last_modified="" if came.refused else fetched.last_modified,
    )


def _kept(feed: Feed, now: Instant, state: str, detail: str) -> Feed:
    return _replace(
        feed,
        state=state,
        detail=detail,
        fetched_at=now,
        succeeded_at=now,
        due_at=now + feed.interval,
        failures=0,
    )


def failed(feed: Feed, now: Instant, said: str) -> Feed:
    """The feed after a fetch that failed: tried again soon, then less and less often, never more rarely than usual."""
    wait = min(feed.interval, RETRY_FIRST * 2 ** min(feed.failures, 20))
    return _replace(
        feed, state="failed", detail=said[:2_000], fetched_at=now, due_at=now + wait, failures=feed.failures + 1
    )
