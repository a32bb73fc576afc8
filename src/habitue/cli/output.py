"""How verbs show what they found: a table for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from habitue.model.instant import Instant, to_iso


def say(text: str) -> None:
    """One line, without wrapping it in the middle of a path or a key."""
    Console(soft_wrap=True, highlight=False).print(escape(text))


def say_error(text: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]error:[/] {escape(text)}")


def print_json(value: Any) -> None:
    """One document, indented. Structs and dicts become objects, lists become arrays."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str, columns: Sequence[str] | None = None) -> None:
    """A list of records of one shape. `columns` chooses those of the table; JSON has them all."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = columns or list(rows[0])
    for name in names:
        justify: Literal["left", "right"] = "right" if _is_number(rows[0].get(name)) else "left"
        # Folded, not cut: half an id is of no use.
        table.add_column(name.replace("_", " "), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row.get(name))) for name in names))
    # In a pipe nobody sees the width: one line a row is what grep wants.
    Console(highlight=False, width=None if sys.stdout.isatty() else 10_000).print(table)


def show_facts(facts: Mapping[str, Any]) -> None:
    """One record, a line for each field."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), escape(_cell(value)))
    Console(highlight=False).print(table)


def heading(text: str) -> None:
    Console(highlight=False).print(f"\n[bold]{escape(text)}[/]")


def moment(instant: Instant | None) -> str | None:
    """ISO 8601 in UTC, to the microsecond: what people see and programs read is the same."""
    return None if instant is None else to_iso(instant)


def plain(value: Any) -> Any:
    """Structs as dicts with the names of their fields: states are stored as arrays, and no reader could tell."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(inner) for inner in value]
    return value


def _cell(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.2f}"
        case str():
            return value
        case Mapping():
            return ", ".join(f"{key} {_cell(inner)}" for key, inner in value.items()) or "–"
        case Iterable():
            return ", ".join(_cell(inner) for inner in value) or "–"
        case _:
            return str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
