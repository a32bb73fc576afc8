"""Visits, wishes, likings and orders, kept live, are what the whole history says, and conditions read them so."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.conditions import facts_oracle
from tests.decide.conditions.histories import SHOPPING_FACTS, fact_conditions
from tests.decide.conditions.oracle import Person

from habitue.decide.conditions import Compiler
from habitue.decide.outcome import Outcome
from habitue.decide.profile import put_facts
from habitue.decide.profile.interests import interests
from habitue.decide.profile.joining import join_facts
from habitue.model.customer import Customer, Visit
from habitue.model.event import Event, Record
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.playbook.conditions import Condition, parse
from habitue.playbook.conditions.tree import Affinity, Fact, Node
from habitue.playbook.playbook import Playbook, Shop

START = 20_600 * DAY
GAP = facts_oracle.GAP
PAUSING = Playbook(name="shop", shop=Shop(name="shop"), session_gap=GAP)
NAMES = (
    *facts_oracle.STAGE_BY_EVENT,
    *("Product Viewed", "Product Added", "Order Completed", "Order Refunded", "Order Cancelled", "Email Opened"),
)
properties = st.fixed_dictionaries(
    {"product_id": st.sampled_from(("p1", "p2", "p3"))},
    optional={
        "category": st.sampled_from(("mugs", "bags", "")),
        "brand": st.sampled_from(("Orbis", "Nautica")),
        "price": st.sampled_from((1.0, 2.5, 9.95, 20)),
        "total": st.sampled_from((5, 10.5, 0.1)),
        "order_id": st.sampled_from(("o1", "o2")),
        "quantity": st.sampled_from((1, 2, 3, -1, -2)),
        "path": st.sampled_from(("/", "/c/mugs")),
        "page_type": st.sampled_from(("cart", "product", "imprint")),
        "products": st.just([{"product_id": "p1", "category": "mugs", "brand": "Orbis"}, {"category": "bags"}]),
    },
)
pauses = st.sampled_from((0, 0, 0, 0, 1, MINUTE, 10 * MINUTE, GAP - 1, GAP, GAP + 1, HOUR, 20 * DAY, 40 * DAY))


@st.composite
def shopping(draw: st.DrawFn, pause: st.SearchStrategy[int] = pauses, size: int = 16) -> list[Event]:
    """Events in the order they happened; those of one instant in that of the log, of which their ids say nothing."""
    events, at = [], START
    rows = draw(st.lists(st.tuples(st.sampled_from(NAMES), pause, properties), max_size=size))
    identities = draw(st.permutations(range(len(rows))))
    for identity, (name, span, told) in zip(identities, rows, strict=True):
        at += span
        if name != "Page Viewed":
            told = {key: value for key, value in told.items() if key not in ("path", "page_type")}
        events.append(
            Event(id=f"e{identity:02}", source="shop", type="track", name=name, occurred_at=at, properties=told)
        )
    return events


def logged(history: list[Event]) -> list[Record]:
    return [Record(position, event.occurred_at, event) for position, event in enumerate(history)]


def told(history: list[Event] | list[Record], name: str = "ana") -> Customer:
    customer = Customer(id=name)
    for position, one in enumerate(history):
        record = one if isinstance(one, Record) else Record(position, one.occurred_at, one)
        put_facts(customer, record, GAP, Outcome())
    return customer


def written(customer: Customer) -> Any:
    """Everything that facts are, without the order in which things came to be known."""
    fields = msgspec.to_builtins(msgspec.structs.replace(customer, id="", merged_ids=[]))
    known = dict(zip(Customer.__struct_fields__, fields, strict=True))
    known["cart"] = customer.cart.emptied_at, {key: line.changes for key, line in customer.cart.lines.items()}
    return known


@settings(deadline=None)
@given(shopping(), st.lists(fact_conditions, min_size=1, max_size=5))
def test_a_condition_about_facts_says_what_the_history_says_until_the_moment_it_names(
    history: list[Event], trees: list[Node]
) -> None:
    compiler = Compiler({}, PAUSING)
    checks = [compiler.condition(Condition("", tree)) for tree in trees]
    ana = msgspec.msgpack.decode(msgspec.msgpack.encode(told(history)), type=Customer)
    person = Person(history, {}, None, "", {})
    now = max((event.occurred_at for event in history), default=START)
    turns = sorted({now, *(event.occurred_at + GAP + nudge for event in history for nudge in (-1, 0, 1, 2))})
    for instant in (turn for turn in turns if turn >= now):
        for tree, check in zip(trees, checks, strict=True):
            truth, until = check.evaluate(ana, instant)
            assert truth == person.holds(tree, instant), tree
            for later in turns:
                if later >= instant and (until is None or later < until):
                    assert person.holds(tree, later) == truth, tree


ALL: list[Node] = [*SHOPPING_FACTS, Affinity("category"), Affinity("brand")]


@pytest.mark.parametrize("seed", range(12))
def test_every_fact_is_what_a_long_history_says(seed: int) -> None:
    """Each field of each fact after each event; nothing is left to the luck of a draw."""
    chance = random.Random(seed)
    history: list[Event] = []
    at = START
    ana = Customer(id="ana")
    for number in range(60):
        at += chance.choice((0, MINUTE, 10 * MINUTE, GAP, GAP + 1, 3 * DAY))
        name = chance.choice(NAMES)
        about: dict[str, Any] = {"product_id": f"p{chance.randrange(5)}", "category": chance.choice(("mugs", "bags"))}
        about |= {"brand": chance.choice(("Orbis", "Nautica", "")), "price": chance.choice((1.0, 3, 9.95))}
        if name.startswith("Order"):
            about = {"order_id": f"o{chance.randrange(4)}", "products": [{"category": "mugs"}]}
            about |= {"total": 10.5} if chance.random() < 0.5 else {}
        if name == "Page Viewed":
            about = chance.choice(({"path": "/"}, {"path": "/about"}, {"page_type": "checkout"}))
        event = Event(id=f"e{number:02}", source="shop", type="track", name=name, occurred_at=at, properties=about)
        history.append(event)
        put_facts(ana, Record(number, at, event), GAP, Outcome())
        for node in ALL:
            for now in (at, at + GAP, at + GAP + 1):
                read = Compiler({}, PAUSING)._operand(node).read(ana, now, None, "")
                if isinstance(node, Fact):
                    wanted = facts_oracle.fact(history, now, node.of, node.field)
                else:
                    wanted = facts_oracle.affinity(history, node.of, None)
                assert (sorted(read) if isinstance(read, list) else read) == (
                    sorted(wanted) if isinstance(wanted, list) else wanted
                ), (node, now)
    for of, value in (("category", "mugs"), ("brand", "Orbis"), ("brand", "none")):
        share = Compiler({}, PAUSING).condition(parse(f'affinity("{of}", "{value}") >= 0.0000001'))
        assert share.evaluate(ana, at)[0] == (facts_oracle.affinity(history, of, value) > 0)


within_one_visit = st.integers(0, 2).map(lambda part: part * 7 * MINUTE)


@settings(deadline=None)
@given(shopping(within_one_visit, size=9), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(history: list[Event], chance: random.Random) -> None:
    """Of a visit whose pieces never stand more than two apart, and of all other facts."""
    history = of_two_pieces(history)
    assert written(told(history)) == written(told(chance.sample(logged(history), len(history))))


@settings(deadline=None)
@given(shopping(within_one_visit, size=9), st.data())
def test_three_parts_of_a_person_join_to_the_whole(history: list[Event], data: st.DataObject) -> None:
    history = of_two_pieces(history)
    sides = data.draw(st.lists(st.integers(0, 2), min_size=len(history), max_size=len(history)))

    def joined(order: tuple[int, ...]) -> Customer:
        parts = [
            told([record for record, side in zip(logged(history), sides, strict=True) if side == part], f"part{part}")
            for part in range(3)
        ]
        whole = parts[order[0]]
        for part in order[1:]:
            join_facts(whole, parts[part], GAP, Outcome())
        return whole

    results = [joined(order) for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0))]
    assert written(results[0]) == written(results[1]) == written(results[2])
    assert written(told(history)) == written(results[0])


def of_two_pieces(history: list[Event]) -> list[Event]:
    """So short that whatever is missing leaves at most two visits; what an order holds is told once."""
    return [
        msgspec.structs.replace(event, properties={**event.properties, "products": []})
        if "order_id" in event.properties
        else event
        for event in history
        if event.occurred_at <= START + 2 * GAP
    ]


@settings(deadline=None)
@given(shopping(size=30), st.lists(st.booleans(), min_size=30, max_size=30))
def test_replaying_the_changes_gives_the_inverse_of_the_states(history: list[Event], sides: list[bool]) -> None:
    """Over two halves of a person, in any order of arrival, before and after they are joined."""
    rows: dict[tuple[str, str, str], int] = {}
    halves = [Customer(id="a"), Customer(id="b")]

    def replay(outcome: Outcome) -> None:
        for customer, kind, key, since in outcome.interests:
            if since is None:
                assert rows.pop((customer, kind, key), None) is not None, "what was never said is not taken back"
            else:
                assert (customer, kind, key) not in rows, "what is said already is not said again"
                rows[customer, kind, key] = since

    def inverse(*customers: Customer) -> set[tuple[str, str, str]]:
        return {(customer.id, kind, key) for customer in customers for kind, key in interests(customer)}

    records = logged(history)
    for record, side in zip(reversed(records) if sides[0] else records, sides, strict=False):
        outcome = Outcome()
        put_facts(halves[side], record, GAP, outcome)
        replay(outcome)
        assert set(rows) == inverse(*halves)
    outcome = Outcome()
    join_facts(halves[0], halves[1], GAP, outcome)
    replay(outcome)
    assert set(rows) == inverse(halves[0])


def test_what_leaves_a_full_list_leaves_the_index() -> None:
    ana, rows = Customer(id="ana"), set()
    for number in range(120):
        for name in ("Product Viewed", "Product Added to Wishlist", "Product Added"):
            outcome = Outcome()
            about = {"product_id": f"p{number}", "category": f"c{number}"}
            event = Event(
                id=f"{name}{number}", source="s", type="track", name=name, occurred_at=number, properties=about
            )
            put_facts(ana, Record(number, number, event), GAP, outcome)
            for _, kind, key, since in outcome.interests:
                (rows.discard if since is None else rows.add)((kind, key))
    assert rows == set(interests(ana))
    counts = {kind: sum(1 for one, _ in rows if one == kind) for kind in ("viewed", "wished", "cart", "category")}
    assert counts == {"viewed": 20, "wished": 100, "cart": 100, "category": 50}


def happened(name: str, after: int, **about: Any) -> Event:
    return Event(id=f"{name}{after}", source="s", type="track", name=name, occurred_at=START + after, properties=about)


def test_a_late_event_joins_the_two_visits_it_lies_between() -> None:
    ana = told([happened("Cart Viewed", 0), happened("Product Viewed", 50 * MINUTE, product_id="p1")])
    assert ana.last_visit is not None and ana.last_visit.stage == "cart"
    late = happened("Page Viewed", 25 * MINUTE, path="/c")
    put_facts(ana, Record(2, START + HOUR, late), GAP, Outcome())
    assert ana.last_visit is None
    assert ana.visit == Visit(
        started_at=START,
        ended_at=START + 50 * MINUTE,
        stage="product",
        stage_at=START + 50 * MINUTE,
        page="/c",
        page_at=START + 25 * MINUTE,
        stage_position=1,
        page_position=2,
        deepest="cart",
        pages=1,
        products=["p1"],
    )


def test_an_old_act_counts_for_half_of_the_same_act_a_month_later() -> None:
    ana = told(
        [
            happened("Product Viewed", 0, product_id="p1", category="mugs"),
            happened("Product Viewed", 30 * DAY, product_id="p2", category="bags"),
        ]
    )
    compiler = Compiler()
    check = compiler.condition(parse('affinity("category") == "bags" and 0.33 < affinity("category", "mugs") < 0.34'))
    assert check.evaluate(ana, START + 400 * DAY) == (True, None)


@pytest.mark.parametrize(
    ("acts", "revenue", "refunds"),
    [
        ([("Order Refunded", {"total": 4})], 6, 4),
        ([("Order Refunded", {"total": -4})], 6, 4),
        ([("Order Refunded", {"products": [{"price": 2, "quantity": 2}]})], 6, 4),
        ([("Order Refunded", {})], 0, 10),
        ([("Order Refunded", {"total": "3,00"})], 7, 3),
        ([("Order Refunded", {"total": "€3.00"})], 7, 3),
        ([("Order Refunded", {"total": "three"})], 10, 0),
        ([("Order Refunded", {"total": 4}), ("Order Refunded", {"total": 5})], 1, 9),
        ([("Order Refunded", {"total": 40})], 0, 10),
        ([("Order Cancelled", {"total": 10}), ("Order Refunded", {"total": 10})], 0, 10),
        ([("Order Refunded", {"total": 4}), ("Order Cancelled", {})], 0, 10),
        ([("Order Completed", {"total": 10})], 10, 0),
        ([("Order Refunded", {"total": 3, "order_id": "never told of"})], 7, 3),
        ([("Order Cancelled", {"total": 3, "order_id": "never told of"})], 10, 0),
    ],
)
def test_what_is_given_back_is_taken_off_once(acts: list[Any], revenue: int, refunds: int) -> None:
    order = happened("Order Completed", 0, order_id="o1", total=10)
    more = [happened(name, number, **{"order_id": "o1", **about}) for number, (name, about) in enumerate(acts, 1)]
    for arrival in ([order, *more], [*more, order]):
        ana = told(arrival)
        assert (ana.orders, ana.revenue, ana.refunds) == (1, revenue * 1_000_000, refunds * 1_000_000)


@pytest.mark.parametrize("total", ["19,90", "19.90 €", "€ 19.90", 19.9])
def test_an_order_is_worth_what_is_written(total: Any) -> None:
    assert told([happened("Order Completed", 0, order_id="o1", total=total)]).revenue == 19_900_000


def test_one_order_under_spellings_of_its_number_counts_once() -> None:
    spelled: list[Any] = [2001, 2001.0, "2001", "2001.0", "2001 "]
    orders = [happened("Order Completed", at, order_id=id, total=10) for at, id in enumerate(spelled)]
    assert told(orders).orders == 1
