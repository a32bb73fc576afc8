"""Random histories and conditions for the property tests: few names, values and instants, so that edges meet often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from habitue.decide.conditions import Leaf
from habitue.model.event import Event
from habitue.playbook.conditions.facts import FACTS, STAGES
from habitue.playbook.conditions.tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Choices,
    Compare,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Node,
    Not,
    Or,
    Property,
    RunKey,
    Trait,
    walk,
)

HOUR = 3_600_000_000
DAY = 24 * HOUR
START = 20_000 * DAY
WINDOWS = (HOUR, 3 * HOUR, DAY, 2 * DAY)
DAYS = (0.5, 1, 2)
NAMES = ("Seen", "Bought")

moments = st.builds(
    lambda step, nudge: START + step * HOUR + nudge,
    st.integers(0, 60),
    st.sampled_from((0, 0, 0, -1, 1, 1_800_000_000)),
)
numbers = st.sampled_from((0, 1, 2, 3, 5, 2.5, 0.1, 0.2, 0.3, 19.9, -1))
scalars = st.one_of(numbers, st.sampled_from(("a", "b", "ab", "2", "19.90", "", True, False)))
values = st.one_of(scalars, st.none(), st.sampled_from((["a", 2], [], {"x": 1})))
records = st.fixed_dictionaries(
    {},
    optional={
        "price": st.one_of(numbers, values),
        "kind": values,
        "deep": st.fixed_dictionaries({}, optional={"er": values}),
    },
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events in the order of their arrival, which is not that of their times."""
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), moments, records), min_size=draw(st.sampled_from((0, 4, 8))), max_size=14
        )
    )
    identities = draw(st.permutations(range(len(rows))))
    return [
        Event(id=f"e{identity}", source="test", type="track", name=name, occurred_at=at, properties=properties)
        for identity, (name, at, properties) in zip(identities, rows, strict=True)
    ]


paths = st.sampled_from((("price",), ("kind",), ("deep", "er")))
orders = st.sampled_from(("<", "<=", ">", ">="))
equalities = st.sampled_from(("==", "!="))
texts_or_numbers = scalars.filter(lambda value: not isinstance(value, bool))


