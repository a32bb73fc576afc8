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
