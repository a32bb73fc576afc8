"""Tokens: read back, never forged, never of use for another purpose."""

from __future__ import annotations

import pytest

from habitue.content.links import Confirmation, Links

from .goods import LINKS, OCCASION, SECRET


def token(url: str) -> str:
    return url.rsplit("/", 1)[1].removesuffix(".gif")


def test_tokens_say_what_was_put_in() -> None:
    assert LINKS.read_click(token(LINKS.click(OCCASION, "https://x.example/ü?a=1"))).url == "https://x.example/ü?a=1"
    assert LINKS.read_open(token(LINKS.open(OCCASION))) == OCCASION
    assert LINKS.read_preferences(token(LINKS.preferences(OCCASION))) == OCCASION


def test_a_link_to_confirm_says_what_is_asked_and_until_when() -> None:
    asked = Confirmation(OCCASION, "email", "news", 5)
    assert LINKS.read_confirmation(token(LINKS.confirm(asked))) == asked
    assert LINKS.read_confirmation(token(LINKS.unsubscribe(OCCASION))) is None
    assert LINKS.is_our_own(LINKS.confirm(asked))


def test_a_token_is_good_for_its_purpose_alone() -> None:
    leave = token(LINKS.unsubscribe(OCCASION))
    assert LINKS.read_open(leave) is None
    assert LINKS.read_preferences(leave) is None
    assert LINKS.read_click(leave) is None


@pytest.mark.parametrize("bad", ["", "x", "a.b", "..", "é", "A" * 5000, "eyJ9.xx"])
def test_nonsense_is_no_token(bad: str) -> None:
    assert LINKS.read_click(bad) is None


def test_a_changed_token_is_no_token() -> None:
    whole = token(LINKS.click(OCCASION, "https://x.example"))
    assert LINKS.read_click(("B" if whole[0] != "B" else "C") + whole[1:]) is None
    assert Links("another secret, long", "https://h.example").read_click(whole) is None


def test_a_secret_can_be_changed_without_breaking_letters_already_sent() -> None:
    old = token(LINKS.unsubscribe(OCCASION))
    renewed = Links([SECRET, "a new secret, long enough"], "https://h.example")
    assert renewed.read_unsubscribe(old) == OCCASION
    assert LINKS.read_unsubscribe(token(renewed.unsubscribe(OCCASION))) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Links("short", "https://h.example")