def _facts(operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Comparisons of something that may be anything."""
    return st.one_of(
        operand,
        st.builds(Compare, operand, equalities, st.builds(Constant, st.one_of(scalars, st.none()))),
        st.builds(Compare, operand, orders, st.builds(Constant, texts_or_numbers)),
        st.builds(Compare, st.builds(Constant, texts_or_numbers), orders, operand),
        st.builds(
            Compare,
            operand,
            st.sampled_from(("in", "not in")),
            st.builds(Choices, st.lists(scalars, min_size=1, max_size=3).map(tuple)),
        ),
        st.builds(Compare, st.builds(Constant, scalars), st.sampled_from(("in", "not in")), operand),
        st.builds(Compare, operand, st.one_of(orders, equalities, st.sampled_from(("in", "not in"))), operand),
    )


def _logic(leaves: st.SearchStrategy[Any], depth: int) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.lists(inner.filter(lambda node: not isinstance(node, And)), min_size=2, max_size=3).map(tuple).map(And),
            st.lists(inner.filter(lambda node: not isinstance(node, Or)), min_size=2, max_size=3).map(tuple).map(Or),
        ),
        max_leaves=depth,
    )


filters = _logic(_facts(st.builds(Property, paths)), 3)
windows = st.one_of(
    st.just((None, None)),
    st.sampled_from(WINDOWS).map(lambda within: (within, None)),
    moments.map(lambda since: (None, since)),
)


@st.composite
def aggregates(draw: st.DrawFn, functions: tuple[str, ...]) -> Aggregate:
    function = draw(st.sampled_from(functions))
    within, since = (None, None) if function == "days_since" else draw(windows)
    value = () if function in ("count", "did", "days_since") else draw(paths)
    where = draw(st.one_of(st.none(), st.none(), st.none(), filters))
    return Aggregate(function, draw(st.sampled_from(NAMES)), value, where, within, since)  # type: ignore[arg-type]


counts = aggregates(("count",))
amounts = aggregates(("sum", "min", "max", "avg", "distinct", "count"))
ends = aggregates(("first", "last"))
facts_about_her = st.one_of(
    st.sampled_from((("country",), ("age",), ("deep", "er"))).map(Trait),
    paths.map(EntryProperty),
    st.just(RunKey()),
)
sums = st.recursive(
    st.one_of(amounts, facts_about_her, ends),
    lambda inner: st.one_of(
        st.builds(Arithmetic, inner, st.sampled_from("+-*/"), inner),
        st.builds(Arithmetic, inner, st.sampled_from("+-*/"), st.builds(Constant, numbers.filter(lambda n: n >= 0))),
    ),
    max_leaves=3,
)
thresholds = st.builds(Constant, st.sampled_from((0, 1, 2, 3, 2.5)))
crossings = st.one_of(
    aggregates(("did",)),
    st.builds(Compare, counts, orders, thresholds),
    st.builds(Compare, aggregates(("days_since",)), orders, st.builds(Constant, st.sampled_from(DAYS))),
    st.builds(Compare, st.builds(Constant, st.sampled_from(DAYS)), orders, aggregates(("days_since",))),
)
"""Comparisons whose next change is known to the microsecond."""
exact = st.one_of(
    crossings,
    st.builds(Compare, counts, equalities, thresholds),
    st.builds(Compare, counts, st.sampled_from(("in", "not in")), st.just(Choices((1, 3)))),
)


SHOPPING_FACTS = [
    Fact(of, field)
    for of in ("cart", "wishlist", "recently_viewed", "visit", "last_visit", "orders")
    for field in FACTS[of]
    if (of, field) != ("cart", "value")
]
"""Those the oracle knows; the value of the cart has a test of its own."""


def _of_kind(*kinds: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([fact for fact in SHOPPING_FACTS if FACTS[fact.of][fact.field].kind in kinds])


affinities = st.builds(
    Affinity,
    st.sampled_from(("category", "brand")),
    st.one_of(st.sampled_from(("mugs", "Orbis", "x")).map(Constant), st.just(EntryProperty(("category",)))),
)
fact_numbers = st.one_of(_of_kind("number"), affinities)
fact_comparisons = st.one_of(
    _of_kind("truth"),
    st.builds(Compare, fact_numbers, orders, st.builds(Constant, st.sampled_from((0, 1, 2, 0.371, 8.95, 30)))),
    st.builds(Compare, fact_numbers, equalities, st.builds(Constant, st.sampled_from((0, 1, 3)))),
    st.builds(
        Compare, st.builds(Arithmetic, fact_numbers, st.sampled_from("+-*/"), fact_numbers), orders, fact_numbers
    ),
    st.builds(Compare, _of_kind("stage"), equalities, st.builds(Constant, st.sampled_from((None, *STAGES)))),
    st.builds(Compare, _of_kind("stage"), st.sampled_from(("in", "not in")), st.just(Choices(("cart", "product")))),
    _of_kind("stage", "text"),
    st.builds(Compare, _of_kind("text"), equalities, st.builds(Constant, st.sampled_from((None, "/", "/c/mugs")))),
    st.builds(Compare, st.just(Constant("p1")), st.sampled_from(("in", "not in")), _of_kind("list")),
    st.builds(Compare, st.just(EntryProperty(("kind",))), st.sampled_from(("in", "not in")), _of_kind("list")),
    st.builds(
        Compare,
        st.sampled_from(("category", "brand")).map(Affinity),
        st.sampled_from(("==", "!=")),
        st.builds(Constant, st.sampled_from((None, "mugs", "Orbis"))),
    ),
)
"""Comparisons of what is kept of a customer besides events and traits."""
fact_conditions = _logic(fact_comparisons, 4)
about_numbers = st.builds(Compare, sums, orders, st.one_of(sums, st.builds(Constant, numbers)))
plain_conditions = _logic(st.one_of(exact, exact, about_numbers, _facts(ends), _facts(facts_about_her)), 5)
conditions = _logic(
    st.one_of(
        exact, about_numbers, _facts(ends), _facts(facts_about_her), fact_comparisons, st.just(InSegment("lookers"))
    ),
    5,
)


def edges(trees: Iterable[Node], events: Iterable[Event]) -> list[int]:
    """Every instant at which a window or a number of days in the trees can turn, and a microsecond to both sides."""
    spans = {span for tree in trees for node in walk(tree) for span in _spans(node)}
    turns = {event.occurred_at + span for event in events for span in spans}
    return sorted({turn + nudge for turn in turns for nudge in (-1, 0, 1)})


def _spans(node: Node) -> tuple[int, ...]:
    if isinstance(node, Aggregate) and node.within is not None:
        return (node.within,)
    if isinstance(node, Compare):
        days = [
            side.value
            for side, other in ((node.left, node.right), (node.right, node.left))
            if isinstance(side, Constant) and isinstance(other, Aggregate) and other.function == "days_since"
        ]
        return tuple(round(count * DAY) for count in days)
    return ()


def absorb(leaves: dict[str, tuple[Leaf, ...]], counters: dict[int, Any], event: Event) -> None:
    for leaf in leaves.get(event.name, ()):
        leaf.absorb(counters, event)
