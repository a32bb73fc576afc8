"""Conditions read as SQL: text is made here, and run elsewhere."""

from __future__ import annotations

from habitue.playbook.conditions.error import ConditionError

from .dialects import DuckDB, Sql
from .filters import amount_sql, filter_sql, paths_of, scalar_sql
from .question import Question, members_sql
from .scan import Moment
from .spark import Spark
from .truths import counters

__all__ = [
    "DuckDB",
    "Moment",
    "Question",
    "Spark",
    "Sql",
    "amount_sql",
    "counters",
    "dialect_named",
    "filter_sql",
    "members_sql",
    "paths_of",
    "scalar_sql",
]


def dialect_named(name: str) -> DuckDB:
    """Raises ConditionError for a name nobody knows."""
    if name == "spark":
        return Spark()
    if name != "duckdb":
        raise ConditionError(f'conditions can be said in "duckdb" and "spark", not in "{name}"')
    return DuckDB()
