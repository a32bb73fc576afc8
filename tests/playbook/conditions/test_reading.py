"""What a marketer may write, and the tree it becomes."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from habitue.model.instant import DAY, HOUR, from_datetime
from habitue.playbook.conditions import Condition, Names, parse
from habitue.playbook.conditions.tree import (
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
)


def tree(text: str) -> Node:
    return parse(text, entry_event=True).tree


def where(text: str) -> Node | None:
    found = tree(f'did("Product Viewed", {text})')
    assert isinstance(found, Aggregate)
    return found.where


def test_a_count_carries_its_filter_and_its_window() -> None:
    assert tree('count("Product Viewed", category="watches", within="7d") >= 3') == Compare(
        Aggregate(
            "count",
            "Product Viewed",
            where=Compare(Property(("category",)), "==", Constant("watches")),
            within=7 * DAY,
        ),
        ">=",
        Constant(3),
    )


@pytest.mark.parametrize("function", ["sum", "min", "max", "avg", "distinct"])
def test_a_function_of_a_property_names_it_after_the_event(function: str) -> None:
    assert tree(f'{function}("Order Completed", total, within="36h") > 99.5') == Compare(
        Aggregate(function, "Order Completed", ("total",), within=36 * HOUR),  # type: ignore[arg-type]
        ">",
        Constant(99.5),
    )


def test_the_property_may_lie_deeper() -> None:
    assert tree('last("Order Completed", address.city) == "Cádiz"') == Compare(
        Aggregate("last", "Order Completed", ("address", "city")), "==", Constant("Cádiz")
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T18:30", "2026-01-31T18:30:00+00:00"),
        ("2026-01-31T18:30+02:00", "2026-01-31T16:30:00+00:00"),
        ("2026-01-31T18:30:00.000001Z", "2026-01-31T18:30:00.000001+00:00"),
    ],
)
def test_since_is_in_utc_unless_an_offset_is_given(text: str, moment: str) -> None:
    assert tree(f'did("Order Completed", since="{text}")') == Aggregate(
        "did", "Order Completed", since=from_datetime(datetime.fromisoformat(moment))
    )


def test_filters_speak_of_the_event_by_bare_names() -> None:
    assert where('price > 100, brand in ("a", "b") or not deep.sale, color="red"') == And(
        (
            Compare(Property(("price",)), ">", Constant(100)),
            Or(
                (
                    Compare(Property(("brand",)), "in", Choices(("a", "b"))),
                    Not(Property(("deep", "sale"))),
                )
            ),
            Compare(Property(("color",)), "==", Constant("red")),
        )
    )


def test_a_chain_of_comparisons_is_each_of_them() -> None:
    days = Aggregate("days_since", "Order Completed")
    assert tree('30 <= days_since("Order Completed") < 60') == And(
        (Compare(Constant(30), "<=", days), Compare(days, "<", Constant(60)))
    )


def test_and_within_and_is_one_and() -> None:
    assert tree("trait.a and (trait.b and trait.c)") == And((Trait(("a",)), Trait(("b",)), Trait(("c",))))
    assert tree("trait.a or (trait.b or trait.c)") == Or((Trait(("a",)), Trait(("b",)), Trait(("c",))))


def test_arithmetic_of_constants_is_done_once() -> None:
    assert tree('days_since("Order Completed") > 2 * 7') == tree('days_since("Order Completed") > 14')
    assert tree("cart.value - event.price * 2 > -5") == Compare(
        Arithmetic(Fact("cart", "value"), "-", Arithmetic(EntryProperty(("price",)), "*", Constant(2))),
        ">",
        Constant(-5),
    )


def test_traits_segments_the_cart_and_the_run_have_their_words() -> None:
    assert tree(
        'trait.address.city in ["Rome"] and segment("vip") and cart.is_empty and run.key == event.cart_id and True'
    ) == And(
        (
            Compare(Trait(("address", "city")), "in", Choices(("Rome",))),
            InSegment("vip"),
            Fact("cart", "is_empty"),
            Compare(RunKey(), "==", EntryProperty(("cart_id",))),
            Constant(True),
        )
    )


def test_yes_no_and_nothing_may_be_written_as_in_yaml() -> None:
    assert tree("trait.vip == true and trait.age != null") == tree("trait.vip == True and trait.age != None")
    assert parse("on_sale == false", kind="filter").tree == parse("on_sale == False", kind="filter").tree


def test_a_filter_reads_the_incoming_event_and_the_entry_event() -> None:
    assert parse("cart_id == event.cart_id and total - shipping > 20", kind="filter", entry_event=True) == Condition(
        "cart_id == event.cart_id and total - shipping > 20",
        And(
            (
                Compare(Property(("cart_id",)), "==", EntryProperty(("cart_id",))),
                Compare(Arithmetic(Property(("total",)), "-", Property(("shipping",))), ">", Constant(20)),
            )
        ),
        "filter",
    )


def test_a_condition_may_run_over_lines_and_be_explained() -> None:
    text = """
      trait.country == "ES"   # our home
      and
      (trait.vip
       or trait.age > 60)
    """
    assert tree(text) == tree('trait.country == "ES" and (trait.vip or trait.age > 60)')


def test_a_shop_has_events_of_its_own() -> None:
    assert tree('did("Size Guide Opened")') == Aggregate("did", "Size Guide Opened")
    own = Names(events=frozenset({"Order Complete", "Order Completed"}))
    assert parse('did("Order Complete")', names=own).events == {"Order Complete"}


def test_a_condition_knows_what_it_speaks_of() -> None:
    condition = parse(
        'segment("vip") and did("Cart Viewed") or trait.x.y or cart.value > event.price', entry_event=True
    )
    assert condition.segments == {"vip"}
    assert condition.events == {"Cart Viewed"}
    assert condition.traits == {"x"}
    assert condition.facts == {"cart"}


def test_a_condition_goes_through_json_unchanged() -> None:
    condition = parse(
        'sum("Order Completed", total, price > 1.5 or x in (1, "a"), since="2026-01-01") / 2 > 3 or trait.a'
    )
    assert msgspec.json.decode(msgspec.json.encode(condition), type=Condition) == condition
