"""What another playbook would change of who is in which segment, at one instant: each read by its own definitions."""

# ruff: noqa: S608 - Names are made here, and conditions were put into SQL by the dialect.

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook

from .asking import Asking
from .members import Comparison

if TYPE_CHECKING:
    from .history import History

TOGETHER = 40
"""Segments in one pass: what it costs to plan a query grows with the square of the conditions in it."""
Asked: TypeAlias = tuple[str | None, str | None]
"""A segment's name in the old playbook and in the new one; None where there is none."""


def compare(
    history: History,
    before: Playbook | None,
    after: Playbook,
    asked: Sequence[Asked],
    at: Instant | None = None,
    examples: int = 5,
) -> list[Comparison]:
    """One for each that is asked about. A pass over the events for each playbook and each so many of them.

    Not a comparison of conditions: what a condition names (segments, bands, the shop's time zone) may have changed too.
    """
    then = history.at if at is None else at
    found: list[Comparison] = []
    for begin in range(0, len(asked), TOGETHER):
        found += _compare_some(history, before, after, asked[begin : begin + TOGETHER], then, examples)
    return found


def _compare_some(
    history: History, before: Playbook | None, after: Playbook, asked: Sequence[Asked], at: Instant, examples: int
) -> list[Comparison]:
    try:
        _keep(history, "was", before, [old for old, _ in asked], at)
        _keep(history, "will", after, [new for _, new in asked], at)
        return [_compared(history, number, examples) for number in range(len(asked))]
    finally:
        for table in ("was", "will"):
            history.ask(f"DROP TABLE IF EXISTS temp.{table}")


def _keep(history: History, table: str, playbook: Playbook | None, names: Sequence[str | None], at: Instant) -> None:
    """A table with a row for everyone there was, and a column for each segment: whether she was a member."""
    if playbook is None:
        columns = "".join(f", FALSE AS s{number}" for number in range(len(names)))
        history.ask(f"CREATE TEMP TABLE {table} AS SELECT customer{columns} FROM people")
        return
    known = {name: playbook.segments[name].condition for name in names if name is not None}
    with Asking(history, playbook).at(list(known.values()), at, everybody=True) as answer:
        truths: dict[str | None, str] = dict(zip(known, answer.truths, strict=True))
        columns = "".join(f", {truths.get(name, 'FALSE')} AS s{number}" for number, name in enumerate(names))
        history.ask(f"CREATE TEMP TABLE {table} AS {answer.tables} SELECT customer{columns} FROM {answer.source}")


def _compared(history: History, number: int, examples: int) -> Comparison:
    was, will = f"was.s{number}", f"will.s{number}"
    groups = (f"NOT {was} AND {will}", f"{was} AND NOT {will}", f"{was} AND {will}")
    source = "FROM was JOIN will USING (customer)"
    columns = ", ".join(f"count(*) FILTER (WHERE {group})" for group in groups)
    counts = history.ask(f"SELECT {columns} {source}")[0]
    shown = f"ORDER BY md5(customer), customer LIMIT {int(examples)}"  # As if drawn by lot, and always the same ones.
    named = [
        [row[0] for row in history.ask(f"SELECT customer {source} WHERE {group} {shown}")] if count else []
        for group, count in zip(groups, counts, strict=True)
    ]
    return Comparison(*counts, *named)
