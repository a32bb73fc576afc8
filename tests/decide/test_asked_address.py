"""Two people on one device: the answer a journey waits for is that of the address it asked."""

from __future__ import annotations

from habitue.model.instant import HOUR

from .world import World

NEWSLETTER = """
journey: newsletter
title: Newsletter
entry: {event: Consent Requested}
goal: {event: Consent Granted}
exit: {event: Unsubscribed}
steps:
  - wait: 2d
"""


def asked(**more: str) -> World:
    world = World({"journeys/newsletter.yaml": NEWSLETTER})
    world.happens("Consent Requested", None, "tablet", channel="email", **more)
    return world


def runs(world: World) -> int:
    return len(world.store.places("newsletter"))


def test_somebody_elses_yes_on_the_device_is_not_the_goal() -> None:
    world = asked(email="ana@example.com")
    world.passes(HOUR)
    world.happens("Consent Granted", None, "tablet", channel="email", email="ben@example.com")
    assert runs(world) == 1
    world.happens("Consent Granted", None, "tablet", channel="email", email=" Ana@Example.com")
    assert runs(world) == 0
    assert [one.reason for one in world.decisions() if one.outcome == "left"] == ["goal"]


def test_somebody_elses_no_ends_nothing_either() -> None:
    world = asked(email="ana@example.com")
    world.happens("Unsubscribed", None, "tablet", channel="email", email="ben@example.com")
    assert runs(world) == 1


def test_a_yes_that_names_no_address_is_of_whoever_was_asked() -> None:
    world = asked(email="ana@example.com")
    world.passes(HOUR)
    world.happens("Consent Granted", None, "tablet", channel="email")
    assert runs(world) == 0


CONFIRM = """
message: confirm
title: Confirm
topic: news
kind: transactional
email: {subject: Please confirm, mjml: "<mjml><mj-body></mj-body></mjml>"}
"""
ASKS = NEWSLETTER.replace("  - wait: 2d", "  - send: confirm\n  - wait: 1d\n  - send: confirm")


def test_to_ask_whether_somebody_wants_it_is_to_write_to_a_stranger_whoever_says_the_address() -> None:
    world = World({"journeys/newsletter.yaml": ASKS, "messages/confirm.yaml": CONFIRM})
    world.happens("Identified", "ana", traits={"email": "ana@example.com"})
    world.happens("Consent Requested", "ana", channel="email")
    assert [effect.proven for effect in world.effects()] == [False]


def test_who_agreed_before_is_no_stranger_when_asked_again() -> None:
    world = World({"journeys/newsletter.yaml": ASKS, "messages/confirm.yaml": CONFIRM})
    world.meet()
    world.happens("Consent Requested", "ana", channel="email")
    assert [effect.proven for effect in world.effects()] == [True]
