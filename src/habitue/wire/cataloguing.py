"""The catalogue process: fetches feeds that are due, lets sales begin and end, tells those whom a change concerns."""

from __future__ import annotations

import threading
import time

import structlog

from habitue.errors import HabitueError
from habitue.model.feed import Feed
from habitue.model.instant import DAY, Instant, Span
from habitue.run.clock import doubt_of
from habitue.run.embedded import Watch
from habitue.run.lifeline import Lifeline
from habitue.run.occurrences import Occurrences

from .parts import CATALOG_FILE, Parts

GLANCE_SECONDS = 0.25
LOOK_SECONDS = 2.0
"""Without a write to the catalogue, it is looked into so often: a sale may begin, decide may have caught up."""
FEEDS_EVERY_SECONDS = 2.0
FORGET_EVERY: Span = DAY

log = structlog.get_logger()


def catalogue(parts: Parts, line: Lifeline) -> None:
    """Work until told to stop. Fetching has a thread of its own: a slow shop must not hold up what is to be told."""
    threading.Thread(target=_fetch_due, args=(parts, line), name="feeds", daemon=True).start()
    occurrences = Occurrences(parts.catalog, parts.view, parts.log, parts.store.position)
    written = Watch(parts.data / f"{CATALOG_FILE}-wal")
    line.say_ready()
    look_at = 0.0
    forget_at: Instant = 0
    while not line.stopping:
        if doubt_of(parts.clock):
            line.wait(LOOK_SECONDS)
            continue
        if written.has_changed() or time.monotonic() >= look_at:
            look_at = time.monotonic() + LOOK_SECONDS
            while not line.stopping and parts.catalog.reprice(parts.clock.now()):
                pass
            while not line.stopping and (turned := occurrences.turn()).more:
                log.debug("customers told", changes=turned.changes, events=turned.events)
            if not line.stopping and turned.waits:
                look_at = 0.0
            if parts.clock.now() >= forget_at:
                parts.catalog.forget(parts.clock.now())
                forget_at = parts.clock.now() + FORGET_EVERY
        line.wait(GLANCE_SECONDS)


def _fetch_due(parts: Parts, line: Lifeline) -> None:
    while not line.stopping:
        try:
            for feed in parts.catalog.due_feeds(parts.clock.now()):
                if line.stopping:
                    return
                _fetch_or_fail(parts, feed)
        except HabitueError as error:
            log.error("feeds cannot be looked up", error=str(error))  # A locked file: the next round tries again.
        time.sleep(FEEDS_EVERY_SECONDS)


def _fetch_or_fail(parts: Parts, feed: Feed) -> None:
    """Whatever a feed stumbles over, it must not come first for ever and hold up the others."""
    try:
        fetch_feed(parts, feed)
    except Exception as error:
        from habitue.catalog.refresh import failed

        log.exception("feed failed", feed=feed.name)
        parts.catalog.put_feed(failed(feed, parts.clock.now(), f"{type(error).__name__}: {error}"))


def fetch_feed(parts: Parts, feed: Feed, *, force: bool = False) -> Feed:
    """Fetch a feed now and keep what came of it."""
    # Read only when there is a feed: most of this process's memory would be a client it never uses.
    from habitue.catalog.refresh import Bounds, refresh
    from habitue.fetch import Fetcher

    settings = parts.settings.catalog
    fetcher = Fetcher(
        bytes_max=settings.feed_bytes_max,
        seconds_max=settings.fetch_seconds_max,
        private_hosts=frozenset(host.strip() for host in settings.private_hosts.split(",") if host.strip()),
    )
    bounds = Bounds(settings.feed_bytes_max, settings.delete_percent_max)
    came = refresh(feed, parts.catalog, fetcher, parts.clock.now, bounds, force=force)
    if parts.catalog.feed(feed.name) is not None:  # It may have been removed meanwhile.
        parts.catalog.put_feed(came)
    say = log.info if came.state in ("fetched", "unchanged") else log.warning
    say("feed fetched", feed=came.name, state=came.state, detail=came.detail)
    return came
