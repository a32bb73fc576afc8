"""The renderer finds the version a run is pinned to and compiles once."""

from __future__ import annotations

from typing import Any

import pytest

from habitue.content.renderer import Renderer
from habitue.errors import RenderFailed
from habitue.model.effect import Send
from habitue.model.rendered import RenderedEmail

from .goods import ANA, LINKS, NOW, catalog, email_message, playbook

VERSIONS = {1: playbook(email_message(subject="One")), 2: playbook(email_message(subject="Two"))}


def send(**more: Any) -> Send:
    known: dict[str, Any] = {
        "id": "d1", "customer": "ana", "at": NOW, "expires_at": NOW + 1, "journey": "j", "run": "r", "step": "s",
        "version": 1, "message": "note", "channel": "email", "address": "ana@x.example", "topic": "offers", "data": ANA,
    }  # fmt: skip
    return Send(**(known | more))


def renderer() -> Renderer:
    return Renderer(VERSIONS.get, catalog(), LINKS)


def test_each_version_says_its_own() -> None:
    made = renderer()
    first, second = made.render(send(version=1), NOW), made.render(send(version=2), NOW)
    assert isinstance(first, RenderedEmail)
    assert isinstance(second, RenderedEmail)
    assert (first.subject, second.subject) == ("One", "Two")


def test_a_message_is_compiled_once() -> None:
    made = renderer()
    assert made.compiled(1, "note") is made.compiled(1, "note")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"version": 9}, "version 9"),
        ({"message": "gone"}, '"gone"'),
        ({"channel": "pigeon"}, "pigeon"),
        ({"channel": "onsite"}, "nothing for the site"),
    ],
)
def test_what_is_not_there_fails_clearly(more: dict[str, Any], said: str) -> None:
    with pytest.raises(RenderFailed, match=said):
        renderer().render(send(**more), NOW)
