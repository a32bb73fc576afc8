"""Amounts in the shop's currency while events are read: by the very function that live evaluation goes through.

Prices are written in too many ways for SQL to read them twice. So a database calls that function, and only for events
that say another currency.
"""

from __future__ import annotations

from typing import NamedTuple

from .dialects import DuckDB, Sql


class Exchange(NamedTuple):
    """`function`: of an event's properties, as JSON, and when it occurred, gives the properties."""

    function: str
    currency: str

    def properties(self, dialect: DuckDB) -> Sql:
        own = dialect.text(self.currency)
        return (
            f"(CASE WHEN json_extract_string(properties, '$.currency') <> {own} "
            f"THEN {self.function}(properties, occurred_at) ELSE properties END)"
        )
