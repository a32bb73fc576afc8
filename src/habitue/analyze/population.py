"""Everyone there is, and whom those became who are not there under their own name any more."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from habitue.run.ports import Met, Trails

ROWS_PER_READ = 50_000

_MET = pa.schema(
    [("change", pa.int64()), ("customer", pa.string()), ("met_at", pa.int64()), ("joined_into", pa.string())]
)
_LATEST = "FROM fresh QUALIFY row_number() OVER (PARTITION BY customer ORDER BY change DESC) = 1"
_RESOLVE = """
UPDATE joined SET living = next.living FROM joined AS next WHERE joined.living = next.customer
"""
_PEOPLE = """
SELECT coalesce(living, met.customer) AS customer, min(met_at) AS first_received_at
FROM met LEFT JOIN joined USING (customer) GROUP BY ALL
"""


class People(NamedTuple):
    """`living`: (customer, first_received_at). `joined`: (customer, living) of those who became part of somebody."""

    living: pa.Table
    joined: pa.Table


class Population:
    """Read on from where it was: a process that asks often keeps one, and then pays for changes alone.

    A million people and as many visitors joined into them take some 4 s to read at first, and 150 MB.
    """

    def __init__(self) -> None:
        self._change = 0
        self._met: pa.Table = _MET.empty_table()
        self._people: People | None = None
        self._turn = Lock()

    def people(self, trails: Trails) -> People:
        """As of now."""
        with self._turn:
            fresh = self._read(trails)
            if fresh.num_rows:
                changed = pc.is_in(self._met.column("customer"), value_set=fresh.column("customer").combine_chunks())
                self._met = pa.concat_tables([self._met.filter(pc.invert(changed)), fresh])
                self._people = None
            if self._people is None:
                self._people = _settled(self._met)
            return self._people

    def _read(self, trails: Trails) -> pa.Table:
        """What changed since, each customer once."""
        pages = []
        while page := trails.met(self._change, ROWS_PER_READ):
            self._change = page[-1].change
            columns = [[getattr(one, name) for one in page] for name in Met.__struct_fields__]
            arrays = [pa.array(column, field.type) for column, field in zip(columns, _MET, strict=True)]
            pages.append(pa.Table.from_arrays(arrays, schema=_MET))
        fresh = pa.concat_tables([_MET.empty_table(), *pages])
        # Whoever changed while the pages were read stands on two of them.
        twice = len(pages) > 1 and pc.count_distinct(fresh.column("customer")).as_py() < fresh.num_rows
        return _latest(fresh) if twice else fresh


def _latest(fresh: pa.Table) -> pa.Table:
    import duckdb

    with duckdb.connect() as connection:
        connection.register("fresh", fresh)
        return connection.sql(_LATEST).to_arrow_table().cast(_MET)


def _settled(met: pa.Table) -> People:
    import duckdb

    with duckdb.connect() as connection:
        connection.register("met", met)
        connection.execute(
            "CREATE TABLE joined AS SELECT customer, joined_into AS living FROM met WHERE joined_into IS NOT NULL"
        )
        while connection.execute(_RESOLVE).fetchone() != (0,):
            pass
        joined = connection.sql("FROM joined").to_arrow_table()
        return People(connection.sql(_PEOPLE).to_arrow_table(), joined)
