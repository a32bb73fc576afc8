"""An order is one order however it is called, and is worth what the shop last said, in whatever order words arrive."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.decide.outcome import Outcome
from habitue.decide.profile import put_facts
from habitue.decide.profile.joining import join_facts
from habitue.decide.profile.order_book import ORDERS_MAX
from habitue.model.customer import Customer, Ordered
from habitue.model.event import Event, Record
from habitue.model.instant import HOUR, MINUTE, to_iso
from habitue.model.trust import Level

START = 20_600 * 24 * HOUR
CENT = 10_000


def happened(name: str, minute: int, level: Level = Level.WEBHOOK, **properties: Any) -> Event:
    return Event(
        id=f"{name}:{minute}:{sorted(properties.items())}",
        source="shop",
        type="track",
        name=name,
        occurred_at=START + minute * MINUTE,
        properties=properties,
        level=level,
    )


def told(*events: Event) -> Customer:
    """In the order of arrival, which is the log's."""
    ana = Customer(id="ana")
    for position, event in enumerate(events):
        put_facts(ana, Record(position, event.occurred_at, event), HOUR, Outcome())
    return ana


def sums(customer: Customer) -> tuple[int, float, float]:
    return customer.orders, customer.revenue / 1_000_000, customer.refunds / 1_000_000


BROWSER = happened("Order Completed", 0, Level.BROWSER, order_id="1806", total=100)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BROWSER, happened("Order Completed", 0, order_id="806", order_number="1806", total=100)),
        (BROWSER, happened("Order Completed", 0, order_id="806", order_number="#1806", total=100)),
        (
            happened("Order Completed", 0, order_id="#1807", total=100),
            happened("Order Completed", 0, order_id=807, order_number=1807.0, total=100),
        ),
        (
            happened("Order Completed", 0, order_id="INV-2026-55", total=100),
            happened("Order Completed", 0, order_id="710", order_number="INV-2026-55", total=100),
        ),
        (
            happened("Order Completed", 0, order_id="wc_order_58d2", total=100),
            happened("Order Completed", 0, order_id="710", order_names=["wc_order_58d2"], total=100),
        ),
        (
            happened("Order Completed", 0, order_id="2001.0", total=100),
            happened("Order Completed", 0, order_id="2001 ", total=100),
        ),
    ],
)  # fmt: skip
def test_an_order_that_two_call_differently_counts_once(one: Event, other: Event) -> None:
    assert sums(told(one, other)) == sums(told(other, one)) == (1, 100, 0)


def test_an_order_whose_number_is_anothers_id_stays_another() -> None:
    first = happened("Order Completed", 0, order_id="655", order_number="600", total=10)
    second = happened("Order Completed", 1, order_id="710", order_number="655", total=20)
    assert sums(told(first, second)) == sums(told(second, first)) == (2, 30, 0)


def test_a_name_that_is_nobodys_joins_no_orders() -> None:
    nobodys = {"order_number": "undefined", "order_names": ["null", "{{order}}"]}
    orders = [happened("Order Completed", at, order_id=f"o{at}", total=10, **nobodys) for at in range(3)]
    assert sums(told(*orders)) == (3, 30, 0)


def test_names_told_apart_come_together_when_one_event_tells_both() -> None:
    events = [
        happened("Order Completed", 0, Level.BROWSER, order_id="1806", total=100),
        happened("Order Completed", 1, Level.SERVER, order_id="806", total=100),
        happened("Order Updated", 2, order_id="806", order_number="1806", total=120, refunded=0),
        happened("Order Refunded", 3, Level.SERVER, order_id="1806", total=20),
    ]
    for arrival in permutations(events):
        assert sums(told(*arrival)) == (1, 100, 20)


def test_an_order_edited_upwards_is_worth_more() -> None:
    placed = happened("Order Completed", 0, order_id="1", total=100)
    edited = happened("Order Updated", 9, order_id="1", total=150, updated_at=to_iso(START + 9 * MINUTE))
    assert sums(told(placed, edited)) == sums(told(edited, placed)) == (1, 150, 0)


def test_the_shops_own_clock_decides_which_word_is_the_latest() -> None:
    placed = happened("Order Completed", 0, order_id="1", total=150, updated_at=to_iso(START + 20 * MINUTE))
    before = happened("Order Updated", 9, order_id="1", total=100, updated_at=to_iso(START + 9 * MINUTE))
    assert sums(told(placed, before)) == sums(told(before, placed)) == (1, 150, 0)


def test_a_refund_that_is_deleted_again_is_not_taken_off() -> None:
    events = [
        happened("Order Completed", 0, order_id="1", total=100),
        happened("Order Updated", 5, order_id="1", total=100, refunded=30),
        happened("Order Refunded", 5, order_id="1", total=30),
        happened("Order Updated", 9, order_id="1", total=100, refunded=0),
    ]
    for arrival in permutations(events):
        assert sums(told(*arrival)) == (1, 100, 0)
    assert sums(told(*events[:3])) == (1, 70, 30)


