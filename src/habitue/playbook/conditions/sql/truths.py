"""Conditions in SQL: a yes or no over the columns that one pass over the events brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from habitue.model.instant import DAY
from habitue.playbook.conditions.error import ConditionError
from habitue.playbook.conditions.limits import KEPT_MAX
from habitue.playbook.conditions.shapes import MIRRORED
from habitue.playbook.conditions.tree import (
    Affinity,
    Aggregate,
    And,
    Bucket,
    Compare,
    Consents,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Node,
    Not,
    Occasion,
    Or,
    Product,
    Reachable,
    RunKey,
    Sequence,
    Trait,
    walk,
)

from .dialects import DuckDB, Sql
from .filters import WITHIN_A_RUN, value_at
from .logic import Logic
from .scan import Scan
from .values import Value

REPLAYED = (Fact, Affinity, Reachable, Consents, Product, Occasion)
"""What is kept of a customer by rules of its own. SQL does not know them: it is replayed."""


class Truths(Logic):
    """Compiles conditions into expressions over the scan's `leaves`, and over `replayed`, which has a column of JSON
    for each node in `replays`.

    `customer` is in sight where `needs_customer` says so. Raises ConditionError for what speaks of a run.
    """

    def __init__(
        self, dialect: DuckDB, scan: Scan, segments: Mapping[str, Node], nobody: Callable[[Node], str]
    ) -> None:
        """`nobody` says, as JSON, what a node is for somebody of whom nothing is known."""
        super().__init__(dialect)
        self.scan = scan
        self._nobody = nobody
        self.replays: dict[Node, str] = {}
        """What a replay has to say, by its column of JSON; of a trait only where SQL is not sure, else NULL."""
        self.unsure: dict[str, Sql] = {}
        """Trait → whether a replay must say what it is."""
        self.needs_customer = False
        self._segments = segments
        self._unknown: bool | None = None

    def truth_if(self, node: Node, unknown: bool) -> Sql:
        """The truth, were whatever a replay would say in favour of it, or against it."""
        self._unknown = unknown
        try:
            return self.truth(node)
        finally:
            self._unknown = None

    def truth(self, node: Node) -> Sql:
        match node:
            case And() | Or():
                return super().truth(node)
            case Not(item=item):
                return self._opposite(item)
            case InSegment(name=name):
                return self.truth(self._segment(name))
            case _ if self._unknown is not None and is_replayed(node):
                return "TRUE" if self._unknown else "FALSE"
            case Aggregate(function="did"):
                return f"(COALESCE({self.scan.count(node)}, 0) > 0)"
            case Sequence():
                return f"COALESCE({self.scan.sequence(node)}, FALSE)"
        return super().truth(node)

    def _opposite(self, item: Node) -> Sql:
        known = self._unknown
        self._unknown = None if known is None else not known
        try:
            return f"(NOT {self.truth(item)})"
        finally:
            self._unknown = known

    def _segment(self, name: str) -> Node:
        if name not in self._segments:
            raise ConditionError(f'there is no segment "{name}"')
        return self._segments[name]

    def comparison(self, node: Compare) -> Sql:
        left, operator, right = node.left, node.operator, node.right
        if isinstance(right, Aggregate) and right.function == "days_since":
            left, operator, right = right, MIRRORED[operator], left
        if isinstance(left, Aggregate) and left.function == "days_since" and isinstance(right, Constant):
            assert isinstance(right.value, (int, float))
            ago = f"{self.scan.moment.sql} - {self.scan.latest(left)}"
            return f"COALESCE({ago} {operator} {round(right.value * DAY)}, FALSE)"
        return super().comparison(node)

    def leaf(self, node: Node) -> Value:
        match node:
            case Aggregate():
                return self._aggregate(node)
            case Trait(path=path):
                return value_at(path, self.dialect, lambda inner: self._trait(inner[0], inner[1:]))
            case Fact() | Affinity() | Reachable() | Consents() | Product() | Occasion():
                if not self.dialect.replays:
                    raise ConditionError(f"{_said(node)} is replayed from events, which {self.dialect.name} cannot do")
                known = self.dialect.json(self._nobody(node))
                return Value("json", f"COALESCE({self._replay(node)}, {known})")
            case Bucket(salt=salt, low=low, high=high):
                self.needs_customer = True
                drawn = self.dialect.hundredths(f"({self.dialect.text(f'{salt}:')} || customer)")
                return Value("truth", f"({drawn} >= {round(low * 100)} AND {drawn} < {round(high * 100)})")
            case Sequence():
                return Value("truth", self.truth(node))
            case EntryProperty() | RunKey():
                raise ConditionError(WITHIN_A_RUN)
        raise ConditionError(f"{type(node).__name__} cannot be read as SQL")

    def _replay(self, node: Node) -> Sql:
        return self.replays.setdefault(node, f"k{len(self.replays)}")

    def _trait(self, name: str, rest: tuple[str, ...]) -> Sql:
        found, unsure = self.scan.trait(name)
        if self.dialect.replays:
            self.unsure[name] = unsure
            found = f"COALESCE({self._replay(Trait((name,)))}, {found})"
        return self.dialect.at(found, rest) if rest else found

    def _aggregate(self, node: Aggregate) -> Value:
        match node.function:
            case "count":
                return Value("number", self._number(self.scan.count(node), node))
            case "distinct":
                return Value("number", f"CAST(LEAST(COALESCE({self.scan.distinct(node)}, 0), {KEPT_MAX}) AS DOUBLE)")
            case "sum":
                return Value("number", f"(CAST(COALESCE({self.scan.sum(node)[0]}, 0) AS DOUBLE) / 1000000)")
            case "avg":
                total, count = self.scan.sum(node)
                divisor = f"(1000000 * NULLIF(CAST({count} AS DOUBLE), 0))"
                return Value("number", f"(CAST({total} AS DOUBLE) / {divisor})")
            case "min" | "max":
                return Value("number", f"(CAST({self.scan.extreme(node)} AS DOUBLE) / 1000000)")
            case "first" | "last":
                return Value("json", self.scan.end(node))
            case "did":
                return Value("truth", self.truth(node))
        raise ConditionError(f"{node.function} stands in comparisons with a number only")

    def _number(self, count: Sql, node: Aggregate) -> Sql:
        found = f"COALESCE({count}, 0)"
        return f"CAST({found if node.within is None else f'LEAST({found}, {KEPT_MAX})'} AS DOUBLE)"


def is_replayed(node: Node) -> bool:
    """Whether only a replay knows. A segment's own parts are looked at where it is read."""
    return any(isinstance(found, REPLAYED) for found in walk(node))


def counters(tree: Node, segments: Mapping[str, Node]) -> Iterator[Node]:
    """What the events are looked through for, some of it more than once."""
    for node in walk(tree):
        if isinstance(node, InSegment) and node.name in segments:
            yield from counters(segments[node.name], segments)
        elif isinstance(node, (Aggregate, Sequence, Trait)):
            yield node


def _said(node: Node) -> str:
    return f"{node.of}.{node.field}" if isinstance(node, Fact) else f"{type(node).__name__.lower()}(…)"
