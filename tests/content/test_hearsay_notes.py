"""Checking a playbook notes where a template takes the word of a page."""

from __future__ import annotations

import pytest

from habitue.content.check import check_message, note_hearsay
from habitue.playbook.load import load

HEAD = """
playbook: corner
shop: {name: Corner, url: "https://corner.example"}
channels: {onsite: {consent: implied}}
topics: {offers: {title: Offers}}
"""
MESSAGE = """
message: note
title: Note
topic: offers
onsite:
  type: banner
  title: Still thinking of {{ event.name }}?
  button: Look
  url: "SAID"
"""


def notes(event: str, said: str = "{{ event.url }}") -> list[str]:
    files = {
        "playbook.yaml": HEAD,
        "messages/note.yaml": MESSAGE.replace("SAID", said),
        "journeys/say.yaml": f"journey: say\ntitle: Say\nentry: {{event: {event}}}\nsteps: [{{send: note}}]\n",
    }
    playbook = load(files, check_message=check_message, note_message=note_hearsay)
    return [f"{note.file}:{note.line} {note.text.split(' is ')[0]}" for note in playbook.notes]


@pytest.mark.parametrize("event", ["Product Viewed", "Anything At All"])
def test_a_name_and_a_link_that_a_page_may_have_told_are_noted_with_their_lines(event: str) -> None:
    told = f'"{event}" may be told by any page: event.'
    assert notes(event) == [f"messages/note.yaml:{line} {told}{field}" for line, field in ((7, "name"), (9, "url"))]


def test_an_event_that_no_page_may_tell_is_not_noted() -> None:
    assert notes("Product Price Dropped") == []


def test_what_the_catalogue_says_is_not_noted() -> None:
    said = "{% assign thing = event.product_id | product %}{{ thing.url }}"
    assert [note for note in notes("Product Viewed", said) if "url" in note] == []
