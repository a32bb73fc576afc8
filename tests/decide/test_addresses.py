"""An address: since when it is known, who proved it, and what was said of it alone."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import NOON, World

from habitue.decide.outcome import Outcome
from habitue.decide.profile import put_facts
from habitue.decide.profile.addresses import ADDRESSES_MAX, is_proven, join_addresses
from habitue.decide.profile.consent_words import put_consents
from habitue.decide.profile.consents import word
from habitue.decide.profile.sharing import has_allowed
from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED, Event, Record
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.model.trust import Level

OLD, NEW = "ana@old.example", "ana@new.example"
GAP = HOUR


def absorb(customer: Customer, *events: Event) -> Customer:
    for position, event in enumerate(events):
        put_facts(customer, Record(position, event.occurred_at, event), GAP, Outcome())
        put_consents(customer, event, NOON)
    return customer


def told(address: str, at: int, level: Level = Level.SERVER) -> Event:
    return Event(
        id=f"told-{address}-{at}",
        source="shop",
        type="identify",
        name=IDENTIFIED,
        occurred_at=at,
        traits={"email": address},
        level=level,
    )


def said(name: str, at: int, source: str = "shop", **properties: Any) -> Event:
    about = {"channel": "email", **properties}
    return Event(
        id=f"{name}-{at}-{sorted(properties)}", source=source, type="track", name=name, occurred_at=at, properties=about
    )


def allows(customer: Customer, address: str, key: str = "email") -> bool:
    known = word(customer, key, address)
    return known is not None and known.granted


def test_a_yes_for_one_address_is_none_for_the_next_and_counts_again_for_whoever_returns() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1), said("Consent Granted", 2))
    assert has_allowed(ana, "email")
    absorb(ana, told(NEW, 3))
    assert not has_allowed(ana, "email")
    absorb(ana, told("Ana@OLD.example", 4))
    assert has_allowed(ana, "email")


def test_a_yes_from_before_any_address_is_for_the_first() -> None:
    ana = absorb(Customer(id="ana"), said("Consent Granted", 2), told(OLD, 3), told(NEW, 4))
    assert allows(ana, OLD)
    assert not allows(ana, NEW)


def test_a_yes_that_names_an_address_is_for_that_one() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1), told(NEW, 2), said("Consent Granted", 3, email="Ana@New.example"))
    assert allows(ana, NEW)
    assert not allows(ana, OLD)


def test_a_no_in_the_shop_is_for_every_address_and_for_those_to_come() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1), said("Consent Granted", 2, email=OLD), told(NEW, 3))
    absorb(ana, said("Consent Withdrawn", 4, email=NEW))
    for address in (OLD, NEW, "ana@later.example"):
        known = word(ana, "email", address)
        assert known is not None and known.is_refused


def test_a_no_by_a_link_is_for_the_address_it_was_sent_to() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1), told(NEW, 2), said("Consent Granted", 3))
    absorb(ana, said("Unsubscribed", 4, source="habitue", email=OLD))
    assert allows(ana, NEW)
    assert not allows(ana, OLD)


def test_a_no_to_all_stands_for_an_address_that_the_yes_after_it_was_not_about() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1), said("Unsubscribed", 2), said("Consent Granted", 3), told(NEW, 4))
    known = word(ana, "email", NEW)
    assert known is not None and known.is_refused
    assert allows(ana, OLD)


STORY = st.one_of(
    st.builds(told, st.sampled_from([OLD, NEW]), st.integers(1, 6), st.sampled_from([Level.SERVER, Level.BROWSER])),
    st.builds(said, st.sampled_from(["Consent Granted", "Consent Requested", "Unsubscribed"]), st.integers(1, 6)),
    st.builds(
        lambda name, at, address: said(name, at, source="habitue", email=address, method="signed_link"),
        st.sampled_from(["Consent Granted", "Consent Withdrawn"]),
        st.integers(1, 6),
        st.sampled_from([OLD, NEW]),
    ),
)


@given(st.lists(STORY, min_size=2, max_size=4))
@settings(deadline=None)
def test_what_holds_for_each_address_does_not_depend_on_the_order_of_arrival(events: list[Event]) -> None:
    results = []
    for order in itertools.permutations(events):
        ana = absorb(Customer(id="ana"), *order)
        results.append((ana.addresses, [word(ana, "email", address) for address in (OLD, NEW)]))
    assert all(result == results[0] for result in results)


def test_what_a_browser_tells_is_not_proven_and_what_a_server_tells_is() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1), told(NEW, 2, Level.BROWSER))
    assert is_proven(ana, OLD)
    assert not is_proven(ana, NEW)
    absorb(ana, told(NEW, 3, Level.WEBHOOK))
    assert is_proven(ana, NEW)


def test_a_confirmation_proves_the_address_it_was_sent_to_and_no_other() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1, Level.BROWSER), told(NEW, 2, Level.BROWSER))
    absorb(ana, said("Consent Granted", 3, source="habitue", method="double_opt_in", email=OLD))
    assert is_proven(ana, OLD)
    assert not is_proven(ana, NEW)


def test_a_link_that_a_person_opened_proves_and_one_that_a_filter_opened_does_not() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 1, Level.BROWSER), told(NEW, 1, Level.BROWSER))
    absorb(ana, said("Email Link Clicked", 2, source="habitue", email=OLD, machine=False))
    absorb(ana, said("Email Link Clicked", 2, source="habitue", email=NEW, machine=True))
    absorb(ana, said("Email Link Clicked", 2, source="shop", email=NEW, machine=False))
    assert is_proven(ana, OLD)
    assert not is_proven(ana, NEW)


def test_whoever_types_many_addresses_drives_out_none_that_is_proven() -> None:
    ana = absorb(Customer(id="ana"), told(OLD, 5))
    absorb(ana, *(told(f"x{number}@far.example", 10 + number, Level.BROWSER) for number in range(2 * ADDRESSES_MAX)))
    assert len(ana.addresses) == ADDRESSES_MAX
    assert is_proven(ana, OLD)


def test_two_halves_know_each_address_since_the_earlier_of_them() -> None:
    one, two = absorb(Customer(id="one"), told(OLD, 5, Level.BROWSER)), absorb(Customer(id="two"), told(OLD, 7))
    join_addresses(one, two)
    assert (one.addresses[OLD].since, one.addresses[OLD].proven_at) == (5, 7)


def test_a_state_from_before_addresses_were_remembered_goes_on_and_a_new_address_begins_without() -> None:
    ana = Customer(id="ana", traits={"email": OLD}, trait_times={"email": 9})
    absorb(ana, said("Consent Granted", 3))
    assert has_allowed(ana, "email") and is_proven(ana, OLD)
    absorb(ana, told(NEW, 10, Level.BROWSER))
    assert not allows(ana, NEW)
    assert not is_proven(ana, NEW)
    assert is_proven(ana, OLD) and allows(ana, OLD)


SEGMENTS = """
willing: {title: Willing, condition: consent.email}
reached: {title: Reached, condition: reachable("email")}
"""


def test_segments_follow_a_change_of_address() -> None:
    world = World({"segments.yaml": SEGMENTS})
    world.meet()
    assert set(world.customer().segments) >= {"willing", "reached"}
    world.passes(MINUTE)
    world.happens(IDENTIFIED, traits={"email": "ana@new.example"})
    assert not {"willing", "reached"} & set(world.customer().segments)


def test_a_segment_hears_of_the_proof() -> None:
    world = World({"segments.yaml": SEGMENTS})
    event = world.event(IDENTIFIED, traits={"email": NEW})
    world.log.append([msgspec.structs.replace(event, level=Level.BROWSER)])
    world.happens("Consent Granted", channel="email", email=NEW)
    assert "reached" not in world.customer().segments
    world.passes(DAY)
    world.happens("Email Link Clicked", source="habitue", email=NEW, machine=False)
    assert "reached" in world.customer().segments
