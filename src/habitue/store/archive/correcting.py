"""Puts the right customer into rows that were archived under another one, or under nobody.

Imports pyarrow, like `columns`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .columns import ROW_GROUP

Whose = Callable[[int, str | None], str | None]
"""(position, whom the row names now) → whom it is to name."""


def corrected(part: Path, whose: Whose, draft: Path) -> int:
    """Write the part to `draft` with its customers put right; how many rows changed. Nothing is written for none."""
    with pq.ParquetFile(part) as file:
        groups = [_changes(file, group, whose) for group in range(file.num_row_groups)]
        total = sum(changed for _, changed in groups)
        if not total:
            return 0
        place = file.schema_arrow.get_field_index("customer")
        with pq.ParquetWriter(draft, file.schema_arrow, compression="zstd") as writer:
            for group, (customers, changed) in enumerate(groups):
                table = file.read_row_group(group)
                if changed:
                    table = table.set_column(place, file.schema_arrow.field(place), pa.array(customers, pa.string()))
                writer.write_table(table, row_group_size=ROW_GROUP)
    return total


def _changes(file: pq.ParquetFile, group: int, whose: Whose) -> tuple[list[str | None], int]:
    """Two columns are read where most parts need nothing."""
    named = file.read_row_group(group, columns=["position", "customer"])
    positions, customers = (named.column(name).to_pylist() for name in ("position", "customer"))
    right = [whose(position, customer) for position, customer in zip(positions, customers, strict=True)]
    return right, sum(one != other for one, other in zip(customers, right, strict=True))
