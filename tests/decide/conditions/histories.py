"""Random histories and conditions for the property tests: few names, values and instants, so that edges meet often."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from tests.decide.conditions.calendar_oracle import instant, turns

from habitue.decide import counters as decided
from habitue.decide.conditions import Leaf
from habitue.model.event import Event
from habitue.playbook.conditions.facts import FACTS, STAGES
from habitue.playbook.conditions.tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Choices,
    Compare,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Lifecycle,
    Node,
    Not,
    Or,
    Period,
    Property,
    Rfm,
    RunKey,
    Score,
    Sequence,
    Step,
    Test,
    Trait,
    walk,
)
from habitue.playbook.lifecycle import STAGES as LIFE
from habitue.playbook.lifecycle import LifecycleRules
from habitue.playbook.playbook import Playbook, Rate, Shop
from habitue.playbook.rfm import GROUPS, Bands, RfmRules

HOUR = 3_600_000_000
DAY = 24 * HOUR
START = instant(datetime.fromisoformat("2024-03-30T06:00Z"))
"""Sixty hours on lie a Sunday night, the end of a month and of a quarter, and summer time in Madrid and Beirut."""
ERAS = tuple(
    instant(datetime.fromisoformat(text))
    for text in (
        "2024-02-28T12:00Z",  # The leap day.
        "2024-12-30T06:00Z",  # A year's end.
        "2024-11-01T20:00Z",  # Winter time in New York and Havana, where midnight comes twice, and a Sunday night.
        "2024-10-04T12:00Z",  # Half an hour of summer time on Lord Howe.
        "2011-12-29T06:00Z",  # Samoa leaves out a day.
        "2018-11-03T06:00Z",  # São Paulo leaves out a midnight.
        "2010-11-06T12:00Z",  # Newfoundland puts clocks back a minute after midnight.
        "2016-09-06T12:00Z",  # Istanbul gives up winter time.
    )
)
ZONES = (
    "", "UTC", "Europe/Madrid", "America/New_York", "Asia/Istanbul", "Asia/Kolkata", "Asia/Beirut", "America/Havana",
    "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "America/St_Johns",
)  # fmt: skip
SHOP_ZONE = "Europe/Madrid"
PERIODS: tuple[Period, ...] = tuple(period for period in get_args(Period) if period)
WINDOWS = (HOUR, 3 * HOUR, DAY, 2 * DAY)
DAYS = (0.5, 1, 2)
NAMES = ("Seen", "Bought", "Left")
MANY_CURRENCIES = Shop(
    name="shop",
    timezone=SHOP_ZONE,
    currency="EUR",
    is_currency_said=True,
    rates=(
        Rate(currency="JPY", since=0, rate=500_000_000_000),
        Rate(currency="USD", since=instant(datetime.fromisoformat("2024-03-01T00:00Z")), rate=1_333_333_333_333),
        Rate(currency="USD", since=instant(datetime.fromisoformat("2024-03-31T00:00Z")), rate=900_000_000_000),
    ),
)
"""Yen are halves of a euro for all time; dollars change in the midst of histories, and were nothing before; of won
nobody knows."""
SHOP = Playbook(
    name="shop",
    shop=MANY_CURRENCIES,
    rfm=RfmRules(
        event="Bought",
        value=("price",),
        over=2 * DAY,
        bands=Bands(recency=(HOUR, 3 * HOUR, DAY, 2 * DAY), frequency=(1, 2, 2, 4), monetary=(0.1, 0.3, 2, 5)),
    ),
    lifecycle=LifecycleRules(event="Bought", at_risk_after=3 * HOUR, dormant_after=DAY, lost_after=2 * DAY),
)
"""Its tables turn within the hours that histories last."""

eras = st.sampled_from((*[START] * len(ERAS), *ERAS))
afterwards = st.builds(
    lambda step, nudge: step * HOUR + nudge, st.integers(0, 60), st.sampled_from((0, 0, 0, -1, 1, 1_800_000_000))
)
moments = st.builds(lambda era, after: era + after, eras, afterwards)
numbers = st.sampled_from((0, 1, 2, 3, 5, 2.5, 0.1, 0.2, 0.3, 19.9, -1))
scalars = st.one_of(numbers, st.sampled_from(("a", "b", "ab", "2", "19.90", "", True, False)))
values = st.one_of(scalars, st.none(), st.sampled_from((["a", 2], [], {"x": 1})))
currencies = st.sampled_from(("EUR", "JPY", "USD", "KRW", "jpy", "", None, "florins", 7))
lines = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"price": numbers, "kind": values, "tags": st.one_of(st.lists(scalars, max_size=3), values)}
    ),
    values,
)
records = st.fixed_dictionaries(
    {},
    optional={
        "price": st.one_of(numbers, values),
        "kind": values,
        "deep": st.fixed_dictionaries({}, optional={"er": values}),
        "lines": st.one_of(st.lists(lines, max_size=3), values),
        "products": st.one_of(st.lists(lines, max_size=3), values),
        "currency": currencies,
    },
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events in the order of their arrival, which is not that of their times. An id says nothing of either."""
    # Most people's events lie close together; now and then somebody comes back after years, or a batch has no times.
    some = draw(
        st.one_of(
            eras.map(lambda era: afterwards.map(lambda after: era + after)),
            st.just(moments),
            eras.map(lambda era: st.sampled_from((era, era, era, era + HOUR))),
        )
    )
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), some, records), min_size=draw(st.sampled_from((0, 4, 8))), max_size=14
        )
    )
    identities = draw(st.permutations(range(len(rows))))
    return [
        Event(id=f"e{identity}", source="test", type="track", name=name, occurred_at=at, properties=properties)
        for identity, (name, at, properties) in zip(identities, rows, strict=True)
    ]


