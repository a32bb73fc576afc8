"""A new version comes to one customer after the other, and it is as if it had come to all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import NOTE, PLAYBOOK, World

from habitue.decide.plan import Plan, Program
from habitue.model.customer import Customer
from habitue.model.event import CUSTOMER_ERASED, IDENTIFIED, PLAYBOOK_APPLIED, Event, Record
from habitue.model.instant import DAY, HOUR, MINUTE, Instant
from habitue.playbook.load import load
from habitue.run import crank as crank_module
from habitue.run.adoption import Adoption
from habitue.run.crank import Crank
from habitue.run.people import People
from habitue.run.ports import Fills
from habitue.run.proof import prove
from habitue.store.memory import MemoryLog, MemoryStore

HEAD = {"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE}
VERSIONS = [
    {"segments.yaml": 'keen: {title: Keen, condition: \'count("Product Viewed", within="2h") >= 2\'}'},
    {
        "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", product_id == "P1", within="1d") >= 3'}
rich: {title: Rich, condition: 'sum("Order Completed", total, within="1d") > 15 and not did("Cart Viewed")'}
wide: {title: Wide, condition: 'distinct("Product Viewed", product_id) >= 2'}
""",
        "journeys/rich.yaml": "journey: rich\ntitle: Rich\nentry: {segment: rich, on: enter}\nreentry: always\n"
        "steps: [{wait: 20m}, {send: note}, {set: {calm: true}}]",
    },
    {
        "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="2h") >= 4 or first("Cart Viewed", cart_id) == "c1"'}
idle: {title: Idle, condition: 'not did("Product Viewed", within="3h") and count("Order Completed") >= 1'}
""",
        "journeys/ask.yaml": "journey: ask\ntitle: Ask\nentry: {event: Cart Viewed}\nreentry: always\nsteps: "
        '[{wait: 1h}, {if: [{when: \'count("Product Viewed", within="4h") >= 3\', then: [{send: note}]}]}]',
        "journeys/daily.yaml": "journey: daily\ntitle: Daily\nentry: {schedule: '14:00', segment: idle}\n"
        "steps: [{send: note}]",
    },
]
EVER = {
    "segments.yaml": """
seen: {title: Seen, condition: 'count("Product Viewed") > 2 and distinct("Product Viewed", product_id) > 1'}
paid: {title: Paid, condition: 'sum("Order Completed", total) > 5 and max("Order Completed", total) > 5'}
ends: {title: Ends, condition: 'first("Product Viewed", product_id) == last("Product Viewed", product_id)'}
went: {title: Went, condition: 'did("Cart Viewed")'}
"""
}
"""Without windows: what is kept of them is the same, whenever it is counted."""
NAMES = ["Product Viewed", "Product Viewed", "Order Completed", "Cart Viewed", IDENTIFIED]
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("event"),
            st.sampled_from(NAMES),
            st.sampled_from(["ana", "ben", None]),
            st.sampled_from(["phone", "tablet"]),
            st.integers(0, 2),
            st.sampled_from([0, 0, 90 * MINUTE]),
        ),
        st.tuples(st.just("pass"), st.sampled_from([MINUTE, 25 * MINUTE, 2 * HOUR, DAY])),
        st.tuples(st.just("apply"), st.integers(0, 2), st.sampled_from([0, 0, 30 * MINUTE])),
        st.tuples(st.sampled_from(["split", "erase"]), st.integers(0, 3)),
    ),
    min_size=6,
    max_size=40,
)


class Eager(Crank):
    """Has everybody adopt a version before it goes on: what any other order has to come to."""

    def _apply(self, record: Record, version: int) -> None:
        super()._apply(record, version)
        self.finish_adopting()


class Shop(World):
    """Lives through steps, each version adopted by all at once; its log is then lived through again otherwise."""

    def __init__(self, files: dict[str, str] = VERSIONS[0]) -> None:
        super().__init__(files)
        self.crank = Eager(self.store, self.log, load)

    def do(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("event", name, who, device, product, ago):
                traits = {"email": f"{who}@example.com"} if name == IDENTIFIED and who else {}
                properties = {"product_id": f"P{product}", "total": 10 * product, "cart_id": f"c{product}"}
                token = {"push": "ios:1"} if device == "tablet" and product else {}
                self.happens(name, who, device, ago=ago, traits=traits, identifiers=token, **properties)
            case ("pass", span):
                self.passes(span)
            case ("apply", number, took):
                self.order(number, took)
            case ("split", number):
                joined = [(one.id, half) for one in self.people() for half in one.merged_ids]
                if joined:
                    self.split(*joined[number % len(joined)])
            case ("erase", number):
                # An erasure does not fire what was due before it, so it depends on when timers were looked at.
                people = [one for one in self.people() if one.clock in self._moments(one)]
                if people:
                    self.say(CUSTOMER_ERASED, customer=people[number % len(people)].id, erasure=1)

    def _moments(self, customer: Customer) -> set[Instant]:
        """When an event or a version was the last that happened to her."""
        [last] = self.log.at([customer.position]) or [None]
        orders = [record for record in self.log.scan() if record.event.name == PLAYBOOK_APPLIED]
        return {orders[-1].received_at, *([last.received_at] if last is not None else [])}

    def order(self, number: int, took: Instant) -> None:
        self.order_files(VERSIONS[number], took)

    def order_files(self, files: dict[str, str], took: Instant = 0) -> None:
        version = self.store.save_playbook("corner", {**HEAD, **files}, 0, "ana")
        self.say(PLAYBOOK_APPLIED, took, version=version, fill=f"fill {self.log.position()}")

    def say(self, name: str, took: Instant = 0, **properties: Any) -> None:
        at = self.clock.now() - took
        one = Event(
            id=f"order {self.log.position()}",
            source="habitue",
            type="control",
            name=name,
            occurred_at=at,
            properties=properties,
        )
        self.log.append([one])
        self.turn()

    def again(self, fills: Fills | None = None) -> Again:
        return Again(self, fills)


class Again:
    """The same log from the beginning, in batches and with restarts of one's choice."""

    def __init__(self, shop: World, fills: Fills | None = None) -> None:
        self.shop = shop
        self.store = MemoryStore()
        for row in reversed(shop.store.playbooks()):
            self.store.save_playbook(row["name"], shop.store.playbook(row["version"]) or {}, 0, "ana")
        self._fills = fills
        self.restart()

    def restart(self, cache_max: int = 10_000) -> None:
        given = {} if self._fills is None else {"fills": self._fills}
        self.crank = Crank(self.store, self.shop.log, load, cache_max=cache_max, **given)

    def come_to_the_end(self, batches: Sequence[tuple[int, str]] = ((3, "stay"),)) -> None:
        number = 0
        while True:
            batch, fate = batches[number % len(batches)]
            number += 1
            if fate != "stay":
                self.restart(0 if fate == "evict" else 10_000)
            if not self.crank.turn(batch).records:
                break
        with sweeping(1, 100):
            self.crank.finish_adopting()
        self.crank.fire(self.shop.clock.now())
        assert self.store.adopting() == []

    def is_the_same(self) -> None:
        ids = sorted(self.shop.store.customer_ids())
        assert sorted(self.store.customer_ids()) == ids
        kept, found = self.shop.store.load(ids), self.store.load(ids)
        for one in ids:
            assert read(found[one]) == read(kept[one])
            assert found[one] == kept[one]
        assert ledger(self.store) == ledger(self.shop.store)
        assert effects(self.store) == effects(self.shop.store)
        assert self.store.segment_sizes() == self.shop.store.segment_sizes()
        assert self.store.totals("journey") == self.shop.store.totals("journey")


def read(state: bytes) -> Customer:
    return msgspec.msgpack.decode(state, type=Customer)


def ledger(store: MemoryStore) -> dict[str, Any]:
    found = store.decisions_after(0, 100_000)
    assert len({one.id for _, one in found}) == len(found)
    return {one.id: one for _, one in found}


def effects(store: MemoryStore) -> list[Any]:
    return sorted((effect for _, effect in store.effects(0, 100_000)), key=lambda effect: effect.id)


@contextmanager
def sweeping(at_once: int, each_turn: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crank_module, "SWEPT_AT_ONCE", at_once)
        patch.setattr(crank_module, "SWEPT_PER_TURN", each_turn)
        yield


@settings(max_examples=60, deadline=None)
@given(
    STEPS,
    st.lists(st.tuples(st.integers(1, 7), st.sampled_from(["stay", "stay", "restart", "evict"])), min_size=1),
    st.integers(0, 2),
)
def test_when_a_customers_turn_comes_changes_nothing(
    steps: list[Any], batches: list[tuple[int, str]], each_turn: int
) -> None:
    shop = Shop()
    for step in steps:
        shop.do(step)
    shop.passes(DAY)
    with sweeping(1, each_turn):
        again = shop.again()
        again.come_to_the_end(batches)
        again.is_the_same()


@settings(max_examples=60, deadline=None)
@given(STEPS.map(lambda steps: [step for step in steps if step[0] not in ("apply", "erase")]))
def test_what_is_counted_late_is_what_would_have_been_counted_all_along(steps: list[Any]) -> None:
    early, late = Shop(EVER), Shop()
    for step in steps:
        early.do(step)
        late.do(step)
    late.order_files(EVER)
    kept = {one.id: one.counters for one in early.people()}
    assert {one.id: one.counters for one in late.people()} == kept


class CountedFill:
    """Everybody's counters as of a position, counted by going through the log from its beginning."""

    def __init__(self, shop: World, order: Record, position: int) -> None:
        self.position = position
        self.began = order.event.occurred_at
        before = Again(shop)
        before.store = MemoryStore()
        for row in reversed(shop.store.playbooks()):
            before.store.save_playbook(row["name"], shop.store.playbook(row["version"]) or {}, 0, "ana")
        cut = MemoryLog(shop.clock)
        cut._records = list(shop.log.scan(until=position))
        crank = Eager(before.store, cut, load)
        while crank.turn(50).records:
            pass
        program = Program(load(shop.store.playbook(order.event.properties["version"]) or {}))
        self.leaves: Mapping[int, int] = {leaf.id: leaf.need for leaf in program.leaves.values()}
        adoption = Adoption(
            before.store, shop.log, Plan(program), None, Record(position + 1, order.received_at, order.event)
        )
        people = [read(state) for state in before.store.load(list(before.store.customer_ids())).values()]
        found = adoption.found(people, People(before.store, 100))
        self.rows = {one: counters for one, counters in found.items() if counters}

    def load(self, customers: Sequence[str]) -> dict[str, dict[int, Any]]:
        return {one: self.rows[one] for one in customers if one in self.rows}


class CountedFills:
    """A fill for every version that came, each counted so many records before it came."""

    def __init__(self, shop: World, early: int) -> None:
        self.shop, self.early = shop, early
        self.forgotten: set[str] = set()
        self.dropped: list[str] = []
        self.orders = {
            record.event.properties["fill"]: record
            for record in shop.log.scan()
            if record.event.name == PLAYBOOK_APPLIED and "fill" in record.event.properties
        }

    def open(self, name: str) -> CountedFill | None:
        order = self.orders[name]
        fill = CountedFill(self.shop, order, max(-1, order.position - 1 - self.early))
        fill.rows = {one: counters for one, counters in fill.rows.items() if one not in self.forgotten}
        return fill

    def forget(self, customers: Sequence[str]) -> None:
        self.forgotten.update(customers)

    def drop(self, name: str) -> None:
        self.dropped.append(name)


@settings(max_examples=40, deadline=None)
@given(
    STEPS.map(lambda steps: [step for step in steps if step[0] != "erase"]),
    st.lists(st.tuples(st.integers(1, 7), st.sampled_from(["stay", "stay", "restart", "evict"])), min_size=1),
    st.integers(0, 6),
)
def test_what_was_counted_beforehand_and_the_rest_of_the_log_come_to_the_whole(
    steps: list[Any], batches: list[tuple[int, str]], early: int
) -> None:
    shop = Shop()
    for step in steps:
        shop.do(step)
    shop.passes(DAY)
    with sweeping(1, 1):
        fills = CountedFills(shop, early)
        again = shop.again(fills)
        again.come_to_the_end(batches)
        again.is_the_same()
    assert set(fills.dropped) == set(fills.orders)


def test_each_event_around_the_hand_over_counts_once() -> None:
    shop = Shop()
    for product in range(6):
        shop.do(("event", "Product Viewed", "ana", "phone", product % 2, 0))
    shop.order(1, 0)
    shop.do(("event", "Product Viewed", "ana", "phone", 1, 0))
    order = next(record for record in shop.log.scan() if "fill" in record.event.properties)
    for early in range(4):
        again = shop.again(CountedFills(shop, early))
        with sweeping(1, 0):
            again.come_to_the_end()
        again.is_the_same()
        ana = read(next(iter(again.store.load([shop.customer().id]).values())))
        assert sum(len(state) for state in ana.counters.values() if isinstance(state, list)) == 3
        assert ana.position > order.position


def test_a_fill_of_other_leaves_is_passed_over() -> None:
    shop = Shop()
    for _ in range(4):
        shop.do(("event", "Product Viewed", "ana", "phone", 1, 0))
    shop.order(1, 0)

    class Lying(CountedFills):
        def open(self, name: str) -> CountedFill | None:
            fill = super().open(name)
            assert fill is not None
            fill.leaves, fill.rows = {1: 1}, {}
            return fill

    again = shop.again(Lying(shop, 0))
    again.come_to_the_end()
    again.is_the_same()
    assert "keen" in shop.customer().segments


def test_events_are_decided_on_while_others_still_wait_for_the_version() -> None:
    shop = Shop()
    for number in range(40):
        shop.do(("event", "Product Viewed", f"user{number}", f"device{number}", 1, 0))
    shop.crank = Crank(shop.store, shop.log, load)
    with sweeping(1, 5):
        shop.order(1, 0)
        assert shop.store.adopting()
        assert "wide" not in shop.customer("user39").segments
        shop.do(("event", "Product Viewed", "user39", "device39", 0, 0))
        assert "wide" in shop.customer("user39").segments
        assert shop.customer("user38").version == 1
    shop.crank.finish_adopting()
    assert {one.version for one in shop.people()} == {2}
    assert not shop.store.adopting()


def test_a_proof_agrees_once_everybody_is_round() -> None:
    shop = Shop()
    for number in range(12):
        shop.do(("event", "Product Viewed", f"user{number % 5}", f"device{number % 3}", number % 3, 0))
    shop.crank = Crank(shop.store, shop.log, load)
    with sweeping(1, 1):
        shop.order(1, 0)
        shop.do(("event", "Order Completed", "user1", "device1", 2, 0))
        shop.order(2, 0)
        shop.passes(3 * HOUR)
        shop.crank.finish_adopting()
        shop.passes(MINUTE)
    versions = [(row["name"], shop.store.playbook(row["version"]) or {}) for row in reversed(shop.store.playbooks())]
    proof = prove(shop.log, shop.store, shop.store, MemoryStore(), versions, load)
    assert proof.holds
    assert proof.decisions > 3
