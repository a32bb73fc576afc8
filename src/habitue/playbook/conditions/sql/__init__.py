"""Conditions read as SQL: text is made here, and run elsewhere."""

from __future__ import annotations

from .dialects import DuckDB, Sql
from .exchange import Exchange
from .filters import amount_sql, filter_sql, scalar_sql
from .question import Question, members_sql
from .scan import Moment
from .spark import Spark
from .truths import counters

__all__ = [
    "DuckDB",
    "Exchange",
    "Moment",
    "Question",
    "Spark",
    "Sql",
    "amount_sql",
    "counters",
    "filter_sql",
    "members_sql",
    "scalar_sql",
]
