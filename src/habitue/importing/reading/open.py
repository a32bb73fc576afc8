"""Opens a file by its name."""

from __future__ import annotations

from pathlib import Path

from .delimited import DelimitedRows
from .json_lines import JsonRows
from .rows import Rows, cannot_read

KINDS: dict[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "parquet": (".parquet", ".pq"),
}
"""Kind of file → how its name ends; the first two may be packed with gzip (`.csv.gz`)."""


def open_rows(path: Path, encoding: str = "utf-8", delimiter: str = "") -> Rows:
    """The rows of a file. Raises NotReadable with what to do."""
    if not path.is_file():
        raise cannot_read(path, "there is no such file", "name one that is there")
    kind = kind_of(path)
    if kind == "parquet":
        if path.name.lower().endswith(".gz"):
            raise cannot_read(path, "Parquet within gzip is not read", "unpack it; Parquet is compressed inside")
        from .parquet import ParquetRows  # Brings pyarrow, which takes longer to load than a small CSV to import.

        return ParquetRows(path)
    return JsonRows(path) if kind == "jsonl" else DelimitedRows(path, encoding, delimiter)


def kind_of(path: Path) -> str:
    """`csv`, `jsonl` or `parquet`."""
    name = path.name.lower().removesuffix(".gz")
    for kind, endings in KINDS.items():
        if name.endswith(endings):
            return kind
    known = ", ".join(ending for endings in KINDS.values() for ending in endings)
    raise cannot_read(path, "what kind of file it is cannot be told from its name", f"expected one of {known}")
