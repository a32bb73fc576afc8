"""Why a condition was not met, or was: its smallest parts that tell, each with what the customer's value was.

Asked only where a decision is written. It reads the counters that the condition reads anyway, and grows none.

A part is `{"part": what it says, "is": the value there was}`, both as plain data. `last` is when something last
happened; `or_more` says that no more is kept than the condition needs; `than` is the value of the other side; `one_of`
holds lists of parts of which one would have been enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from habitue.model.customer import Customer
from habitue.model.instant import Instant
from habitue.playbook.conditions import write
from habitue.playbook.conditions.tree import And, Constant, Node, Not, Or

from .truth import Truth

Part: TypeAlias = dict[str, Any]
PARTS_MAX = 6
TEXT_MAX = 300
VALUE_MAX = 100
LISTED_MAX = 10


class Compiled(Protocol):
    """What has been made ready of conditions, and can be asked part by part."""

    def truth_of(self, node: Node) -> Truth: ...

    def values_of(
        self, node: Node, customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str
    ) -> dict[str, Any]: ...


class Asked:
    """One condition about one customer at one moment."""

    def __init__(
        self, compiled: Compiled, customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str
    ) -> None:
        self._compiled = compiled
        self._about = (customer, now, entry, key)
        self._left = PARTS_MAX

    def unmet(self, node: Node, wanted: bool = True) -> list[Part]:
        """Of a node that is not what is wanted: what would have to be otherwise."""
        match node:
            case Not(item=item):
                return self.unmet(item, not wanted)
            case And(items=items) | Or(items=items):
                wrong = [item for item in items if self._holds(item) is not wanted]
                if isinstance(node, And) is wanted:
                    return [part for item in wrong for part in self.unmet(item, wanted)]
                choices = [parts for item in wrong if (parts := self.unmet(item, wanted))]
                return choices[0] if len(choices) == 1 else [{"one_of": choices}] if choices else []
        return self._part(node, wanted)

    def met(self, node: Node, holds: bool = True) -> list[Part]:
        """Of a node that holds, or does not: what makes it so."""
        match node:
            case Not(item=item):
                return self.met(item, not holds)
            case And(items=items) | Or(items=items):
                return [part for item in items if self._holds(item) is holds for part in self.met(item, holds)]
        return self._part(node, holds)

    def _holds(self, node: Node) -> bool:
        return self._compiled.truth_of(node)(*self._about)[0]

    def _part(self, node: Node, wanted: bool) -> list[Part]:
        if self._left <= 0:
            return []
        self._left -= 1
        if isinstance(node, Constant):
            return [{"part": write(Constant(bool(node.value) is wanted))}]
        said = write(node if wanted else Not(node))
        values = self._compiled.values_of(node, *self._about)
        return [{"part": said[:TEXT_MAX], **{name: _bounded(value) for name, value in values.items()}}]


def _bounded(value: Any) -> Any:
    """Small enough for a ledger: text is cut, lists and mappings are told by their beginning."""
    if isinstance(value, float):
        return round(value, 6)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_bounded(one) if not isinstance(one, (list, dict)) else "…" for one in value[:LISTED_MAX]]
    return str(value)[:VALUE_MAX]
