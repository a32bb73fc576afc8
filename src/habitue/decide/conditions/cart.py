"""The cart as it stands: each line's quantity is its changes in order, never below nothing."""

from __future__ import annotations

from habitue.model.customer import Cart, CartLine, place

_MILLIONTHS = 1_000_000


def quantity(line: CartLine) -> float:
    """How many pieces are in the cart after all changes. None of them is from before it was last emptied."""
    pieces = 0.0
    for _, _, change in line.changes:
        pieces = 0.0 if change is None else max(0.0, pieces + change)
    return pieces


def cart_lines(cart: Cart) -> list[tuple[str, CartLine, float]]:
    """(product id, line, pieces) of what is in the cart, in the order it was put in."""
    lines = [(product_id, line, pieces) for product_id, line in cart.lines.items() if (pieces := quantity(line)) > 0]
    return sorted(lines, key=lambda entry: (entry[1].changes[0][0], place(entry[1].changes[0][1]), entry[0]))


def cart_value(cart: Cart) -> float:
    """Prices times pieces, in the shop's currency. Added in millionths, so the order of the lines does not matter."""
    total = 0
    for line in cart.lines.values():
        total += round(line.price * quantity(line) * _MILLIONTHS)
    return total / _MILLIONTHS


def cart_count(cart: Cart) -> float:
    """Pieces over all lines."""
    return sum(sorted(quantity(line) for line in cart.lines.values()))


def cart_different(cart: Cart) -> int:
    """Different products."""
    return sum(1 for line in cart.lines.values() if quantity(line) > 0)


def cart_is_empty(cart: Cart) -> bool:
    return cart_different(cart) == 0
