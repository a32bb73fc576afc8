"""Every message of the example playbook can be made, with much and with little known of her."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from habitue.content.check import check_message
from habitue.content.compiled import compile_message
from habitue.content.email import render_email
from habitue.content.mjml import PREHEADER_OPEN
from habitue.content.onsite import render_onsite
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook

from .goods import ANA, LINKS, OCCASION, frame

FOLDER = Path(__file__).parents[2] / "playbooks" / "giftshop"


@pytest.fixture(scope="module")
def giftshop() -> Playbook:
    paths = [path for path in FOLDER.rglob("*") if path.suffix in (".yaml", ".mjml")]
    return load({path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in paths})


def test_nothing_is_wrong_with_the_templates(giftshop: Playbook) -> None:
    assert {name: check_message(message) for name, message in giftshop.messages.items() if check_message(message)} == {}


@pytest.mark.parametrize("data", [ANA, {}], ids=["much is known", "nothing is known"])
def test_every_message_can_be_made(giftshop: Playbook, data: dict[str, Any]) -> None:
    for message in giftshop.messages.values():
        compiled = compile_message(message, giftshop)
        if message.email:
            made = render_email(compiled, data, LINKS, OCCASION, frame(data, giftshop.shop))
            assert made.subject, message.name
            assert "{{" not in made.html + made.text + made.subject
            assert "{%" not in made.html + made.text + made.subject
            assert (made.unsubscribe_url or "https://h.example/y/") in made.text
        if message.onsite:
            assert render_onsite(compiled, data, frame(data, giftshop.shop)).title, message.name


@pytest.mark.parametrize("data", [ANA, {}], ids=["much is known", "nothing is known"])
def test_every_letter_shows_something_of_its_own_beside_the_subject(giftshop: Playbook, data: dict[str, Any]) -> None:
    shown = set()
    letters = [message for message in giftshop.messages.values() if message.email]
    for message in letters:
        made = render_email(compile_message(message, giftshop), data, LINKS, OCCASION, frame(data, giftshop.shop))
        preheader = made.html.partition(PREHEADER_OPEN)[2].partition("&#847;")[0]
        assert 15 <= len(preheader) <= 90, (
            f"{message.name}: mail programs cut what is longer, and fill up what is shorter"
        )
        assert preheader != made.subject
        shown.add(preheader)
    assert len(shown) == len(letters)
