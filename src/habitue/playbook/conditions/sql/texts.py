"""Tests and changes of text and lists in SQL: `starts_with`, `has_any`, `lower`, `size`."""

from __future__ import annotations

from habitue.playbook.conditions.tree import Change, Choices, Constant, Test

from .dialects import DuckDB, Sql
from .values import Value, Values


def tested(node: Test, value: Value, values: Values, dialect: DuckDB) -> Sql:
    """A boolean, never NULL."""
    if value.kind != "json":
        return "FALSE"
    if isinstance(node.against, Constant):
        assert isinstance(node.against.value, str)
        test = dialect.starts_with if node.function == "starts_with" else dialect.ends_with
        return f"COALESCE({test(dialect.as_text(value.sql), dialect.text(node.against.value))}, FALSE)"
    assert isinstance(node.against, Choices)
    has = [
        dialect.any(dialect.elements(value.sql), values.equal_to(values.constant(choice)))
        for choice in node.against.values
        if choice is not None
    ]
    if len(has) < len(node.against.values) and node.function == "has_all":
        return "FALSE"  # Nothing equals nothing.
    return f"({(' OR ' if node.function == 'has_any' else ' AND ').join(has)})"


def changed(node: Change, value: Value, dialect: DuckDB) -> Value:
    if node.function == "size":
        return Value("number", dialect.size(value.sql) if value.kind == "json" else "CAST(NULL AS DOUBLE)")
    if value.kind != "json":
        return Value("json", "NULL")
    text = dialect.lower(dialect.as_text(value.sql))
    return Value("json", dialect.as_json(text))
