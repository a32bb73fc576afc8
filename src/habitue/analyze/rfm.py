"""Where everybody stands by RFM and lifecycle at a moment, and who moved from where to where between two."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.shapes import RFM_SCORES
from habitue.playbook.conditions.sql import Sql
from habitue.playbook.conditions.tree import Compare, Constant, Lifecycle, Rfm
from habitue.playbook.lifecycle import STAGES
from habitue.playbook.playbook import Playbook
from habitue.playbook.rfm import SCORES

from .asking import Asked, Asking

if TYPE_CHECKING:
    from .history import History

NOWHERE = ""
"""The code of those who have none, having bought nothing in the time that counts."""


class Standing(NamedTuple):
    """So many have this code ("555" is the best) and are at this stage of life with the shop."""

    code: str
    stage: str
    people: int


class Move(NamedTuple):
    """So many stood at the one at first and at the other later; who was not there yet had nothing."""

    before: Standing
    after: Standing


_CONDITIONS: tuple[Condition, ...] = (
    *(Condition("", Compare(Rfm(field), "==", Constant(score))) for field in RFM_SCORES for score in SCORES),
    *(Condition("", Compare(Lifecycle(), "==", Constant(stage))) for stage in STAGES),
)


def standings(history: History, playbook: Playbook, at: Instant | None = None) -> list[Standing]:
    """How many have each code and stage; without an instant, at the history's end."""
    asking, then = Asking(history, playbook), history.at if at is None else at
    with asking.at(_CONDITIONS, then) as asked:
        code, stage = _columns(asked)
        rows = history.ask(f"{asked.tables} SELECT {code}, {stage}, count(*) FROM {asked.source} GROUP BY ALL")
        others = asking.population(then) - sum(row[2] for row in rows)
        counts = Counter({(row[0], row[1]): row[2] for row in rows})
        if others > 0:
            counts[NOWHERE, _first(list(STAGES), asked.nobody[-len(STAGES) :])] += others
    return [Standing(*key, people) for key, people in sorted(counts.items())]


def moves(history: History, playbook: Playbook, earlier: Instant, later: Instant) -> list[Move]:
    """From where to where people moved, by what had happened by then; those who stayed are among them."""
    asking = Asking(history, playbook, as_it_happened=True)
    try:
        for table, then in (("stood", earlier), ("stands", later)):
            with asking.at(_CONDITIONS, then, everybody=True) as asked:
                code, stage = _columns(asked)
                body = f"{asked.tables} SELECT customer, {code} AS code, {stage} AS stage FROM {asked.source}"
                history.ask(f"CREATE TEMP TABLE {table} AS {body}")
        rows = history.ask(
            "SELECT coalesce(stood.code, ''), coalesce(stood.stage, ''), stands.code, stands.stage, count(*) "
            "FROM stands LEFT JOIN stood USING (customer) GROUP BY ALL ORDER BY ALL"
        )
    finally:
        asking.drop("stood", "stands")
    return [Move(Standing(row[0], row[1], row[4]), Standing(row[2], row[3], row[4])) for row in rows]


def _columns(asked: Asked) -> tuple[Sql, Sql]:
    count = len(SCORES)
    scores = [
        _case([str(score) for score in SCORES], asked.truths[place * count : (place + 1) * count])
        for place in range(len(RFM_SCORES))
    ]
    return " || ".join(scores), _case(list(STAGES), asked.truths[-len(STAGES) :])


def _case(names: Sequence[str], truths: Sequence[Sql]) -> Sql:
    whens = " ".join(f"WHEN {truth} THEN '{name}'" for name, truth in zip(names, truths, strict=True))
    return f"(CASE {whens} ELSE '' END)"


def _first(names: Sequence[str], truths: Sequence[bool]) -> str:
    return next((name for name, truth in zip(names, truths, strict=True) if truth), NOWHERE)
