"""What kind of thing a node is, and how nodes are put together in their normal form."""

from __future__ import annotations

from .facts import FACTS, FactWord
from .tree import (
    EACH,
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Compare,
    Comparison,
    Consents,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Lifecycle,
    Node,
    Not,
    Occasion,
    Or,
    Property,
    Reachable,
    Rfm,
    Score,
    Sequence,
    Step,
    Test,
    Trait,
)

RFM_SCORES = ("recency", "frequency", "monetary")
RFM_FIELDS = (*RFM_SCORES, "code", "group")
PRODUCT_FIELDS = ("name", "price", "category", "brand", "url", "image_url")
MIRRORED: dict[Comparison, Comparison] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The operator with its sides changed."""


def conjunction(items: list[Node]) -> Node:
    flat = [part for item in items for part in (item.items if isinstance(item, And) else (item,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(items: list[Node]) -> Node:
    flat = [part for item in items for part in (item.items if isinstance(item, Or) else (item,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def is_number(node: Node) -> bool:
    """Whether the node is a number whatever the customer is like. A trait may be one; that is not enough."""
    match node:
        case Constant(value=value):
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case Aggregate(function=function):
            return function not in ("did", "first", "last")
        case Fact():
            return _word(node).kind == "number"
        case Affinity(value=value):
            return value is not None
        case Arithmetic() | Score() | Change(function="size"):
            return True
        case Rfm(field=field):
            return field in RFM_SCORES
    return False


def never_null(node: Node) -> bool:
    """Whether the node is a number even for somebody who never did anything."""
    match node:
        case Aggregate(function="count" | "sum" | "distinct"):
            return True
        case Fact():
            return _word(node).known
        case Affinity(value=value):
            return value is not None
    return False


def is_truth(node: Node) -> bool:
    """Whether the node is a yes or no in itself."""
    match node:
        case And() | Or() | Not() | Compare() | InSegment() | Aggregate(function="did") | Sequence() | Test():
            return True
        case Step() | Reachable() | Consents() | Bucket() | Occasion():
            return True
        case Fact():
            return _word(node).kind == "truth"
    return False


def is_list(node: Node) -> bool:
    """Whether the node is a list of products: something may be in it, and nothing else can be asked."""
    return isinstance(node, Fact) and _word(node).kind == "list"


def is_stage(node: Node) -> bool:
    """Whether the node is a stage of a visit, one of a closed list."""
    return isinstance(node, Fact) and _word(node).kind == "stage"


def is_word_of_table(node: Node) -> bool:
    """Whether the node is a word out of one of the playbook's tables."""
    return isinstance(node, Lifecycle) or (isinstance(node, Rfm) and node.field not in RFM_SCORES)


def is_each(node: Node) -> bool:
    """Whether the node is what every element of a list has at a path: several values, not one."""
    return isinstance(node, (Trait, Property, EntryProperty)) and EACH in node.path


def _word(node: Fact) -> FactWord:
    return FACTS[node.of][node.field]
