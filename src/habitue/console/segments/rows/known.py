"""What is known of them: a trait, the cart, the visit, a score, by one comparison."""

from __future__ import annotations

from habitue.console.segments.rows import comparison
from habitue.console.segments.rows.row import Field, Kind, Row
from habitue.playbook.conditions.tree import Aggregate, Compare, Node, Sequence, walk


def read(node: Node) -> Row | None:
    if isinstance(node, Compare) and any(isinstance(part, (Aggregate, Sequence)) for part in walk(node)):
        return None
    return comparison.read(node)


KIND = Kind(
    name="known",
    title="What is known of them",
    icon="user",
    fields=(
        Field("what", "names", "What to look at", suggests="known", placeholder="trait.country"),
        Field("operator", "choice", "How to compare", options=comparison.OPERATORS),
        Field("value", "names", "With what", suggests="values", when=("operator", comparison.WITH_VALUE)),
    ),
    blank={"what": "", "operator": "==", "value": ""},
    read=read,
    write=comparison.text,
)
