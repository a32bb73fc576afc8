"""Imports of files: led to a data directory's log and catalogue, under its limits, clock and playbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from habitue.errors import HabitueError
from habitue.importing.guess import guess, written
from habitue.importing.mapping import Kind, Mapping
from habitue.importing.mapping_file import check_columns, read_mapping
from habitue.importing.progress import Bookmark
from habitue.importing.reading.open import open_rows
from habitue.importing.rejected import rejected_path
from habitue.importing.work import Import, Taken, Terms
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.product import Product
from habitue.run.lock import Lock, Occupied

from .parts import PLACES_FOLDER, Parts


class PartsSink:
    """The log and the catalogue of one data directory."""

    def __init__(self, parts: Parts, source: str) -> None:
        self._parts = parts
        self._source = source
        # A catalogue that is brought in for the first time is no news; what changes one that is there already is.
        self._tells = parts.catalog.count() > 0

    def take_events(self, events: Sequence[Event]) -> Taken:
        appended = self._parts.log.append(events)
        return Taken(appended.accepted, appended.duplicates)

    def take_products(self, products: Sequence[Product]) -> Taken:
        at = self._parts.clock.now()
        put = self._parts.catalog.put_products(products, source=self._source, at=at, tell=self._tells)
        added = put.added + put.changed
        return Taken(added, len(products) - added)


def mapping_of(path: Path, kind: Kind, file: Path | None) -> Mapping:
    """The mapping in a file, compared with the columns there are; without a file, the one guessed from the columns.

    Raises MappingError with every problem, or HabitueError where a guess would not do.
    """
    if file is None:
        return _guessed(path, kind)
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise HabitueError(f"{file}: cannot be read: {error}; a mapping is a YAML file in UTF-8") from None
    mapping, mentions = read_mapping(str(file), text, kind)
    rows = open_rows(path, mapping.encoding, mapping.delimiter)
    rows.close()
    if rows.columns_are_all:
        check_columns(mentions, rows.columns)
    return mapping


def _guessed(path: Path, kind: Kind) -> Mapping:
    found = guess(path, kind)
    if found.complaint:
        raise HabitueError(
            f"{path}: {found.complaint}. Write a mapping with `habitue import {kind} {path} --write-mapping > "
            "mapping.yaml`, put it right, and name it with --mapping."
        )
    return found.mapping


def written_mapping(path: Path, kind: Kind) -> str:
    """The guessed mapping as text, to be looked through and changed."""
    return written(guess(path, kind), path)


def import_terms(parts: Parts, mapping: Mapping, before: Instant | None = None) -> Terms:
    """What holds for an import into this directory now."""
    playbook = parts.latest_playbook() if parts.data.is_dir() else None
    return Terms(
        mapping=mapping,
        now=parts.clock.now(),
        settings=parts.ingest_settings,
        before=before,
        history_after=playbook.history_after if playbook is not None else 0,
    )


@contextmanager
def importing(parts: Parts, path: Path, terms: Terms, rejected: Path | None = None) -> Iterator[Import]:
    """An import ready to run, from where an earlier attempt stopped; nobody else imports the same file meanwhile."""
    places = parts.data / PLACES_FOLDER
    places.mkdir(mode=0o700, exist_ok=True)
    bookmark = Bookmark(places, path, terms.mapping.kind)
    lock = Lock(places, bookmark.name)
    try:
        lock.hold()
    except Occupied:
        raise HabitueError(f"{path}: is being imported already; wait until that import is over") from None
    try:
        sink = PartsSink(parts, terms.mapping.source)
        yield Import(path, terms, sink, bookmark, rejected or rejected_path(path))
    finally:
        lock.release()
