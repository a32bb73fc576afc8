"""An address that bounced for good, or whose owner complained, is never written to again; a new one may be."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import World

from habitue.decide.profile.consents import is_suppressed
from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED
from habitue.model.instant import MINUTE

FILES = {
    "journeys/letter.yaml": """
journey: letter
title: Letter
entry: {event: Letter Wanted}
steps: [{wait: 5m}, {send: note}]
"""
}


def test_an_old_address_that_bounced_stays_suppressed_after_a_newer_one_bounced_too() -> None:
    world = World(FILES)
    world.meet()
    for address in ("old@example.com", "new@example.com"):
        world.happens(IDENTIFIED, traits={"email": address})
        world.happens("Email Bounced", permanent=True, email=address)
        world.passes(MINUTE)
    world.happens(IDENTIFIED, traits={"email": "Old@example.com"})
    world.happens("Letter Wanted")
    world.passes(5 * MINUTE)
    assert world.effects() == []


def test_a_joined_visitors_bad_address_does_not_hide_the_persons_own() -> None:
    world = World(FILES)
    world.happens("Email Bounced", None, "phone", permanent=True, email="other@example.com")
    world.passes(MINUTE)
    world.meet()
    world.happens("Email Bounced", permanent=True, email="ana@example.com")
    world.happens("Letter Wanted", "ana", "phone")
    world.passes(5 * MINUTE)
    assert world.effects() == []


def test_more_bad_addresses_than_are_kept_end_writing_to_her() -> None:
    world = World(FILES)
    world.meet()
    for number in range(60):
        world.happens("Email Bounced", permanent=True, email=f"{number}@example.com")
    assert len(world.customer().suppressed) <= 51
    world.happens("Letter Wanted")
    world.passes(5 * MINUTE)
    assert world.effects() == []


def test_an_address_suppressed_in_an_older_spelling_stays_suppressed() -> None:
    ana = Customer(id="ana", suppressed={"email:ana@bücher.example": (1, "bounced")})
    assert is_suppressed(ana, "email", "ana@xn--bcher-kva.example") == "bounced"
    assert is_suppressed(ana, "email", "Ana@Bücher.example") == "bounced"


ADDRESSES = ["one@example.com", "two@example.com", "three@example.com"]
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from([IDENTIFIED, "Email Bounced", "Email Marked as Spam", "Letter Wanted"]),
        st.sampled_from([("ana", None), (None, "phone"), ("ana", "phone"), ("ana", "tablet"), (None, "tablet")]),
        st.sampled_from(ADDRESSES),
        st.integers(0, 8 * MINUTE),
        st.integers(0, 20 * MINUTE),
    ),
    min_size=3,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(HAPPENINGS)
def test_nothing_is_ever_sent_to_an_address_that_was_suppressed_before(happenings: list[tuple]) -> None:  # type: ignore[type-arg]
    world = World(FILES)
    world.happens("Consent Granted", "ana", channel="email")
    bad: list[tuple[int, str, str]] = []
    for name, (who, device), address, pause, ago in happenings:
        world.passes(pause)
        if name == IDENTIFIED:
            world.happens(name, who, device, ago=ago, traits={"email": address})
        else:
            world.happens(name, who, device, ago=ago, email=address, permanent=True)
        if who == "ana" and name.startswith("Email"):
            bad.append((world.clock.now(), world.customer().id, address))
    world.passes(10 * MINUTE)
    for effect in world.effects():
        for at, customer, address in bad:
            assert not (effect.customer == customer and effect.address == address and effect.at > at)
