"""What they did: one event, how often or what it came to, where, and when."""

from __future__ import annotations

from habitue.console.segments.rows import comparison, filters, window
from habitue.console.segments.rows.row import Field, Kind, Row, given, inner, needed
from habitue.console.segments.rows.values import quoted, shown, written
from habitue.playbook.conditions.tree import Aggregate, Compare, Constant, Node, Not

MEASURES: tuple[tuple[str, str], ...] = (
    ("did", "did"),
    ("did_not", "did not do"),
    ("count", "number of times"),
    ("days_since", "days since the last"),
    ("sum", "sum over every"),
    ("avg", "average over every"),
    ("min", "smallest over every"),
    ("max", "largest over every"),
    ("distinct", "how many different over every"),
    ("first", "value of the first"),
    ("last", "value of the latest"),
)
_OF_A_VALUE = ("sum", "avg", "min", "max", "distinct", "first", "last")
_NUMBERS = tuple(name for name, _ in MEASURES if name not in ("did", "did_not"))
_SIGNS = tuple(option for option in comparison.OPERATORS if option[0] in ("==", "!=", ">=", ">", "<=", "<"))


def read(node: Node) -> Row | None:
    match node:
        case Aggregate(function="did"):
            return _row(node, "did")
        case Not(item=Aggregate(function="did") as asked):
            return _row(asked, "did_not")
        case Compare(left=Aggregate() as asked, operator=sign, right=Constant(value=value)):
            if asked.function == "did" or value is None or sign in ("in", "not in"):
                return None
            row = _row(asked, asked.function)
            return None if row is None else row | {"operator": sign, "value": shown(value)}
    return None


def _row(node: Aggregate, measure: str) -> Row | None:
    seen = window.read(node)
    if seen is None:
        return None
    return {
        "measure": measure,
        "event": node.event,
        "path": filters.path_text(node.value),
        "operator": ">=",
        "value": "1",
        "filters": filters.read(node.where),
        **seen,
    }


def write(row: Row) -> str:
    measure = given(row, "measure")
    parts = [quoted(needed(row, "event", "choose an event"))]
    if measure in _OF_A_VALUE:
        parts.append(needed(row, "path", 'name the property to look at, such as "total"'))
    where = filters.text(inner(row, "filters"))
    if where:
        parts.append(where)
    seen = window.text(row) if measure != "days_since" else ""
    if seen:
        parts.append(seen)
    function = "did" if measure in ("did", "did_not") else measure
    call = f"{function}({', '.join(parts)})"
    if measure in _NUMBERS:
        return f"{call} {given(row, 'operator') or '>='} {written(given(row, 'value'))}"
    return f"not {call}" if measure == "did_not" else call


KIND = Kind(
    name="did",
    title="What they did",
    icon="click",
    fields=(
        Field("measure", "choice", "What is asked", options=MEASURES),
        Field("event", "names", "Event", suggests="events", placeholder="Order Completed"),
        Field(
            "path",
            "text",
            "Property",
            when=("measure", _OF_A_VALUE),
            ahead="of its",
            placeholder="total",
        ),
        Field("operator", "choice", "How to compare", options=_SIGNS, when=("measure", _NUMBERS)),
        Field("value", "text", "With what", when=("measure", _NUMBERS)),
        *(
            field._replace(when=field.when or ("measure", tuple(n for n, _ in MEASURES if n != "days_since")))
            for field in window.FIELDS
        ),
        Field("filters", "filters", "Only those events where"),
    ),
    blank={
        "measure": "did", "event": "", "path": "", "operator": ">=", "value": "1", "filters": [], **window.BLANK,
        "window": "within",
    },
    read=read,
    write=write,
)  # fmt: skip
