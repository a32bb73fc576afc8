"""Files to import, and a place for what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from habitue.importing.guess import guess
from habitue.importing.mapping import Kind, Mapping
from habitue.importing.mapping_file import read_mapping
from habitue.importing.progress import Bookmark, Counts
from habitue.importing.rejected import rejected_path
from habitue.importing.work import Import, Taken, Terms
from habitue.model.event import Event
from habitue.model.instant import from_datetime
from habitue.model.product import Product
from habitue.store.memory import MemoryLog

NOW = from_datetime(datetime(2026, 11, 22, 12, tzinfo=UTC))


class Clock:
    def now(self) -> int:
        return NOW


class Sink:
    """A log and a list of products. `fail_after`: the batch after which the process dies."""

    def __init__(self) -> None:
        self.log = MemoryLog(Clock())
        self.products: list[Product] = []
        self.fail_after: int | None = None
        self.batches = 0

    def take_events(self, events: Sequence[Event]) -> Taken:
        if self.fail_after is not None and self.batches >= self.fail_after:
            raise KeyboardInterrupt
        self.batches += 1
        appended = self.log.append(events)
        return Taken(appended.accepted, appended.duplicates)

    def take_products(self, products: Sequence[Product]) -> Taken:
        self.products += products
        return Taken(len(products), 0)

    @property
    def events(self) -> list[Event]:
        return [record.event for record in self.log.scan()]


Importing = Callable[..., Counts]


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def bring(tmp_path: Path, sink: Sink) -> Importing:
    """Import a file with a mapping as text, or with the guessed one."""

    def bring(path: Path, kind: Kind, mapping: str | None = None, **more: Any) -> Counts:
        read = mapped(kind, mapping) if mapping is not None else guess(path, kind).mapping
        terms = Terms(mapping=read, now=NOW, **more)
        bookmark = Bookmark(tmp_path / "imports", path, kind)
        return Import(path, terms, sink, bookmark, rejected_path(path)).run(lambda done, whole: None)

    return bring


def mapped(kind: Kind, text: str) -> Mapping:
    return read_mapping("mapping.yaml", text, kind)[0]


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reasons(path: Path) -> list[tuple[int, str]]:
    """(row, reason) of the rejected rows beside a file."""
    import json

    lines = rejected_path(path).read_text().splitlines() if rejected_path(path).exists() else []
    return [(line["number"], line["reason"]) for line in map(json.loads, lines)]
