"""An import at work: rows in, events into the log or products into the catalogue, the place in the file kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from habitue.ingest.settings import IngestSettings
from habitue.model.event import Event
from habitue.model.instant import DAY, Instant
from habitue.model.product import Product

from .customers import Customers
from .events import Events
from .fields import Fields
from .making import Made, Maker, Refused, Skipped
from .mapping import Mapping
from .orders import Orders
from .products import Products
from .progress import Bookmark, Counts, fingerprint
from .reading.open import open_rows
from .reading.rows import Row, Rows, Spoilt
from .rejected import RejectedRows

BATCH = 2_000
"""Events of one append: few enough that a live shop's clients beside the import do not wait."""
KEPT_EVERY = 5
"""Batches between two notes of the place. What lies between is read again after a kill, and is known then."""
ROWS_UNKEPT_MAX = 50_000
"""Rows that come to nothing must not delay the note for ever."""


class Taken(NamedTuple):
    """What became of a batch."""

    added: int
    known: int


class Sink(Protocol):
    """Where an import leads."""

    def take_events(self, events: Sequence[Event]) -> Taken: ...

    def take_products(self, products: Sequence[Product]) -> Taken: ...


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a whole import. `history_after`: rows without a time count as older than this."""

    mapping: Mapping
    now: Instant
    settings: IngestSettings = IngestSettings()
    before: Instant | None = None
    history_after: int = 0


def maker_of(terms: Terms) -> Maker:
    """What turns rows of this kind into what is kept of them."""
    fields = Fields(terms.mapping)
    more = (terms.settings, terms.now, terms.before)
    match terms.mapping.kind:
        case "events":
            return Events(fields, *more)
        case "customers":
            return Customers(fields, terms.now - max(DAY, terms.history_after) - 1, *more)
        case "orders":
            return Orders(fields, *more)
        case "products":
            return Products(fields)


def opened(path: Path, mapping: Mapping) -> Rows:
    """The rows of the file as the mapping says it is written."""
    rows = open_rows(path, mapping.encoding, mapping.delimiter)
    rows.want(mapping.columns_read())
    return rows


class Import:
    """One file under way. Killed at any moment, it goes on where it was when it is started again."""

    def __init__(self, path: Path, terms: Terms, sink: Sink, bookmark: Bookmark, rejected: Path) -> None:
        self._path = path
        self._sink = sink
        self._maker = maker_of(terms)
        self._mapping = terms.mapping
        self._bookmark = bookmark
        self._fingerprint = fingerprint(path, terms.mapping)
        place = self._bookmark.read(self._fingerprint)
        self.counts = place.counts if place is not None else Counts()
        self.begun_at_row = self.counts.rows
        self._rejected = RejectedRows(rejected, place.rejected_bytes if place is not None else 0)
        self._waiting = place.waiting if place is not None else b""
        self._batch: list[Any] = []
        self._unkept_batches = 0
        self._unkept_rows = 0

    @property
    def rejected_path(self) -> Path | None:
        """Where rejected rows are, if there are any."""
        return self._rejected.path if self.counts.rejected else None

    def run(self, progress: Callable[[int, int], None]) -> Counts:
        """Read the file to its end. `progress` is told how much of how much is read."""
        rows = opened(self._path, self._mapping)
        try:
            left = self._after_those_before(rows, progress)
            self._maker.go_on(self._waiting)
            for row in left:
                self._keep_made(_made(self._maker, row))
                self.counts.rows += 1
                self._unkept_rows += 1
                if len(self._batch) >= BATCH or self._unkept_rows >= ROWS_UNKEPT_MAX:
                    self._hand_over()
                    progress(*rows.progress())
            for made in self._maker.rest():
                self._keep_made(made)
                if len(self._batch) >= BATCH:
                    self._hand_over()
            self._hand_over()
            self._rejected.write()
        finally:
            rows.close()
        self._bookmark.remove()
        return self.counts

    def _after_those_before(self, rows: Rows, progress: Callable[[int, int], None]) -> Iterator[Row | Spoilt]:
        """The rows that no earlier attempt has dealt with."""
        left = iter(rows)
        for number in range(self.begun_at_row):
            row = next(left, None)
            if isinstance(row, Row):
                self._maker.pass_over(row)
            if number % BATCH == 0:
                progress(*rows.progress())
        return left

    def _keep_made(self, made: Iterable[Made]) -> None:
        counts = self.counts
        for one in made:
            if isinstance(one, Event):
                counts.count(counts.made, one.name)
                self._batch.append(one)
            elif isinstance(one, Product):
                counts.count(counts.made, "products")
                self._batch.append(one)
            elif isinstance(one, Refused):
                counts.count(counts.rejected, str(one.reason))
                self._rejected.add(*one)
            else:
                counts.count(counts.skipped, one.why)

    def _hand_over(self) -> None:
        batch, self._batch = self._batch, []
        for start in range(0, len(batch), BATCH):
            part = batch[start : start + BATCH]
            take = self._sink.take_products if self._mapping.kind == "products" else self._sink.take_events
            taken = take(part)
            self.counts.added += taken.added
            self.counts.known += taken.known
        self._unkept_batches += 1
        if self._unkept_batches >= KEPT_EVERY or self._unkept_rows >= ROWS_UNKEPT_MAX:
            self._unkept_batches = self._unkept_rows = 0
            self._rejected.write()
            self._bookmark.write(self._fingerprint, self.counts, self._rejected.bytes, self._maker.waiting())


class Trial(msgspec.Struct, kw_only=True):
    """What would come of the first rows. Nothing is written."""

    counts: Counts
    made: list[Any]
    """The first few events or products."""
    refused: list[Refused]
    whole: bool
    """Whether the file has no further rows."""


def tried(path: Path, terms: Terms, rows_max: int = 10_000, shown: int = 5) -> Trial:
    """Read the first rows and say what they would come to."""
    maker, trial = maker_of(terms), Trial(counts=Counts(), made=[], refused=[], whole=True)
    rows = opened(path, terms.mapping)
    try:
        for row in rows:
            if trial.counts.rows >= rows_max:
                trial.whole = False
                break
            trial.counts.rows += 1
            _note(trial, _made(maker, row), shown)
        # The few orders whose lines go on below the last row read are shown as far as they are known.
        for made in maker.rest():
            _note(trial, made, shown)
    finally:
        rows.close()
    return trial


def _note(trial: Trial, made: Iterable[Made], shown: int) -> None:
    counts = trial.counts
    for one in made:
        if isinstance(one, Refused):
            counts.count(counts.rejected, str(one.reason))
            if len(trial.refused) < shown:
                trial.refused.append(one)
        elif isinstance(one, Skipped):
            counts.count(counts.skipped, one.why)
        else:
            counts.count(counts.made, one.name if isinstance(one, Event) else "products")
            if len(trial.made) < shown:
                trial.made.append(one)


def _made(maker: Maker, row: Row | Spoilt) -> Iterable[Made]:
    if isinstance(row, Spoilt):
        return (Refused(row.number, row.reason, row.detail, row.text),)
    return maker.make(row)
