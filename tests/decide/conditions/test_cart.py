"""What is in the cart: changes in order, never below nothing, none of them from before it was emptied."""

from __future__ import annotations

from habitue.decide.conditions import cart_count, cart_lines, cart_value
from habitue.model.customer import Cart, CartLine


def line(*changes: tuple[int, int | str, float | None], price: float = 10.0) -> CartLine:
    return CartLine(changes=list(changes), price=price)


def quantities(cart: Cart) -> dict[str, float]:
    return {product: quantity for product, _, quantity in cart_lines(cart)}


def test_a_line_is_the_sum_of_its_changes() -> None:
    assert quantities(Cart(lines={"watch": line((1, "a", 2.0), (2, "b", 3.0), (3, "c", -1.0))})) == {"watch": 4.0}


def test_taking_out_more_than_there_is_leaves_nothing_owed() -> None:
    assert quantities(Cart(lines={"watch": line((1, "a", 1.0), (2, "b", -5.0), (3, "c", 1.0))})) == {"watch": 1.0}


def test_all_out_is_out_whatever_was_in() -> None:
    assert quantities(Cart(lines={"watch": line((1, "a", 7.0), (2, "b", None))})) == {}


def test_lines_of_one_instant_stand_in_the_order_of_the_log() -> None:
    cart = Cart(lines={"a": line((1, 9, 1.0)), "b": line((1, 8, 1.0)), "c": line((1, "kept by its id", 1.0))})
    assert [product for product, _, _ in cart_lines(cart)] == ["c", "b", "a"]


def test_lines_stand_in_the_order_they_were_put_in() -> None:
    cart = Cart(lines={"b": line((2, "x", 1.0)), "c": line((1, "y", 1.0)), "a": line((2, "z", 1.0))})
    assert [product for product, _, _ in cart_lines(cart)] == ["c", "a", "b"]


def test_value_and_pieces_do_not_depend_on_the_order_of_lines() -> None:
    lines = {"a": line((1, "x", 3.0), price=0.1), "b": line((1, "y", 1.0), price=0.2), "c": line((1, "z", 0.5))}
    for cart in (Cart(lines=lines), Cart(lines=dict(reversed(lines.items())))):
        assert cart_value(cart) == 5.5
        assert cart_count(cart) == 4.5
