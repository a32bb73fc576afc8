"""What the playbook's tables mean: `rfm`, `lifecycle` and `score` put as the counts and sums they stand for.

Every reader of a condition reads the expanded tree, so none has a meaning of its own for these words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import msgspec

from habitue.model.instant import Span
from habitue.playbook.lifecycle import STAGES, LifecycleRules
from habitue.playbook.rfm import SCORES, RfmRules, codes

from .error import ConditionError
from .shapes import RFM_SCORES, conjunction, disjunction
from .tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Change,
    Choices,
    Compare,
    Comparison,
    Constant,
    Function,
    Lifecycle,
    Node,
    Not,
    Or,
    Product,
    Property,
    Rfm,
    Scalar,
    Score,
    Test,
    walk,
)

SCORE_UPDATED = "Score Updated"
"""Tells a score: `score` is its name, `value` the number."""
_NEVER = Constant(False)
_TABLES = (Rfm, Lifecycle)


class Definitions(msgspec.Struct, frozen=True):
    """The tables of one playbook."""

    rfm: RfmRules = RfmRules()
    lifecycle: LifecycleRules = LifecycleRules()


def expand(node: Node, definitions: Definitions) -> Node:
    """The same condition without words of tables. Raises ConditionError where such a word stands alone."""
    if not any(isinstance(part, (Score, *_TABLES)) for part in walk(node)):
        return node
    return _expanded(node, definitions)


def _expanded(node: Node, definitions: Definitions) -> Node:
    def inner(part: Node) -> Node:
        return _expanded(part, definitions)

    match node:
        case And(items=items):
            return conjunction([inner(item) for item in items])
        case Or(items=items):
            return disjunction([inner(item) for item in items])
        case Not(item=item):
            return Not(inner(item))
        case Score(name=name):
            return Aggregate("last", SCORE_UPDATED, ("value",), Compare(Property(("score",)), "==", Constant(name)))
        case Compare(left=left, operator=operator, right=right):
            word = _word(left) or _word(right)
            return _table(word, node, definitions) if word else Compare(inner(left), operator, inner(right))
        case Test(function=function, value=value, against=against):
            word = _word(value)
            return _table(word, node, definitions) if word else Test(function, inner(value), against)
        case Arithmetic(left=left, operator=sign, right=right):
            return Arithmetic(inner(left), sign, inner(right))
        case Change(function=change, value=value):
            return Change(change, inner(value))
        case Affinity(of=of, value=value) if value is not None:
            return Affinity(of, inner(value))
        case Product(id=identity, field=field):
            return Product(inner(identity), field)
        case Rfm() | Lifecycle():
            raise ConditionError(f"{_named(node)} is only compared with constants")
    return node


def _named(node: Rfm | Lifecycle) -> str:
    return f"rfm.{node.field}" if isinstance(node, Rfm) else "lifecycle"


# --- which of a table's rows a comparison means ---


def _word(node: Node) -> Rfm | Lifecycle | None:
    """The word of a table that this side is, or is made of by `lower` and `size`."""
    while isinstance(node, Change):
        node = node.value
    return node if isinstance(node, _TABLES) else None


def _table(word: Rfm | Lifecycle, node: Compare | Test, definitions: Definitions) -> Node:
    if isinstance(word, Lifecycle):
        meant_stages = {stage: _holds(node, stage) for stage in STAGES}
        return _in_stages(definitions.lifecycle, meant_stages)
    rules = definitions.rfm
    meant = frozenset(code for code in codes() if _holds(node, _said(rules, word.field, code)))
    if not _holds(node, None):
        return _having(rules, meant)
    return _opposite(_having(rules, frozenset(codes()) - meant))


def _opposite(node: Node) -> Node:
    return Constant(True) if node == _NEVER else Not(node)


def _said(rules: RfmRules, field: str, code: str) -> Scalar:
    match field:
        case "code":
            return code
        case "group":
            return rules.group_of(code)
    return int(code[RFM_SCORES.index(field)])


def _holds(node: Compare | Test, said: Scalar) -> bool:
    """Whether the comparison or test is true where the word says this."""
    if isinstance(node, Test):
        return _tested(node, _value(node.value, said))
    if isinstance(node.right, Choices):
        found = _value(node.left, said) in node.right.values
        return found is (node.operator == "in")
    return _compared(node.operator, _value(node.left, said), _value(node.right, said))


def _value(node: Node, said: Scalar) -> Any:
    match node:
        case Constant(value=value):
            return value
        case Change(function="lower", value=value):
            inner = _value(value, said)
            return inner.lower() if isinstance(inner, str) else None
        case Change(value=value):
            inner = _value(value, said)
            return len(inner) if isinstance(inner, str) else None
        case Rfm() | Lifecycle():
            return said
    raise ConditionError("words of the playbook's tables are only compared with constants")


def _tested(node: Test, value: Any) -> bool:
    if node.function not in ("starts_with", "ends_with") or not isinstance(value, str):
        return False  # A word is no list.
    affix = _value(node.against, None)
    return value.startswith(affix) if node.function == "starts_with" else value.endswith(affix)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def _compared(operator: Comparison, one: Any, other: Any) -> bool:
    match operator:
        case "==":
            return bool(one == other)
        case "!=":
            return bool(one != other)
        case "in" | "not in":
            found = isinstance(one, str) and isinstance(other, str) and one in other
            return found is (operator == "in")
    if one is None or other is None or isinstance(one, str) is not isinstance(other, str):
        return False
    return _ORDERS[operator](one, other)


# --- lifecycle ---


def _in_stages(rules: LifecycleRules, meant: Mapping[str, bool]) -> Node:
    """Who is in one of the stages that are meant: in none of the others, where that is shorter."""
    conditions = _stages(rules)
    chosen = [conditions[stage] for stage in STAGES if meant[stage]]
    others = [conditions[stage] for stage in STAGES if not meant[stage]]
    if len(chosen) <= len(others):
        return disjunction(chosen) if chosen else _NEVER
    return Not(disjunction(others)) if others else Constant(True)


def _stages(rules: LifecycleRules) -> Mapping[str, Node]:
    """Stage → the condition of being in it. Everybody is in exactly one."""

    def lately(within: Span) -> Node:
        return Aggregate("did", rules.event, within=within)

    times, ever = Aggregate("count", rules.event), Aggregate("did", rules.event)
    fresh, quiet, gone = lately(rules.at_risk_after), lately(rules.dormant_after), lately(rules.lost_after)
    return {
        "visitor": Not(ever),
        "new": And((Compare(times, "==", Constant(1)), fresh)),
        "active": And((Compare(times, ">=", Constant(2)), fresh)),
        "at_risk": And((quiet, Not(fresh))),
        "dormant": And((gone, Not(quiet))),
        "lost": And((ever, Not(gone))),
    }


# --- RFM ---


class _Box(NamedTuple):
    """Codes whose three scores each lie in a range: what can be said in few comparisons."""

    recency: tuple[int, int]
    frequency: tuple[int, int]
    monetary: tuple[int, int]

    def codes(self) -> Iterable[str]:
        ranges = (range(low, high + 1) for low, high in self)
        return (f"{r}{f}{m}" for r, f, m in product(*ranges))


_RANGES = tuple((low, high) for low in SCORES for high in SCORES if low <= high)
_PLACES = {code: 1 << place for place, code in enumerate(codes())}


@lru_cache(maxsize=1)
def _boxes() -> tuple[tuple[_Box, int], ...]:
    """Every box with its codes as bits, the largest first."""
    boxes = [_Box(*ranges) for ranges in product(_RANGES, repeat=3)]
    found = [(box, sum(_PLACES[code] for code in box.codes())) for box in boxes]
    return tuple(sorted(found, key=lambda one: -one[1].bit_count()))


@lru_cache(maxsize=1_000)
def _cover(meant: frozenset[str]) -> tuple[_Box, ...]:
    """Few boxes that together are these codes: the one that adds most, until nothing is left."""
    wanted = left = sum(_PLACES[code] for code in meant)
    inside = [(box, bits) for box, bits in _boxes() if not bits & ~wanted]
    chosen = []
    while left:
        box, bits = max(inside, key=lambda one: (one[1] & left).bit_count())
        chosen.append(box)
        left &= ~bits
    return tuple(chosen)


def _having(rules: RfmRules, meant: frozenset[str]) -> Node:
    """Who bought within the period, and has one of the codes."""
    if not meant:
        return _NEVER
    return disjunction([_inside(rules, box) for box in _cover(meant)])


def _inside(rules: RfmRules, box: _Box) -> Node:
    lower: list[Node] = []
    upper: list[Node] = []
    for (low, high), at_least in zip(box, (_recency, _frequency, _monetary), strict=True):
        if low > SCORES[0]:
            lower.append(at_least(rules, low))
        if high < SCORES[-1]:
            upper.append(Not(at_least(rules, high + 1)))
    if not lower:  # Each of these says that there was something within the period.
        lower.append(Aggregate("did", rules.event, within=rules.over))
    return conjunction([*lower, *upper])


def _recency(rules: RfmRules, score: int) -> Node:
    return Aggregate("did", rules.event, within=rules.bands.recency[SCORES[-1] - score])


def _frequency(rules: RfmRules, score: int) -> Node:
    times = Aggregate("count", rules.event, within=rules.over)
    return Compare(times, ">=", Constant(rules.bands.frequency[score - 2]))


def _monetary(rules: RfmRules, score: int) -> Node:
    function: Function = "avg" if rules.monetary == "average" else "sum"
    worth = Aggregate(function, rules.event, rules.value, within=rules.over)
    return Compare(worth, ">=", Constant(rules.bands.monetary[score - 2]))
