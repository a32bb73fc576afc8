"""A backtest on Apache Spark: the function a single machine calls, called by `mapInArrow`. Only this file knows Spark.

Executors need Habitue installed where their Python finds it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from habitue.model.instant import Instant, Span
from habitue.playbook.playbook import Playbook

from . import rows
from .asking import checked
from .living import Counted, lives_of
from .report import Report, report_of
from .shards import live_rows
from .sharing import ROWS_PER_SHARD
from .tally import FOLLOWS, Asked

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

_TEXTS = ("event_id", "source", "type", "name", *rows.SPOKEN, "context", "properties", "traits")
_NUMBERS = ("position", "occurred_at", "group", "shard")
_SPEAKING = ", ".join([*(f"{name} string" for name in ("said", *rows.SPOKEN)), "rows long"])
_MARKS = ("plain", "quiet")
_SHARED = ", ".join(
    [
        *(f"`{name}` long" for name in _NUMBERS),
        *(f"{name} string" for name in _TEXTS),
        "number int",
        *(f"{name} boolean" for name in _MARKS),
    ]
)


def backtest_on_spark(
    spark: SparkSession,
    events: DataFrame,
    playbook: Playbook,
    *,
    since: Instant,
    until: Instant,
    journey: str | None = None,
    follows: Span = FOLLOWS,
) -> Report:
    """The report of `backtest`, over a data frame of the archive's events; see docs/archive.md for its columns.

    Who belongs together is found here in the driver, from every different way in which events say who it was.
    """
    asked = checked([playbook], Asked(since, until, journey, follows))
    said = events.select(*rows.NAMING).mapInArrow(partial(_speakers, until=until), _SPEAKING)
    together = said.groupBy("said", *rows.SPOKEN).sum("rows").withColumnRenamed("sum(rows)", "rows").toArrow()
    groups = rows.grouped(together, [playbook.identity], ROWS_PER_SHARD)
    counted = Counted.nothing(1)
    if not groups.rows:
        return report_of(counted.tallies[0], playbook, asked)
    sent = spark.sparkContext.broadcast((groups, playbook, asked))
    try:
        shared = events.select(*rows.COLUMNS).mapInArrow(partial(_share_out, sent=sent), _SHARED)
        by_shard = shared.repartition(len(groups.rows), "shard")
        for row in by_shard.mapInArrow(partial(_live, sent=sent), "counted binary").toLocalIterator():
            counted.add(pickle.loads(row.counted))  # noqa: S301  # Written by `_live`, in our own executors.
    finally:
        sent.destroy()
    return report_of(counted.tallies[0], playbook, asked)


def _speakers(batches: Iterable[pa.RecordBatch], until: Instant) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield from rows.speakers(rows.lived(pa.Table.from_batches([batch]), until)).to_batches()


def _share_out(
    batches: Iterable[pa.RecordBatch], sent: Broadcast[tuple[rows.Groups, Playbook, Asked]]
) -> Iterator[pa.RecordBatch]:
    groups, playbook, asked = sent.value
    [lives] = lives_of([playbook], asked)
    for batch in batches:
        table = rows.shared_out(rows.lived(pa.Table.from_batches([batch]), asked.until), groups, lives.heeds)
        yield from table.select([*_NUMBERS, *_TEXTS, "number", *_MARKS]).to_batches()


def _live(
    batches: Iterable[pa.RecordBatch], sent: Broadcast[tuple[rows.Groups, Playbook, Asked]]
) -> Iterator[pa.RecordBatch]:
    found = list(batches)
    if found:
        _, playbook, asked = sent.value
        counted = live_rows(pa.Table.from_batches(found), lives_of([playbook], asked), asked, lambda events: None)
        yield pa.record_batch({"counted": pa.array([pickle.dumps(counted)], pa.binary())})
