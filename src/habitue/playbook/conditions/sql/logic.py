"""What filters and conditions have in common in SQL: and, or, not, comparisons, arithmetic, text."""

from __future__ import annotations

from abc import ABC, abstractmethod

from habitue.playbook.conditions.tree import And, Arithmetic, Change, Choices, Compare, Constant, Node, Not, Or, Test

from .dialects import DuckDB, Sql
from .texts import changed, tested
from .values import Value, Values


class Logic(ABC):
    """Every truth it gives is true or false, never NULL."""

    def __init__(self, dialect: DuckDB) -> None:
        self.dialect = dialect
        self.values = Values(dialect)

    @abstractmethod
    def leaf(self, node: Node) -> Value:
        """What is neither a constant nor made of others. Raises ConditionError for what cannot stand here."""

    def truth(self, node: Node) -> Sql:
        match node:
            case And(items=items):
                return f"({' AND '.join(self.truth(item) for item in items)})"
            case Or(items=items):
                return f"({' OR '.join(self.truth(item) for item in items)})"
            case Not(item=item):
                return f"(NOT {self.truth(item)})"
            case Compare():
                return self.comparison(node)
            case Test(value=value):
                return tested(node, self.value(value), self.values, self.dialect)
        return self.values.is_something(self.value(node))

    def comparison(self, node: Compare) -> Sql:
        against = node.right if isinstance(node.right, Choices) else self.value(node.right)
        return self.values.compare(self.value(node.left), node.operator, against)

    def value(self, node: Node) -> Value:
        match node:
            case Constant(value=value):
                return self.values.constant(value)
            case Arithmetic(left=left, operator=sign, right=right):
                return self.values.calculate(self.value(left), sign, self.value(right))
            case Change(value=value):
                return changed(node, self.value(value), self.dialect)
        return self.leaf(node)
