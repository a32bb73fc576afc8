"""Rewrites parts of the archive without some people: row group by row group, so that a large day needs little memory.

Imports pyarrow, like `columns`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from operator import ne
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from habitue.model.event import ERASED, Event, Record

from .columns import EVENTS, ROW_GROUP, event_row, table_of, table_records

NAMELESS = "erased"
NAMING = frozenset({"merged", "parted", "two_known_users", "kept_apart", "identifier_limit"})
"""Reasons of decisions that name somebody else."""


class Gone(NamedTuple):
    """Whom the archive is to forget."""

    ordinals: Mapping[str, int]
    """Customer id → what was decided about her has ids up to this number; what came later is of somebody new."""
    spelled: frozenset[str]
    positions: frozenset[int]
    clean: Callable[[Record], Event | None]
    """What is to stand in a record's place; None leaves it as it is."""


class Cleaned(NamedTuple):
    """A row group without them, and how many rows of each customer went or changed."""

    table: pa.Table
    rows: int


def rewritten(part: Path, kind: str, gone: Gone, draft: Path) -> int:
    """Write the part to `draft` without them; returns how many rows went or changed. Nothing is written for none."""
    if not _may_hold(part, kind, gone):
        return 0
    total = 0
    with pq.ParquetFile(part) as file, pq.ParquetWriter(draft, file.schema_arrow, compression="zstd") as writer:
        for group in _groups(file):
            cleaned = _CLEANERS[kind](group, gone)
            total += cleaned.rows
            writer.write_table(cleaned.table, row_group_size=ROW_GROUP)
    return total


def _groups(file: pq.ParquetFile) -> Iterator[pa.Table]:
    for number in range(file.num_row_groups):
        yield file.read_row_group(number)


_NAMING = {
    "events": ["position", "type", "user_id", "anonymous_id", "previous_id", "customer", "identifiers", "context"],
    "decisions": ["customer", "reason"],
    "deliveries": ["customer"],
}


def _may_hold(part: Path, kind: str, gone: Gone) -> bool:
    """Reads the columns that name people, and nothing else: most parts are left in peace."""
    with pq.ParquetFile(part) as file:
        for number in range(file.num_row_groups):
            columns = [name for name in _NAMING[kind] if name in file.schema_arrow.names]
            if pc.any(_suspects(file.read_row_group(number, columns=columns), kind, gone)).as_py():
                return True
    return False


def _suspects(table: pa.Table, kind: str, gone: Gone) -> pa.ChunkedArray:
    """Rows that may be theirs or name them, as a mask; never too few. Sets, not patterns: they may be thousands."""
    masks = [_is_one_of(table.column("customer"), gone.ordinals)]
    if kind == "events":
        masks += [_is_one_of(table.column(name), gone.spelled) for name in ("user_id", "anonymous_id", "previous_id")]
        masks.append(pc.is_in(table.column("position"), value_set=pa.array(sorted(gone.positions), pa.int64())))
        masks.append(pc.equal(table.column("type"), "control"))
        masks.append(pc.match_substring(table.column("context"), '"claims":{'))
        if "identifiers" in table.column_names:
            masks.append(pc.not_equal(table.column("identifiers"), "{}"))
    elif kind == "decisions":
        masks.append(_is_one_of(table.column("reason"), NAMING))
    return reduce(pc.or_, [pc.fill_null(mask, False) for mask in masks])


def _is_one_of(column: pa.ChunkedArray, texts: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(sorted(texts), pa.string()))


def _without_events(table: pa.Table, gone: Gone) -> Cleaned:
    suspects = _suspects(table, "events", gone).to_pylist()
    if not any(suspects):
        return Cleaned(table, 0)
    rows, changed = [], 0
    whose = table.column("customer").to_pylist()
    for record, customer, suspect in zip(table_records(table), whose, suspects, strict=True):
        event = gone.clean(record) if suspect else None
        if event is not None:
            changed += 1
            record = Record(record.position, record.received_at, event)
            customer = None if event.name == ERASED else customer
        rows.append(event_row((record, customer)))
    return Cleaned(table_of(rows, EVENTS).select(table.column_names), changed)


def _without_rows(table: pa.Table, gone: Gone, number: str) -> Cleaned:
    whose, ids = table.column("customer").to_pylist(), table.column(number).to_pylist()
    kept = [
        int(one.rpartition(".")[2]) > gone.ordinals.get(customer, -1) for customer, one in zip(whose, ids, strict=True)
    ]
    return Cleaned(table.filter(pa.array(kept, pa.bool_())), kept.count(False))


def _without_decisions(table: pa.Table, gone: Gone) -> Cleaned:
    left = _without_rows(table, gone, "decision_id")
    reasons, details = left.table.column("reason").to_pylist(), left.table.column("detail").to_pylist()
    nameless = [
        _nameless(detail, gone) if reason in NAMING else detail for reason, detail in zip(reasons, details, strict=True)
    ]
    if nameless == details:
        return left
    place = left.table.column_names.index("detail")
    column = pa.array(nameless, left.table.schema.field("detail").type)
    return Cleaned(left.table.set_column(place, "detail", column), left.rows + sum(map(ne, nameless, details)))


def _nameless(detail: str, gone: Gone) -> str:
    said = msgspec.json.decode(detail)
    named = {key for key, value in said.items() if isinstance(value, str) and value in gone.ordinals}
    return msgspec.json.encode(said | dict.fromkeys(named, NAMELESS)).decode() if named else detail


def _without_deliveries(table: pa.Table, gone: Gone) -> Cleaned:
    return _without_rows(table, gone, "delivery_id")


_CLEANERS: dict[str, Callable[[pa.Table, Gone], Cleaned]] = {
    "events": _without_events,
    "decisions": _without_decisions,
    "deliveries": _without_deliveries,
}
