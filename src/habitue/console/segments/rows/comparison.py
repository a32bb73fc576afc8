"""A comparison as three entries: what is looked at, how, and with what. Traits, facts and properties share it."""

from __future__ import annotations

from habitue.console.segments.rows.row import Row, RowError, given, needed
from habitue.console.segments.rows.values import shown, written, written_list
from habitue.playbook.conditions import write
from habitue.playbook.conditions.facts import FACTS
from habitue.playbook.conditions.tree import (
    And,
    Choices,
    Compare,
    Constant,
    Fact,
    Node,
    Not,
    Or,
    Product,
    Property,
    Test,
    Trait,
)

OPERATORS: tuple[tuple[str, str], ...] = (
    ("==", "is"),
    ("!=", "is not"),
    (">=", "is at least"),
    (">", "is more than"),
    ("<=", "is at most"),
    ("<", "is less than"),
    ("in", "is one of"),
    ("not in", "is none of"),
    ("contains", "contains"),
    ("lacks", "does not contain"),
    ("starts_with", "starts with"),
    ("ends_with", "ends with"),
    ("has_any", "has any of"),
    ("has_all", "has all of"),
    ("known", "is known"),
    ("unknown", "is not known"),
    ("yes", "is true"),
    ("no", "is not true"),
)
WITH_VALUE = tuple(name for name, _ in OPERATORS if name not in ("known", "unknown", "yes", "no"))
_LISTS = ("in", "not in", "has_any", "has_all")


def read(node: Node) -> Row | None:
    """`what`, `operator`, `value`; None for what three entries cannot hold."""
    match node:
        case Compare(left=Constant(value=value), operator="in" | "not in" as sign, right=right) if _plain(right):
            return _row(right, "contains" if sign == "in" else "lacks", shown(value))
        case Compare(left=left, operator="==" | "!=" as sign, right=Constant(value=None)) if _plain(left):
            return _row(left, "unknown" if sign == "==" else "known")
        case Compare(left=left, operator=sign, right=Constant(value=value)) if _plain(left) and sign not in _LISTS:
            return _row(left, sign, shown(value))
        case Compare(left=left, operator=sign, right=Choices(values=values)) if _plain(left):
            return _row(left, sign, ", ".join(shown(value) for value in values))
        case Test(function=function, value=value, against=Choices(values=values)) if _plain(value):
            return _row(value, function, ", ".join(shown(one) for one in values))
        case Test(function=function, value=value, against=Constant(value=text)) if _plain(value):
            return _row(value, function, shown(text))
        case Not(item=item) if _is_yes(item):
            return _row(item, "no")
    return _row(node, "yes") if _is_yes(node) else None


def text(row: Row) -> str:
    """The comparison as it is written. Raises RowError."""
    what = needed(row, "what", "choose what to look at")
    operator, value = given(row, "operator"), given(row, "value")
    match operator:
        case "known" | "unknown":
            return f"{what} {'!=' if operator == 'known' else '=='} None"
        case "yes" | "no":
            return what if operator == "yes" else f"not {what}"
        case "contains" | "lacks":
            return f"{written(value)} {'in' if operator == 'contains' else 'not in'} {what}"
        case "in" | "not in":
            return f"{what} {operator} {written_list(value)}"
        case "has_any" | "has_all":
            return f"{operator}({what}, {written_list(value)})"
        case "starts_with" | "ends_with":
            return f"{operator}({what}, {written(value)})"
        case "==" | "!=" | ">" | ">=" | "<" | "<=":
            return f"{what} {operator} {written(value)}"
    raise RowError("choose how to compare")


def _row(what: Node, operator: str, value: str = "") -> Row:
    return {"what": write(what), "operator": operator, "value": value}


def _plain(node: Node) -> bool:
    """Whether the node is a value that a field of the form can hold."""
    return not isinstance(node, (Constant, Choices, And, Or, Not, Compare, Test))


def _is_yes(node: Node) -> bool:
    match node:
        case Trait() | Property() | Product():
            return True
        case Fact(of=of, field=field):
            return FACTS[of][field].kind == "truth"
    return False
