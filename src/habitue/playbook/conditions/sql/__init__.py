"""Conditions read as SQL: text is made here, and run elsewhere."""

from __future__ import annotations

from .dialects import DuckDB, Sql
from .filters import amount_sql, filter_sql, paths_of, scalar_sql
from .question import Question
from .scan import Moment

__all__ = ["DuckDB", "Moment", "Question", "Sql", "amount_sql", "filter_sql", "paths_of", "scalar_sql"]
