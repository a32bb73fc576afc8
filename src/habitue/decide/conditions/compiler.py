"""Conditions made ready once per playbook: closures over counters, no tree is walked while events come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from habitue.model.customer import Customer
from habitue.model.instant import DAY, Instant
from habitue.playbook.conditions import Condition, ConditionError, check_segments, write
from habitue.playbook.conditions.expanding import expand
from habitue.playbook.conditions.shapes import MIRRORED
from habitue.playbook.conditions.tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Choices,
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
    Test,
    Trait,
)
from habitue.playbook.playbook import Playbook, Shop

from . import chains, facts, operands
from .bucket import bucket
from .filters import Filter, compile_filter, constant_test, pair_test, truth_test
from .leaves import KINDS, Latest, Leaf, Spec, Times
from .occasion import occasion
from .occurrences import count_within, count_within_among, days_since, did, in_period
from .operand import Operand
from .product import product
from .reach import consents, reachable
from .texts import change_of, test_of
from .truth import NEVER, NO, YES, Answer, Truth, constantly, every, opposite, some
from .unmet import Asked, Compiled, Part
from .values import Predicate, truthy

Windowed = TypeVar("Windowed", Aggregate, Sequence)
NO_SHOP = Playbook(name="", shop=Shop(name=""))


class Check:
    """A condition ready to be asked, and what can change its answer: events by name, traits by first name,
    and facts such as the cart.

    `leaves` are the ids of the counters it reads, those of its segments included.
    """

    __slots__ = ("_compiled", "_tree", "events", "facts", "leaves", "segments", "traits", "truth")

    def __init__(
        self,
        truth: Truth,
        parts: tuple[Condition, ...],
        segments: frozenset[str],
        leaves: frozenset[int],
        compiled: Compiled,
        tree: Node,
    ) -> None:
        self.truth = truth
        self._compiled, self._tree = compiled, tree
        self.events: frozenset[str] = frozenset().union(*(part.events for part in parts))
        self.traits: frozenset[str] = frozenset().union(*(part.traits for part in parts))
        self.facts: frozenset[str] = frozenset().union(*(part.facts for part in parts))
        self.segments = segments
        self.leaves = leaves

    def evaluate(
        self, customer: Customer, now: Instant, entry: Mapping[str, Any] | None = None, key: str = ""
    ) -> tuple[bool, Instant | None]:
        """The truth, and the earliest later instant at which it can change without an event; None if it cannot.

        `now` must not lie before any event the customer has absorbed.
        """
        truth, until = self.truth(customer, now, entry, key)
        return truth, None if until == NEVER else until

    def unmet(
        self, customer: Customer, now: Instant, entry: Mapping[str, Any] | None = None, key: str = ""
    ) -> list[Part]:
        """What was missing where the answer is no; see `unmet`. It costs many times what `evaluate` does."""
        return Asked(self._compiled, customer, now, entry, key).unmet(self._tree)

    def met(
        self, customer: Customer, now: Instant, entry: Mapping[str, Any] | None = None, key: str = ""
    ) -> list[Part]:
        """What made it so where the answer is yes."""
        return Asked(self._compiled, customer, now, entry, key).met(self._tree)


class _NotKept(Exception):
    """A value that no condition counts."""


class Compiler:
    """Makes conditions and filters ready. All that one compiler makes share their leaves.

    The playbook says what words mean that are its own, such as groups and visits, and knows the shop's clock.
    Raises ConditionError when the segments name each other in a circle, or one that is not there.
    """

    def __init__(
        self,
        segments: Mapping[str, Condition] | None = None,
        playbook: Playbook = NO_SHOP,
    ) -> None:
        self._playbook = playbook
        check_segments(segments or {})
        self._segments = {name: self._expanded(condition) for name, condition in (segments or {}).items()}
        self._leaves: dict[int, Leaf] = {}
        self._segment_truths: dict[str, Truth] = {}
        self._segment_leaves: dict[str, frozenset[int]] = {}
        self._touched: set[int] = set()
        self._is_whole = False
        self._parts: dict[str, Truth] = {}

    def condition(self, condition: Condition) -> Check:
        """Raises ConditionError for a segment that is not there."""
        written, condition = condition.tree, self._expanded(condition)
        named = self._named(condition)
        self._touched = set()
        truth = self._truth(condition.tree)
        parts = (condition, *(self._segments[name] for name in sorted(named)))
        return Check(truth, parts, named, frozenset(self._touched), self, written)

    def filter(self, condition: Condition) -> Filter:
        """A function of an event's properties, the run's entry event's properties or None, and the run's key."""
        return compile_filter(condition.tree)

    def truth_of(self, node: Node) -> Truth:
        """A part of a condition that has been made ready."""
        said = write(node)
        known = self._parts.get(said)
        if known is None:
            known = self._parts[said] = self._truth(expand(node, self._playbook.definitions))
        return known

    def values_of(
        self, node: Node, customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str
    ) -> dict[str, Any]:
        """What a yes-or-no part of a condition that has been made ready looks at, as far as it is kept."""
        self._is_whole = True
        try:
            return self._values(expand(node, self._playbook.definitions), customer, now, entry, key)
        except _NotKept:
            return {}
        finally:
            self._is_whole = False

    def _values(
        self, node: Node, customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str
    ) -> dict[str, Any]:
        def read(of: Node) -> Any:
            return self._operand(of).read(customer, now, entry, key)

        match node:
            case Compare(left=Constant(), operator=operator, right=right) if operator not in ("in", "not in"):
                return self._values(Compare(right, MIRRORED[operator], node.left), customer, now, entry, key)
            case Compare(left=Aggregate() as left, right=Constant() | Choices()):
                return self._counted(left, customer, now) or {"is": read(left)}
            case Compare(left=left, right=Constant() | Choices()):
                return {"is": read(left)}
            case Compare(left=Constant(), right=right):
                return {"is": read(right)}
            case Compare(left=left, right=right):
                return {"is": read(left), "than": read(right)}
            case Aggregate(function="did") if not node.period:
                return {"last": customer.counters.get(self._latest(node).id)}
            case Test(value=value):
                return {"is": read(value)}
            case Trait() | EntryProperty() | Product() | RunKey():
                return {"is": read(node)}
        return {}

    def _counted(self, node: Aggregate, customer: Customer, now: Instant) -> dict[str, Any]:
        """Of the comparisons that have a reading of their own; empty for the others."""
        if node.function == "days_since":
            latest = customer.counters.get(self._latest(node).id)
            return {"is": None if latest is None else (now - latest) / DAY}
        if node.period:
            calendar, value, ago = operands.by_calendar(self._placed(node), self._grow)
            return {"is": value(calendar.at(customer.counters.get(calendar.id), now, ago))}
        if node.function != "count" or node.within is None:
            return {}
        leaf = self._grow(operands.spec("times", node))
        assert isinstance(leaf, Times)
        times = leaf.read(customer.counters.get(leaf.id), now)
        return {"is": times, "or_more": True} if times >= leaf.need else {"is": times}

    def value(self, node: Node) -> Operand:
        """A part of a condition alone: for who asks what it was, and not whether the whole was true."""
        return self._operand(expand(node, self._playbook.definitions))

    @property
    def leaves(self) -> dict[int, Leaf]:
        """By id. Complete once everything has been compiled."""
        return dict(self._leaves)

    @property
    def leaves_by_event(self) -> dict[str, tuple[Leaf, ...]]:
        """The leaves that an event of the name touches."""
        found: dict[str, tuple[Leaf, ...]] = {}
        for leaf in self._leaves.values():
            for event in leaf.events:
                found[event] = (*found.get(event, ()), leaf)
        return found

    def _expanded(self, condition: Condition) -> Condition:
        """The words of the playbook's tables put as what they count, so that an event touches those too."""
        return msgspec.structs.replace(condition, tree=expand(condition.tree, self._playbook.definitions))

    def _named(self, condition: Condition) -> frozenset[str]:
        """The segments it names, and those they name."""
        found: set[str] = set()
        waiting = set(condition.segments)
        while waiting:
            name = waiting.pop()
            if name not in self._segments:
                raise ConditionError(f'there is no segment "{name}"')
            found.add(name)
            waiting |= self._segments[name].segments - found
        return frozenset(found)

    def _grow(self, spec: Spec) -> Leaf:
        shop = self._playbook.shop if self._playbook.shop.is_currency_said and spec.reads_money else None
        if shop is not None and shop.rates:
            spec = msgspec.structs.replace(spec, rates=shop.rates_name)
        leaf = KINDS[spec.kind](spec)
        leaf.shop = shop
        if self._is_whole and leaf.id not in self._leaves:
            raise _NotKept
        known = self._leaves.setdefault(leaf.id, leaf)
        if known.canonical != leaf.canonical:
            # Once in some thousand years of playbooks; still, silence would mix two counters.
            raise ConditionError(f"two counters got one number: {known.canonical} and {leaf.canonical}; change one")
        self._touched.add(leaf.id)
        return known

    # --- yes or no ---

    def _truth(self, node: Node) -> Truth:
        match node:
            case Constant(value=value):
                return constantly(bool(value))
            case And(items=items):
                return every(tuple(self._truth(item) for item in items))
            case Or(items=items):
                return some(tuple(self._truth(item) for item in items))
            case Not(item=item):
                return opposite(self._truth(item))
            case InSegment(name=name):
                return self._segment(name)
            case Aggregate(function="did") if node.period:
                return self._in_period(node, truthy)
            case Aggregate(function="did"):
                return did(self._latest(node), node.within, node.since)
            case Sequence():
                return chains.came(self._placed(node), self._grow)
            case Compare():
                return self._comparison(node)
        return _about_one(self._operand(node), truth_test(node))

    def _segment(self, name: str) -> Truth:
        if name not in self._segment_truths:
            outside, self._touched = self._touched, set()
            self._segment_truths[name] = self._truth(self._segments[name].tree)
            self._segment_leaves[name] = frozenset(self._touched)
            self._touched = outside
        self._touched |= self._segment_leaves[name]
        return self._segment_truths[name]

    def _comparison(self, node: Compare) -> Truth:
        left, operator, right = node.left, node.operator, node.right
        if isinstance(left, Constant) and operator not in ("in", "not in"):
            left, operator, right = right, MIRRORED[operator], left
        if isinstance(left, Aggregate) and isinstance(right, (Constant, Choices)):
            special = self._occurrence(left, Compare(left, operator, right))
            if special is not None:
                return special
        if isinstance(right, (Constant, Choices)):
            return _about_one(self._operand(left), constant_test(Compare(left, operator, right)))
        if isinstance(left, Constant):
            return _about_one(self._operand(right), constant_test(node))
        return self._about_two(node)

    def _occurrence(self, aggregate: Aggregate, node: Compare) -> Truth | None:
        """The comparisons whose next change is known to the microsecond from a few instants."""
        bound: Any = getattr(node.right, "value", None)
        if aggregate.function == "days_since":
            return days_since(self._latest(aggregate), node.operator, bound)
        if aggregate.period:
            return self._in_period(aggregate, constant_test(node))
        if aggregate.function != "count" or aggregate.within is None:
            return None
        leaf = self._grow(operands.spec("times", aggregate))
        assert isinstance(leaf, Times)
        if isinstance(node.right, Choices):
            bounds: Any = node.right.values
            among = count_within_among(leaf, bounds)
            return among if node.operator == "in" else opposite(among)
        return count_within(leaf, node.operator, bound)

    def _in_period(self, aggregate: Aggregate, test: Predicate) -> Truth:
        return in_period(*operands.by_calendar(self._placed(aggregate), self._grow), test)

    def _placed(self, node: Windowed) -> Windowed:
        """With the shop's time zone where it names none: a shop that moves has other counters."""
        return (
            msgspec.structs.replace(node, zone=self._playbook.shop.timezone) if node.period and not node.zone else node
        )

    def _latest(self, aggregate: Aggregate) -> Latest:
        leaf = self._grow(operands.spec("latest", aggregate, windowed=False))
        assert isinstance(leaf, Latest)
        return leaf

    def _about_two(self, node: Compare) -> Truth:
        one, other = self._operand(node.left), self._operand(node.right)
        test, first, second = pair_test(node), one.read, other.read
        return _timed(
            Operand(
                lambda customer, now, entry, key: test(
                    first(customer, now, entry, key), second(customer, now, entry, key)
                ),
                (*one.changes, *other.changes),
            )
        )

    # --- values ---

    def _operand(self, node: Node) -> Operand:
        match node:
            case Constant(value=value):
                return operands.constant(value)
            case Trait(path=path):
                return operands.trait(path)
            case EntryProperty(path=path):
                return operands.entry_property(path)
            case RunKey():
                return operands.run_key()
            case Fact():
                return facts.fact(node, self._playbook.session_gap)
            case Affinity(value=value):
                return facts.affinity(node, None if value is None else self._operand(value))
            case Arithmetic(left=left, operator=sign, right=right):
                return operands.arithmetic(self._operand(left), sign, self._operand(right))
            case Aggregate():
                return operands.aggregate(self._placed(node), self._grow)
            case Test(value=value):
                return operands.of_one(self._operand(value), test_of(node))
            case Change(value=value):
                return operands.of_one(self._operand(value), change_of(node))
            case Reachable():
                return reachable(node, self._playbook)
            case Consents():
                return consents(node)
            case Product(id=identity, field=field):
                return product(field, self._operand(identity))
            case Bucket():
                return bucket(node)
            case Occasion():
                return occasion(node, self._playbook)
        raise TypeError(f"not a value of a customer: {node!r}")


def _about_one(operand: Operand, test: Predicate) -> Truth:
    read = operand.read
    if operand.changes:
        return _timed(Operand(lambda customer, now, entry, key: test(read(customer, now, entry, key)), operand.changes))

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        return YES if test(read(customer, now, entry, key)) else NO

    return check


def _timed(operand: Operand) -> Truth:
    """The answer to a yes-or-no operand: it can change when any of the windows it looks through loses something."""
    read, changes = operand.read, operand.changes

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        until = NEVER
        for change in changes:
            found = change(customer, now)
            if found < until:
                until = found
        return bool(read(customer, now, entry, key)), until

    return check
