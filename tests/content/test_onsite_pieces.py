"""Banners and pop-ups are plain text with safe addresses."""

from __future__ import annotations

import pytest

from habitue.errors import RenderFailed

from .goods import ANA, piece


def test_a_piece_is_filled_for_her() -> None:
    made = piece(title="Hi {{ customer.first_name }}", body="{{ cart.value | money }}", button="Go", url="/cart")
    assert (made.title, made.body, made.button, made.url) == ("Hi Ana", "€9,00", "Go", "/cart")


def test_markup_stays_text() -> None:
    """The page's script sets it as text; escaping it here would show `&lt;` to her."""
    assert piece({**ANA, "customer": {"first_name": "<b>"}}, title="{{ customer.first_name }}").title == "<b>"


@pytest.mark.parametrize("field", ["url", "image"])
@pytest.mark.parametrize("url", ["javascript:x", "mailto:x@y.example", "data:image/png;base64,xx"])
def test_only_web_addresses_are_shown(field: str, url: str) -> None:
    with pytest.raises(RenderFailed):
        piece(**{field: url})
