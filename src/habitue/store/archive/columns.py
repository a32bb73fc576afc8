"""The archive's columns: what a row of each kind holds, and how Parquet files are written, merged and read.

Imports pyarrow, which costs 60 MB of memory: only who writes or reads the archive imports this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from habitue.model.decision import Decision
from habitue.model.delivery import Delivery
from habitue.model.event import Event, Record
from habitue.model.folding import folded, unfolded

ROW_GROUP = 10_000
"""Rows a reader skips or takes together. Five times as many pack a little better, and take 50 MB more to merge."""

# Arrow's own pool keeps what it once had: some 150 MB after the first large merge. The system's gives it back.
pa.set_memory_pool(pa.system_memory_pool())
# One thread: an archive step is small, and a pool of threads keeps an arena of memory for each.
pa.set_cpu_count(1)
pa.set_io_thread_count(1)

_TIME = pa.timestamp("us", tz="UTC")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def _schema(columns: dict[str, pa.DataType]) -> pa.Schema:
    return pa.schema(list(columns.items()))


EVENTS = _schema(
    {
        "position": pa.int64(),
        "received_at": _TIME,
        "occurred_at": _TIME,
        "source": pa.string(),
        "event_id": pa.string(),
        "type": pa.string(),
        "name": pa.string(),
        "user_id": pa.string(),
        "anonymous_id": pa.string(),
        "previous_id": pa.string(),
        "customer": pa.string(),
        "properties": pa.string(),
        "traits": pa.string(),
        "context": pa.string(),
        "identifiers": pa.string(),
    }
)
DECISIONS = _schema(
    {
        "sequence": pa.int64(),
        "decision_id": pa.string(),
        "customer": pa.string(),
        "decided_at": _TIME,
        "outcome": pa.string(),
        "reason": pa.string(),
        "journey": pa.string(),
        "run": pa.string(),
        "step": pa.string(),
        "message": pa.string(),
        "channel": pa.string(),
        "segment": pa.string(),
        "detail": pa.string(),
    }
)
DELIVERIES = _schema(
    {
        "change": pa.int64(),
        "delivery_id": pa.string(),
        "customer": pa.string(),
        "message": pa.string(),
        "channel": pa.string(),
        "address": pa.string(),
        "state": pa.string(),
        "created_at": _TIME,
        "updated_at": _TIME,
        "retry_at": _TIME,
        "attempts": pa.int64(),
        "reason": pa.string(),
        "detail": pa.string(),
        "journey": pa.string(),
        "run": pa.string(),
        "step": pa.string(),
        "subject": pa.string(),
    }
)


def event_row(owned: tuple[Record, str | None]) -> tuple[Any, ...]:
    """A record, and the customer who absorbed it."""
    record, customer = owned
    event = record.event
    return (
        record.position,
        record.received_at,
        event.occurred_at,
        event.source,
        event.id,
        event.type,
        event.name,
        event.user_id,
        event.anonymous_id,
        event.previous_id,
        customer,
        _encode(event.properties).decode(),
        _encode(event.traits).decode(),
        _encode(folded(event)).decode(),
        _encode(event.identifiers).decode(),
    )


def decision_row(numbered: tuple[int, Decision]) -> tuple[Any, ...]:
    sequence, one = numbered
    return (
        sequence,
        one.id,
        one.customer,
        one.at,
        one.outcome.value,
        one.reason.value,
        one.journey,
        one.run,
        one.step,
        one.message,
        one.channel,
        one.segment,
        _encode(one.detail).decode(),
    )


def delivery_row(numbered: tuple[int, Delivery]) -> tuple[Any, ...]:
    change, one = numbered
    return (
        change,
        one.id,
        one.customer,
        one.message,
        one.channel,
        one.address,
        one.state.value,
        one.created_at,
        one.updated_at,
        one.retry_at,
        one.attempts,
        one.reason,
        one.detail,
        one.journey,
        one.run,
        one.step,
        one.subject,
    )


_KINDS: dict[str, tuple[pa.Schema, Callable[[Any], tuple[Any, ...]]]] = {
    "events": (EVENTS, event_row),
    "decisions": (DECISIONS, decision_row),
    "deliveries": (DELIVERIES, delivery_row),
}


def write_rows(path: Path, kind: str, things: Sequence[Any]) -> None:
    schema, row = _KINDS[kind]
    pq.write_table(table_of(map(row, things), schema), path, compression="zstd", row_group_size=ROW_GROUP)


def table_of(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def merge_files(parts: Sequence[Path], result: Path) -> None:
    """One file out of several, in their order, holding no more than two row groups in memory."""
    with pq.ParquetWriter(result, pq.read_schema(parts[0]), compression="zstd") as writer:
        waiting: list[pa.RecordBatch] = []
        rows = 0
        for batch in _batches(parts):
            waiting.append(batch)
            rows += batch.num_rows
            if rows >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting, rows = [], 0
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))


def _batches(parts: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        with pq.ParquetFile(part) as file:
            yield from file.iter_batches(batch_size=ROW_GROUP)


def records(path: Path, after: int) -> Iterator[Record]:
    """A part's records after a position, just as the log held them. Row groups that end before it are not read."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            statistics = file.metadata.row_group(group).column(0).statistics
            if statistics is not None and statistics.has_min_max and statistics.max <= after:
                continue
            yield from (one for one in table_records(file.read_row_group(group)) if one.position > after)


def table_records(table: pa.Table) -> Iterator[Record]:
    columns = [_plain(table.column(name)) for name in EVENTS.names if name != "customer"]
    for (
        position,
        received_at,
        occurred_at,
        source,
        event_id,
        event_type,
        name,
        user_id,
        anonymous_id,
        previous_id,
        properties,
        traits,
        context,
        identifiers,
    ) in zip(*columns, strict=True):
        trust = unfolded(_decode(context))
        event = Event(
            id=event_id,
            source=source,
            type=event_type,
            name=name,
            occurred_at=occurred_at,
            user_id=user_id,
            anonymous_id=anonymous_id,
            previous_id=previous_id,
            properties=_decode(properties),
            traits=_decode(traits),
            context=trust.context,
            identifiers=_decode(identifiers),
            level=trust.level,
            claims=trust.claims,
            proof=trust.proof,
        )
        yield Record(position, received_at, event)


def _plain(column: pa.ChunkedArray) -> list[Any]:
    """Instants as the integers they are: a datetime would not hold every one of them."""
    return (column.cast(pa.int64()) if column.type == _TIME else column).to_pylist()  # type: ignore[no-any-return]
