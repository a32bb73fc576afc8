"""A small playbook that is right, and ways to make it wrong."""

from __future__ import annotations

from textwrap import dedent

import pytest

from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.playbook.problem import PlaybookError

HEAD = """\
playbook: small
shop: {name: The Shop, timezone: Europe/Istanbul, currency: TRY, locale: tr-TR}
channels:
  email: {consent: required, from: The Shop <hello@shop.example>}
  onsite: {consent: implied}
topics:
  offers: {title: Offers}
guard:
  caps:
    - {limit: 1, within: 1d, channel: email}
    - {limit: 4, within: 7d}
  minimum_gap: {span: 2h}
  quiet_hours: {start: 22:00, end: 08:00}
"""
SEGMENTS = """\
dormant:
  title: Dormant
  condition: not did("Order Completed", within="180d")
"""
HELLO = """\
message: hello
title: Hello
topic: offers
email: {subject: Hi, mjml: <mjml><mj-body></mj-body></mjml>}
onsite: {type: banner, title: Hi}
"""
JOURNEY = """\
journey: greet
title: Greet
entry: {event: Product Viewed}
steps:
  - send: hello
"""


def files(**changes: str) -> dict[str, str]:
    """A small playbook that is right, with some of its files written anew."""
    result = {
        "playbook.yaml": HEAD,
        "segments.yaml": SEGMENTS,
        "messages/hello.yaml": HELLO,
        "journeys/greet.yaml": JOURNEY,
    }
    names = {"head": "playbook.yaml", "segments": "segments.yaml", "message": "messages/hello.yaml"}
    names["journey"] = "journeys/greet.yaml"
    return result | {names[name]: dedent(text).lstrip("\n") for name, text in changes.items()}


def problems(**changes: str) -> list[str]:
    with pytest.raises(PlaybookError) as error:
        load(files(**changes))
    return [str(problem) for problem in error.value.problems]


def journey_with(steps: str, entry: str = "{event: Product Viewed}", more: str = "") -> str:
    body = "".join(f"  {line}\n" for line in dedent(steps).strip().splitlines())
    return f"journey: greet\ntitle: Greet\nentry: {entry}\n{more}steps:\n{body}"


def loaded(**changes: str) -> Playbook:
    return load(files(**changes))
