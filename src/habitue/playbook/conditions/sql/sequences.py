"""Events one after the other, in SQL: for each step, the latest start of a chain that leads up to it."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from habitue.model.instant import Span

from .dialects import Sql


def sequence_sql(
    prefix: str,
    source: str,
    keys: Sql,
    order: Sql,
    steps: tuple[Sql, ...],
    without: tuple[Sql, ...],
    apart: Span | None,
    window: Sql,
) -> list[tuple[str, Sql]]:
    """Common table expressions; the last has the keys and `happened`, TRUE where the steps came in order.

    What must not lie between them cuts a customer's events into stretches: it is never a step itself, so that first
    and last lie in one stretch. Of all chains up to a step the one that began last leaves the most time for the rest.
    """
    part = [f"({' OR '.join((*steps, *without))})", *([window] if window else [])]
    cut = f"sum(CASE WHEN {' OR '.join(without)} THEN 1 ELSE 0 END)" if without else ""
    stretch = f"{cut} OVER (PARTITION BY {keys} ORDER BY occurred_at, {order})" if without else "0"
    columns = ", ".join(dict.fromkeys((keys, "occurred_at", order, *steps)))
    found = [(f"{prefix}0", f"SELECT {columns}, {stretch} AS stretch FROM {source} WHERE {' AND '.join(part)}")]
    before = (
        f"OVER (PARTITION BY {keys}, stretch ORDER BY occurred_at, {order}"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
    start: Sql = "occurred_at"
    for index, step in enumerate(steps[:-1]):
        begun = f"begun{index}"
        table = f"SELECT *, max(CASE WHEN {step} THEN {start} END) {before} AS {begun} FROM {found[-1][0]}"
        found.append((f"{prefix}{index + 1}", table))
        start = begun
    ends = f"{steps[-1]} AND {start} IS NOT NULL" + ("" if apart is None else f" AND occurred_at - {start} <= {apart}")
    found.append((f"{prefix}end", f"SELECT {keys}, TRUE AS happened FROM {found[-1][0]} WHERE {ends} GROUP BY {keys}"))
    return found