paths = st.sampled_from((("price",), ("kind",), ("deep", "er")))
each_paths = st.sampled_from(
    (
        ("lines", "[]", "price"),
        ("products", "[]", "price"),
        ("products", "[]", "kind"),
        ("lines", "[]", "kind"),
        ("lines", "[]"),
        ("lines", "[]", "tags", "[]"),
        ("kind", "[]"),
    )
)
orders = st.sampled_from(("<", "<=", ">", ">="))
equalities = st.sampled_from(("==", "!="))
texts_or_numbers = scalars.filter(lambda value: not isinstance(value, bool))


def _against_constants(operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The operand by itself, and compared with what is written in the condition."""
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
    )


signs = st.one_of(orders, equalities, st.sampled_from(("in", "not in")))


def _facts(operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Comparisons of something that may be anything."""
    return st.one_of(_against_constants(operand), st.builds(Compare, operand, signs, operand))


def _facts_of_each(operand: st.SearchStrategy[Any], single: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Comparisons of the elements of a list; with something else they are compared from either side."""
    return st.one_of(
        _against_constants(operand),
        st.builds(Compare, operand, signs, single),
        st.builds(Compare, single, signs, operand),
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


properties = st.builds(Property, paths)


def _texts(operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Tests of texts and lists, and comparisons of what is made of them."""
    affixes = st.sampled_from(("a", "b", "ab", "", "A", "Σ")).map(Constant)
    chosen = st.lists(scalars, min_size=1, max_size=3).map(tuple).map(Choices)
    return st.one_of(
        st.builds(Test, st.sampled_from(("starts_with", "ends_with")), operand, affixes),
        st.builds(Test, st.sampled_from(("has_any", "has_all")), operand, chosen),
        st.builds(Compare, st.builds(Change, st.just("lower"), operand), equalities, affixes),
        st.builds(Test, st.just("starts_with"), st.builds(Change, st.just("lower"), operand), affixes),
        st.builds(Compare, st.builds(Change, st.just("size"), operand), orders, st.builds(Constant, st.integers(0, 3))),
    )


filters = _logic(
    st.one_of(_facts(properties), _texts(properties), _facts_of_each(st.builds(Property, each_paths), properties)), 3
)
no_window: st.SearchStrategy[dict[str, Any]] = st.just({})
dates = st.one_of(
    st.builds(lambda since: {"since": since}, moments),
    st.builds(lambda before: {"before": before}, moments),
    st.builds(lambda one, other: {"since": min(one, other), "before": max(one, other)}, moments, moments).filter(
        lambda window: window["since"] < window["before"]
    ),
)
rolling = st.builds(lambda within: {"within": within}, st.sampled_from(WINDOWS))
by_calendar = st.builds(
    lambda period, zone: {"period": period, "zone": zone}, st.sampled_from(PERIODS), st.sampled_from(ZONES)
)
windows = st.one_of(no_window, rolling, rolling, dates, by_calendar)
"""The fields of an Aggregate or a Sequence that say its window."""


@st.composite
def aggregates(draw: st.DrawFn, functions: tuple[str, ...]) -> Aggregate:
    function = draw(st.sampled_from(functions))
    window = draw(no_window if function == "days_since" else windows)
    places = paths if function in ("first", "last") else st.one_of(paths, each_paths)
    value = () if function in ("count", "did", "days_since") else draw(places)
    where = draw(st.one_of(st.none(), st.none(), st.none(), filters))
    return Aggregate(function, draw(st.sampled_from(NAMES)), value, where, **window)  # type: ignore[arg-type]


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    filtered = st.one_of(st.none(), st.none(), filters)
    names = draw(st.sampled_from((NAMES[:2], NAMES[:1], NAMES)))
    steps = draw(st.lists(st.builds(Step, st.sampled_from(names), filtered), min_size=2, max_size=4))
    others = [name for name in NAMES if name not in {step.event for step in steps}]
    barriers = st.lists(st.builds(Step, st.sampled_from(others), filtered), max_size=2) if others else st.just([])
    apart = draw(st.one_of(st.none(), st.sampled_from((1, *WINDOWS))))
    return Sequence(tuple(steps), tuple(draw(barriers)), apart, **draw(windows))


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
of_a_period = st.builds(
    lambda aggregate, window: msgspec.structs.replace(aggregate, within=None, since=None, before=None, **window),
    aggregates(("count", "sum", "min", "max", "avg", "distinct", "first", "last")),
    by_calendar,
)
crossings = st.one_of(
    aggregates(("did",)),
    sequences(),
    st.builds(Compare, of_a_period, orders, thresholds),
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


scores = st.sampled_from((1, 2, 3, 4, 5))
codes = st.builds(lambda *parts: "".join(map(str, parts)), scores, scores, scores)
fields = st.sampled_from(("recency", "frequency", "monetary"))
tables = st.one_of(
    st.builds(Compare, fields.map(Rfm), st.one_of(orders, equalities), scores.map(Constant)),
    st.builds(Compare, scores.map(Constant), orders, fields.map(Rfm)),
    st.builds(Compare, st.just(Rfm("code")), equalities, st.one_of(codes, st.none()).map(Constant)),
    st.builds(
        Compare,
        st.just(Rfm("group")),
        st.sampled_from(("in", "not in")),
        st.lists(st.sampled_from(tuple(GROUPS)), min_size=1, max_size=4).map(tuple).map(Choices),
    ),
    st.builds(Compare, st.just(Rfm("group")), equalities, st.sampled_from((None, *GROUPS)).map(Constant)),
    st.builds(Test, st.just("starts_with"), st.just(Rfm("code")), st.sampled_from(("5", "1", "55")).map(Constant)),
    st.builds(Compare, st.just(Lifecycle()), equalities, st.sampled_from((None, *LIFE)).map(Constant)),
    st.builds(
        Compare,
        st.just(Lifecycle()),
        st.sampled_from(("in", "not in")),
        st.lists(st.sampled_from(tuple(LIFE)), min_size=1, max_size=6, unique=True).map(tuple).map(Choices),
    ),
    st.builds(Compare, st.just(Score("a")), orders, st.sampled_from((0, 1, 2, 0.3)).map(Constant)),
    st.builds(
        Bucket, st.sampled_from(("spring", "x")), st.sampled_from((0, 12.5, 50)), st.sampled_from((50.25, 99.99, 100))
    ),
)
"""Words that the playbook's tables, or a hash, give their meaning."""


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
lists_about_her = _facts_of_each(
    st.one_of(st.just(Trait(("tags", "[]"))), st.builds(EntryProperty, each_paths)), facts_about_her
)
plain_conditions = _logic(
    st.one_of(exact, exact, about_numbers, _facts(ends), _facts(facts_about_her), lists_about_her), 5
)
conditions = _logic(
    st.one_of(
        exact,
        about_numbers,
        _facts(ends),
        _facts(facts_about_her),
        lists_about_her,
        fact_comparisons,
        tables,
        _texts(st.one_of(facts_about_her, ends)),
        st.just(InSegment("lookers")),
    ),
    5,
)


def edges(trees: Iterable[Node], events: Iterable[Event], timezone: str = SHOP_ZONE) -> list[int]:
    """Every instant at which a window or a number of days in the trees can turn, and a microsecond to both sides."""
    nodes = [node for tree in trees for node in walk(tree)]
    times = {event.occurred_at for event in events}
    spans = {span for node in nodes for span in _spans(node)}
    calendars = {
        (node.period, node.zone or timezone)
        for node in nodes
        if isinstance(node, (Aggregate, Sequence)) and node.period
    }
    found = {at + span for at in times for span in spans}
    found |= {turn for at in times for period, zone in calendars for turn in turns(period, zone, at)}
    return sorted({turn + nudge for turn in found for nudge in (-1, 0, 1)})


def _spans(node: Node) -> tuple[int, ...]:
    if isinstance(node, (Aggregate, Sequence)) and node.within is not None:
        return (node.within,)
    if isinstance(node, Rfm):
        return (*SHOP.rfm.bands.recency, SHOP.rfm.over)
    if isinstance(node, Lifecycle):
        life = SHOP.lifecycle
        return (life.at_risk_after, life.dormant_after, life.lost_after)
    if isinstance(node, Compare):
        days = [
            side.value
            for side, other in ((node.left, node.right), (node.right, node.left))
            if isinstance(side, Constant) and isinstance(other, Aggregate) and other.function == "days_since"
        ]
        return tuple(round(count * DAY) for count in days)
    return ()


def absorb(leaves: dict[str, tuple[Leaf, ...]], counters: dict[int, Any], event: Event, position: int = 0) -> None:
    decided.absorb(leaves.get(event.name, ()), counters, event, position)
