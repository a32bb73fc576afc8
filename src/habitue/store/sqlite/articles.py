"""Writes articles: what is newer than what is known, and which of them are news."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence

import msgspec

from habitue.model.article import Article
from habitue.model.instant import Instant
from habitue.run.ports import Put
from habitue.store.changes import published

from .products import SQL

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Article).decode
_replace = msgspec.structs.replace


class ArticleBatch:
    """One transaction's work."""

    def __init__(self, connection: sqlite3.Connection, source: str, at: Instant, *, tell: bool) -> None:
        self._connection = connection
        self._source = source
        self._at = at
        self._tell = tell
        self._counts: Counter[str] = Counter()

    @property
    def came_to(self) -> Put:
        return Put(**self._counts)

    def put(self, articles: Sequence[Article]) -> None:
        known = self._known([article.id for article in articles])
        for article in articles:
            before = known.get(article.id)
            stamp = self._stamp(article)
            if before is not None and stamp < before[0]:
                self._counts["stale"] += 1
                continue
            if before is not None and before[1] is None and _same(before[2], article):
                self._counts["unchanged"] += 1
                continue
            self._counts["added" if before is None or before[1] is not None else "changed"] += 1
            self._write(article, stamp)
            if before is None and self._tell:
                self._keep_changes(article)
            known[article.id] = (stamp, None, article)

    def delete(self, ids: Sequence[str]) -> None:
        known = self._known(ids)
        for one in ids:
            before = known.get(one)
            if before is None:
                self._counts["unknown"] += 1
            elif before[1] is not None:
                self._counts["unchanged"] += 1
            else:
                self._counts["removed"] += 1
                self._connection.execute(SQL["delete_article"], (one, self._at))
                self._connection.execute(SQL["clear_categories"], (one,))

    def _known(self, ids: Sequence[str]) -> dict[str, tuple[Instant, Instant | None, Article]]:
        rows = self._connection.execute(SQL["known_articles"], (json.dumps(list(ids)),))
        return {one: (updated_at, deleted_at, _decode(body)) for one, updated_at, deleted_at, body in rows}

    def _stamp(self, article: Article) -> Instant:
        return self._at if article.updated_at is None else min(article.updated_at, self._at)

    def _write(self, article: Article, stamp: Instant) -> None:
        published_at = self._at if article.published_at is None else article.published_at
        words = " ".join([article.id, article.title, article.summary, *article.categories]).lower()
        values = (article.id, self._source, published_at, stamp, words, _encode(article))
        self._connection.execute(SQL["put_article"], values)
        self._connection.execute(SQL["clear_categories"], (article.id,))
        names = [(category, published_at, article.id) for category in article.categories]
        self._connection.executemany(SQL["put_category"], names)

    def _keep_changes(self, article: Article) -> None:
        for change in published(article, self._at):
            self._counts["changes"] += 1
            self._connection.execute(SQL["add_change"], (change.at, change.name, _encode(change)))


def _same(known: Article, told: Article) -> bool:
    return _replace(known, updated_at=None) == _replace(told, updated_at=None)
