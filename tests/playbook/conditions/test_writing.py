"""A tree becomes text, and the text the same tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tests.decide.conditions.histories import conditions

from habitue.playbook.conditions import ConditionError, from_tree, parse, write
from habitue.playbook.conditions.tree import Aggregate, Compare, Constant, Fact, Node, Not, Or, Property, Trait


@settings(deadline=None)
@given(conditions)
def test_what_was_written_reads_as_the_same_tree(tree: Node) -> None:
    try:
        condition = from_tree(tree, entry_event=True)
    except ConditionError:
        return  # Random trees compare numbers with text, too; a text would be refused just the same.
    assert condition.tree == parse(write(tree), entry_event=True).tree
    assert write(condition.tree) == condition.text


@pytest.mark.parametrize(
    "text",
    [
        'did("Cart Viewed", name == "a \\"quoted\\" \\\\ word", since="2026-01-01T10:00:00.000001+00:00")',
        'trait.a == "é🌊" and (trait.b or not (trait.c and trait.d))',
        '(cart.value + 2) / (cart.count - 1.5) > 3 or "x" in trait.tags',
        'trait.a in ["x", 3, True] and trait.b not in [1.5]',
        'sum("Order Completed", address.cost, price > 1 or not sale, within="1d 12h") > 3',
        'segment("people \\U0000000a of two lines")',
        'sequence("Product Viewed", did("Product Added", category == "x"), without="Order Completed", within="7d")',
        'sequence("A", "B", without=["C", did("D", a == 1)], apart="2h", since="2026-01-01")',
        'sum("Order Completed", products[].price, since="2026-01-01", before="2026-02-01") > 3',
        'count("Order Completed", "x" in products[].tags[], within="this month", tz="Europe/Madrid") >= 2',
        'starts_with(lower(trait.email), "ana") and has_any(trait.tags, ["a", 2]) and size(cart.products) > 1',
        'reachable("email") and consents("email", topic="news") and bucket("spring", 0, 12.5)',
        'occasion("christmas", within="14d") or score("intent") > 0.7 or lifecycle == "dormant" or rfm.code != "111"',
        "product(event.product_id).price < 20",
    ],
)
def test_text_in_its_usual_form_is_written_as_it_was(text: str) -> None:
    assert write(parse(text, entry_event=True).tree) == text


def test_a_tree_built_elsewhere_is_checked_like_text() -> None:
    with pytest.raises(ConditionError, match="is a number; compare it"):
        from_tree(Or((Fact("cart", "value"), Trait(("vip",)))))
    with pytest.raises(ConditionError, match='Did you mean "Cart Viewed"'):
        from_tree(Aggregate("did", "Cart View"))


def test_a_name_in_a_tree_cannot_smuggle_in_text() -> None:
    with pytest.raises(ConditionError, match="cannot stand in a path"):
        from_tree(Aggregate("did", "Cart Viewed", where=Compare(Property(("a) or (b",)), "==", Constant(1))))


def test_a_bottomless_tree_is_refused() -> None:
    tree: Node = Trait(("a",))
    for _ in range(5_000):
        tree = Not(tree)
    with pytest.raises(ConditionError, match="nested too deeply"):
        from_tree(tree)
