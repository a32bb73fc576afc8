"""The history of a membership: who joined when, and left when, exact to the microsecond, as it went live.

A truth can change only when something is heard of her, and where a window, an age, a visit or a period of the calendar
turns. So the condition is asked at just these points, all at once, and runs of the same answer are put together.
"""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.periods import Unit, around
from habitue.playbook.conditions.sql import Moment, Question, Sql
from habitue.playbook.playbook import Playbook

from .asking import Asking
from .points import at_points

if TYPE_CHECKING:
    from .history import History


def intervals(
    history: History,
    playbook: Playbook,
    condition: Condition,
    since: Instant | None = None,
    until: Instant | None = None,
) -> Iterator[tuple[str, Instant, Instant | None]]:
    """(customer, joined at, left at) in order of customer and time; None: she was a member still at `until`, which is
    the history's end when nothing is said. With `since`, only what had not ended by then.

    Who joined and left within one microsecond was no member at any instant, and is not told of.
    """
    asking = Asking(history, playbook)
    until = history.at if until is None else until
    left = "TRUE" if since is None else f"(left_at IS NULL OR left_at > {since})"
    try:
        with at_points(asking, (condition,), _points(asking, condition, until)) as asked:
            asking.drop("turning")
            by_time = "OVER (PARTITION BY customer ORDER BY t)"
            table = history.ask_table(
                f"""
                {asked.tables}{"," if asked.tables else "WITH"}
                asked AS (SELECT customer, t, {asked.truths[0]} AS is_member FROM {asked.source}),
                turned AS (SELECT *, lag(is_member) {by_time} AS was_member FROM asked),
                crossed AS
                  (SELECT *, lead(t) {by_time} AS left_at FROM turned WHERE was_member IS DISTINCT FROM is_member)
                SELECT customer, t, left_at FROM crossed WHERE is_member AND {left} ORDER BY customer, t
                """
            )
    finally:
        asking.drop("turning")  # Where it was broken off, whoever asks next must not find it there.
    for batch in table.to_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _points(asking: Asking, condition: Condition, until: Instant) -> Sql:
    """Where the truth can change: a query of a table that is made here."""
    history = asking.history
    question = asking.question((condition,), Moment(until), until)
    turns = asking.turns(condition)
    clocks = [f"clock{index}" for index in turns.clocks.values()]
    try:
        for (unit, zone), name in zip(turns.clocks, clocks, strict=True):
            rows = ", ".join(map(str, _units(unit, zone, _first(history), until)))
            history.ask(f"CREATE TEMP TABLE {name} AS FROM (VALUES {rows}) units(begins, ends, next_ends)")
        history.ask(f"CREATE TEMP TABLE turning AS {turns.query(until)}")
    finally:
        asking.drop(*clocks)
    if question.has_facts:
        _add_turns_of_facts(asking, question, until)
    if question.needs_customer or question.turns_for_nobody or _holds_for_nobody(asking, condition, until):
        history.ask(f"INSERT INTO turning SELECT * FROM {asking.people()} WHERE first_received_at <= {until}")
    return "SELECT DISTINCT customer, t FROM turning"


def _first(history: History) -> Instant:
    return int(history.ask("SELECT COALESCE(min(occurred_at), 0) FROM events")[0][0])


def _units(unit: Unit, zone: str, since: Instant, until: Instant) -> Iterator[tuple[Instant, Instant, Instant]]:
    """(begins, ends, the next one ends) of each unit of the calendar."""
    while since <= until:
        _, begins, ends, next_ends = around(unit, zone, since)
        yield begins, ends, next_ends
        since = ends


def _holds_for_nobody(asking: Asking, condition: Condition, until: Instant) -> bool:
    with asking.at((condition,), until) as asked:
        return any(asked.nobody)


def _add_turns_of_facts(asking: Asking, question: Question, until: Instant) -> None:
    """A reception may change what is kept of her, and some of it turns by itself later on: when, a replay says."""
    import pyarrow as pa

    history, replay = asking.history, asking.replay(question)
    events = f"({asking.concern(replay)}) AND customer IS NOT NULL AND received_at <= {until}"
    history.ask(f"INSERT INTO turning SELECT DISTINCT customer, received_at FROM events WHERE {events}")
    if replay.turns_by_itself:
        found = list(replay.turns(asking.rows(events), until))
        customers, instants = ([one[place] for one in found] for place in (0, 1))
        history.connection.register("turned", pa.table({"customer": pa.array(customers, pa.string()), "t": instants}))
        history.ask("INSERT INTO turning SELECT customer, CAST(t AS BIGINT) FROM turned")
        history.connection.unregister("turned")
    if question.turns_for_nobody:
        for at in replay.turns_of_nobody(_first(history), until):
            history.ask(
                f"INSERT INTO turning SELECT customer, {at} FROM {asking.people()} WHERE first_received_at < {at}"
            )