def test_a_cancelled_order_stays_so_until_the_shop_says_that_it_is_not() -> None:
    placed = happened("Order Completed", 0, order_id="1", total=100)
    cancelled = happened("Order Cancelled", 5, order_id="1", total=100)
    still = happened("Order Updated", 6, order_id="1", total=100, refunded=0, cancelled_at=to_iso(START + 5 * MINUTE))
    revived = happened("Order Updated", 7, order_id="1", total=100, refunded=0, status="processing")
    for arrival in permutations([placed, cancelled, still]):
        assert sums(told(*arrival)) == (1, 0, 100)
    for arrival in permutations([placed, cancelled, still, revived]):
        assert sums(told(*arrival)) == (1, 100, 0)


def test_an_order_that_is_only_told_of_does_not_count_until_it_is_placed() -> None:
    waiting = happened("Order Updated", 0, order_id="1", total=100, refunded=0, status="on-hold")
    assert sums(told(waiting)) == (0, 0, 0)
    assert sums(told(waiting, happened("Order Completed", 5, order_id="1"))) == (1, 100, 0)


def test_the_shops_word_goes_before_a_browsers_later_one() -> None:
    shop = happened("Order Completed", 0, order_id="1", total=100)
    browser = happened("Order Completed", 5, Level.BROWSER, order_id="1", total=1_000_000)
    frees = happened("Order Updated", 6, Level.BROWSER, order_id="1", total=1, refunded=0, updated_at="2099-01-01")
    for arrival in permutations([shop, browser, frees]):
        assert sums(told(*arrival)) == (1, 100, 0)


def test_an_amount_that_nobody_can_read_waits_for_a_word_that_can_be() -> None:
    placed = happened("Order Completed", 5, order_id="1", total="about ten")
    assert sums(told(placed)) == (1, 0, 0)
    assert sums(told(placed, happened("Order Updated", 0, order_id="1", total="19,90"))) == (1, 19.9, 0)


def test_what_earlier_versions_kept_is_corrected_by_the_shops_word() -> None:
    ana = Customer(id="ana", orders=1, revenue=70 * 10**6, refunds=30 * 10**6)
    ana.ordered["1"] = Ordered(START, 100 * 10**6, 30 * 10**6)
    word = happened("Order Updated", 1, order_id="1", total=150, refunded=0)
    put_facts(ana, Record(7, word.occurred_at, word), HOUR, Outcome())
    assert sums(ana) == (1, 150, 0)


NAMES: list[dict[str, Any]] = [{"order_id": "1806"}, {"order_id": "806"}, {"order_id": "806", "order_number": "#1806"}]
words = st.one_of(
    st.tuples(st.just("Order Completed"), st.fixed_dictionaries({"total": st.integers(1, 999)})),
    st.tuples(
        st.just("Order Updated"),
        st.fixed_dictionaries({"total": st.integers(1, 999)}, optional={"refunded": st.integers(0, 99)}),
    ),
    st.tuples(st.just("Order Refunded"), st.fixed_dictionaries({}, optional={"total": st.integers(1, 99)})),
    st.tuples(st.just("Order Cancelled"), st.just({})),
)
levels = st.sampled_from([Level.BROWSER, Level.SERVER, Level.WEBHOOK])


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    rows = draw(st.lists(st.tuples(words, st.sampled_from(NAMES), levels), min_size=1, max_size=7))
    return [
        happened(name, minute, level, **names, **about)
        for minute, ((name, about), names, level) in enumerate(rows)
    ] + [happened("Order Updated", -1, **NAMES[2], total=7)]  # fmt: skip


@given(histories(), st.randoms(use_true_random=False), st.integers(0, 8))
def test_names_and_words_of_an_order_come_to_the_same_in_every_order_of_arrival(
    events: list[Event], chance: Any, cut: int
) -> None:
    expected = _expected(events)
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert sums(told(*shuffled)) == expected
    ana, phone = told(*shuffled[:cut]), told(*shuffled[cut:])
    join_facts(ana, phone, HOUR, Outcome())
    assert sums(ana) == expected


def _expected(events: list[Event]) -> tuple[int, float, float]:
    """Said anew: the latest word of the shop's, else of anybody; the latest sum of refunds, and what came after it."""
    at_least = sorted(events, key=lambda event: event.occurred_at)
    said = [event for event in at_least if event.name in ("Order Completed", "Order Updated")]
    amount = max(said, key=lambda event: (event.level != Level.BROWSER, event.occurred_at)).properties["total"]
    summed = [event for event in said if "refunded" in event.properties and event.level != Level.BROWSER]
    since = summed[-1].occurred_at if summed else 0
    back, whole = summed[-1].properties["refunded"] if summed else 0, False
    for event in at_least:
        if event.name in ("Order Refunded", "Order Cancelled") and event.occurred_at > since:
            whole = whole or "total" not in event.properties
            back += event.properties.get("total", 0)
    if not any(event.name == "Order Completed" for event in events):
        return 0, -back, back
    back = amount if whole else min(back, amount)
    return 1, amount - back, back


def test_of_very_many_orders_and_refunds_the_sums_stay_right() -> None:
    orders = [happened("Order Completed", at, order_id=str(at + 1), total=10) for at in range(3 * ORDERS_MAX)]
    back = [happened("Order Refunded", 100 + at, order_id=str(3 * ORDERS_MAX), total=0.1) for at in range(50)]
    assert sums(told(*orders, *back)) == (60, 595, 5)
