"""A recording's rows brought to their shards, by way of files in a temporary folder, and each shard lived through.

Three passes, each over pieces that have nothing to do with one another: who says what of whom; rows to their shards;
shard by shard. So nobody ever holds more than one piece of the rows in memory, and whoever does a piece, in whatever
process, it comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from habitue.model.instant import Span
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Stretch

from . import rows
from .lives import Lives
from .living import Counted, Told, live, lives_of
from .tally import Asked

_WRITING = pa.ipc.IpcWriteOptions(compression="lz4")


class Task(NamedTuple):
    """What is asked, and the folder where the pieces lie."""

    playbooks: tuple[Playbook, ...]
    asked: Asked
    folder: Path


class Shards:
    """One process's part in a task: the playbooks made ready, and who belongs to which shard, once that is settled."""

    def __init__(self, task: Task, told: Told) -> None:
        self._task = task
        self._told = told
        self._lives = lives_of(task.playbooks, task.asked)
        self._heeds = frozenset[str]().union(*(lives.heeds for lives in self._lives))
        self._groups: rows.Groups | None = None

    def speakers(self, stretches: Sequence[Stretch]) -> pa.Table:
        return rows.speakers(self._lived(stretches, rows.NAMING))

    def settle(self, speaking: Sequence[pa.Table], rows_per_shard: int) -> tuple[int, ...]:
        """Decide who belongs to which shard, for every process; returns how many rows each shard has."""
        rules = [playbook.identity for playbook in self._task.playbooks]
        columns = rows.grouped(pa.concat_tables(speaking), rules, rows_per_shard)._asdict()
        sizes: tuple[int, ...] = columns.pop("rows")
        _write(self._file_of_groups, [pa.record_batch(columns)])
        return sizes

    def share_out(self, number: int, stretches: Sequence[Stretch], shards: int) -> Path | None:
        """Write the rows to a file, a batch for each shard; None when there are none."""
        table = rows.shared_out(self._lived(stretches, rows.COLUMNS), self._settled(), self._heeds)
        if not table.num_rows:
            return None
        path = self._task.folder / f"{number}.arrow"
        _write(path, _by_shard(table, shards))
        return path

    def live(self, pieces: Sequence[Path], shard: int) -> Counted:
        table = pa.Table.from_batches([_read(path, shard) for path in pieces])
        return live_rows(table, self._lives, self._task.asked, self._told)

    def _lived(self, stretches: Sequence[Stretch], columns: Sequence[str]) -> pa.Table:
        """In one table: who says what is looked up once for all of it."""
        tables = [table for stretch in stretches for table in stretch.tables(columns)]
        if not tables:
            return rows.lived(rows.nothing(columns), self._task.asked.until)
        return rows.lived(pa.concat_tables(tables).combine_chunks(), self._task.asked.until)

    @property
    def _file_of_groups(self) -> Path:
        return self._task.folder / "groups.arrow"

    def _settled(self) -> rows.Groups:
        if self._groups is None:
            batch = _read(self._file_of_groups, 0)
            self._groups = rows.Groups(*(batch.column(name) for name in batch.schema.names))
        return self._groups


def live_rows(table: pa.Table, lives: Sequence[Lives], asked: Asked, told: Told) -> Counted:
    """Live through whole groups of people, given as rows of `rows.shared_out`, in any order."""
    left = rows.told(table, asked.since, _restarts(lives))
    told(table.num_rows - left.num_rows)
    counted = live(rows.people(left), lives, asked, told)
    in_period = pc.sum(pc.greater_equal(table.column("occurred_at"), asked.since)).as_py()
    counted.count_events(table.num_rows, in_period or 0)
    return counted


def _restarts(lives: Sequence[Lives]) -> dict[str, Span]:
    """Events that do nothing but start a watch anew, for whoever heeds them, and the shortest time until it is due."""
    spans: dict[str, list[Span]] = {}
    for each in lives:
        for name, span in each.restarts.items():
            spans.setdefault(name, []).append(span)
    return {
        name: min(found)
        for name, found in spans.items()
        if all(name in each.restarts or name not in each.heeds for each in lives)
    }


def _by_shard(table: pa.Table, shards: int) -> Iterator[pa.RecordBatch]:
    """The rows of one shard after the other's, with an empty batch for a shard that has none here."""
    table = table.take(pc.sort_indices(table, sort_keys=[("shard", "ascending")])).combine_chunks()
    sizes = {one["values"]: one["counts"] for one in pc.value_counts(table.column("shard")).to_pylist()}
    table, start = table.drop_columns(["shard"]), 0
    nothing = pa.RecordBatch.from_pylist([], schema=table.schema)
    for shard in range(shards):
        size = sizes.get(shard, 0)
        yield table.slice(start, size).to_batches()[0] if size else nothing
        start += size


def _write(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    batches = iter(batches)
    first = next(batches)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, first.schema, options=_WRITING) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)


def _read(path: Path, number: int) -> pa.RecordBatch:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).get_batch(number)
