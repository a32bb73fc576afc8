"""Conditions at many instants of many customers at once: where each can have changed, and what each was there."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.periods import bounds, next_boundary
from habitue.playbook.conditions.sql import Question, Sql
from habitue.playbook.conditions.sql.scan import Calendar

from .asking import Asked, Asking


@contextmanager
def at_points(asking: Asking, conditions: tuple[Condition, ...], points: Sql) -> Iterator[Asked]:
    """`points`: a query of customers and instants, `customer` and `t`, each pair once. The source has a row for each.

    The events of a customer are looked at once for each of her instants.
    """
    history = asking.history
    question = asking.question(conditions, asking.moment(None), 0)
    try:
        history.ask(f"CREATE TEMP TABLE bare_points AS {points}")
        history.ask(f"CREATE TEMP TABLE points AS {_with_calendars(asking, question)}")
        with asking.answered(question, None) as (tables, source):
            yield Asked(tables, source, question.truths, [])
    finally:
        for table in ("bare_points", "points"):
            history.ask(f"DROP TABLE IF EXISTS temp.{table}")


def _with_calendars(asking: Asking, question: Question) -> Sql:
    """The points, with the bounds that each calendar's period has at them."""
    first, last = asking.history.ask("SELECT min(t), max(t) FROM bare_points")[0]
    columns, tables = "bare_points.*", "bare_points"
    for calendar, index in question.scan.calendars.items() if first is not None else ():
        rows = ", ".join(str(row) for row in _periods(calendar, first, last))
        columns += f", start{index}, end{index}"
        tables += f" JOIN (VALUES {rows}) calendar{index}(since{index}, until{index}, start{index}, end{index})"
        tables += f" ON t >= since{index} AND t < until{index}"
    if first is None:
        columns += "".join(f", 0 AS start{index}, 0 AS end{index}" for index in question.scan.calendars.values())
    return f"SELECT {columns} FROM {tables}"


def _periods(calendar: Calendar, first: Instant, last: Instant) -> Iterator[tuple[Instant, Instant, Instant, Instant]]:
    """(since, until, start, end): between since and until, the period goes from start to end."""
    since = first
    while since <= last:
        until = next_boundary(*calendar, since)
        yield (since, until, *bounds(*calendar, since))
        since = until
