"""Consent: what each word comes to, what the ledger keeps of it, and what two halves of a person come to."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import NOON, World

from habitue.decide.profile.consents import CONSENTS_MAX, join_consents, keep_consent, later_consent, word
from habitue.model.consent import ConsentState
from habitue.model.customer import Consent, Customer
from habitue.model.instant import MINUTE
from habitue.model.trust import Level


def grant(at: int, source: str = "", confirmed: bool = False) -> Consent:
    return Consent(True, at, source, confirmed_at=at if confirmed else 0)


def refusal(at: int, source: str = "") -> Consent:
    return Consent(False, at, source, refused_at=at)


def wish(at: int) -> Consent:
    return Consent(False, at, requested_at=at)


consents = st.one_of(
    st.builds(grant, st.integers(1, 6), st.sampled_from(["", "a"]), st.booleans()),
    st.builds(refusal, st.integers(1, 6), st.sampled_from(["", "b"])),
    st.builds(wish, st.integers(1, 6)),
)
KEYS = ["email", "email:news", "email:offers", "onsite", "ads", "category", "category:Advertising"]
halves = st.builds(
    lambda known, addressed, opted_out: Customer(
        id="x", consents=known, addressed={one: its for one, its in addressed.items() if its}, opted_out_at=opted_out
    ),
    st.dictionaries(st.sampled_from(KEYS), consents, max_size=6),
    st.dictionaries(
        st.sampled_from(["ana@x.example", "ana@y.example"]),
        st.dictionaries(st.sampled_from(KEYS[:3]), consents, max_size=3),
        max_size=2,
    ),
    st.none() | st.integers(1, 6),
)


def copied(one: Customer) -> Customer:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Customer)


def put_together(*several: Customer) -> Customer:
    into, *others = [copied(one) for one in several]
    for other in others:
        join_consents(into, other)
    return into


def joined(*several: Customer) -> tuple[dict[str, Consent], int | None]:
    into = put_together(*several)
    return into.consents, into.opted_out_at


def kept(customer: Customer) -> Any:
    return customer.consents, customer.addressed, customer.opted_out_at


@given(st.lists(consents, min_size=2, max_size=5))
def test_one_persons_words_come_to_the_same_in_any_order(words: list[Consent]) -> None:
    results = set()
    for order in itertools.permutations(words):
        customer = Customer(id="ana")
        for said in order:
            keep_consent(customer, "email", said)
        results.add(customer.consents["email"])
    assert len(results) == 1


@given(halves, halves, halves)
@settings(max_examples=300)
def test_halves_come_to_the_same_person_in_any_order(one: Customer, two: Customer, three: Customer) -> None:
    results = [kept(put_together(*order)) for order in itertools.permutations([one, two, three])]
    results.append(kept(put_together(one, put_together(two, three))))
    assert all(result == results[0] for result in results)


@given(halves, halves, st.sampled_from(["ana@x.example", "ana@y.example"]), st.sampled_from(KEYS[:3]))
@settings(max_examples=300)
def test_nothing_is_allowed_at_an_address_that_one_half_refused_there(
    one: Customer, two: Customer, address: str, key: str
) -> None:
    both = word(put_together(one, two), key, address)
    for half in (one, two):
        said = word(half, key, address)
        if said is not None and said.is_refused and both is not None:
            assert not both.granted


@given(halves, halves)
def test_what_either_half_refused_stays_refused(one: Customer, two: Customer) -> None:
    known, opted_out = joined(one, two)
    for half in (one, two):
        assert all(known[key].is_refused for key, consent in half.consents.items() if consent.is_refused)
        assert half.opted_out_at is None or opted_out is not None
    granted = {key for key, consent in known.items() if consent.granted}
    assert granted <= {key for half in (one, two) for key, consent in half.consents.items() if consent.granted}


def test_a_channel_refused_on_one_half_closes_the_topics_allowed_on_the_other() -> None:
    phone = Customer(id="phone", consents={"email": refusal(3)})
    known = Customer(id="ana", consents={"email:news": grant(9), "onsite": grant(9)})
    assert set(joined(known, phone)[0]) == {"email", "onsite"}


def test_more_than_can_be_kept_never_loses_a_refusal() -> None:
    one = Customer(id="ana", consents={f"email:t{number}": grant(number + 1) for number in range(CONSENTS_MAX)})
    two = Customer(id="tab", consents={f"email:u{number}": refusal(number + 1) for number in range(CONSENTS_MAX)})
    known, _ = joined(one, two)
    assert len(known) <= CONSENTS_MAX
    assert all(known[key].is_refused for key in two.consents)


def test_a_wish_takes_no_leave_away_and_gives_none() -> None:
    assert later_consent(grant(3), wish(5)).granted
    assert later_consent(refusal(3), wish(5)).is_pending
    assert later_consent(refusal(5), wish(3)).is_refused
    assert not wish(5).granted


def test_a_confirmation_holds_until_the_next_refusal() -> None:
    assert later_consent(grant(3, confirmed=True), grant(5)).is_confirmed
    again = later_consent(later_consent(grant(3, confirmed=True), refusal(4)), grant(5))
    assert again.granted
    assert not again.is_confirmed


def test_a_refusal_kept_by_an_earlier_version_is_still_one() -> None:
    earlier = msgspec.msgpack.decode(msgspec.msgpack.encode([False, 7, "page"]), type=Consent)
    assert earlier.is_refused
    assert later_consent(earlier, wish(5)).is_refused
    assert later_consent(earlier, wish(9)).is_pending


def words(world: World, *who: str) -> list[tuple[str, str, str]]:
    ids = [world.customer(one).id for one in who or ("ana",)]
    return [(one.channel, one.topic, one.state.value) for _, one in reversed(world.store.consents(ids))]


def test_the_ledger_keeps_every_word_with_its_proof() -> None:
    world = World()
    about: dict[str, Any] = {"ip": "192.0.2.1", "userAgent": "Firefox", "locale": "de-DE"}
    world.happens("Identified", traits={"email": "Ana@Example.com"})
    said_so = {"source": "sign-up form", "text": "Yes, write to me.", "text_version": "3", "actor": "agent 7"}
    event = world.event("Consent Granted", channel="email", topic="news", context=about)
    world.log.append([msgspec.structs.replace(event, properties=event.properties | said_so)])
    world.turn()
    world.passes(MINUTE)
    world.happens("Unsubscribed", topic="news", context=about)
    said = [one for _, one in world.store.consents([world.customer().id])]
    assert [one.state for one in said] == [ConsentState.WITHDRAWN, ConsentState.GRANTED]
    proof = said[1]
    assert (proof.address, proof.text, proof.text_version, proof.source, proof.actor, proof.locale) == (
        "ana@example.com", "Yes, write to me.", "3", "sign-up form", "agent 7", "de-DE",
    )  # fmt: skip
    assert (proof.ip, proof.agent, proof.origin, proof.said_at, proof.recorded_at) == (
        "192.0.2.1", "Firefox", "web", NOON, NOON,
    )  # fmt: skip
    assert proof.confirmed_at is None


def test_a_no_without_a_yes_before_it_was_never_withdrawn() -> None:
    world = World()
    world.happens("Consent Withdrawn", channel="email")
    world.happens("Consent Granted", channel="email", topic="news")
    world.happens("Consent Withdrawn", channel="email", topic="news")
    assert words(world) == [("email", "", "denied"), ("email", "news", "granted"), ("email", "news", "withdrawn")]


def test_a_word_that_comes_late_is_kept_and_changes_nothing() -> None:
    world = World()
    world.happens("Consent Withdrawn", channel="email")
    world.happens("Consent Granted", channel="email", ago=MINUTE)
    assert [state for _, _, state in words(world)] == ["denied", "granted"]
    assert world.customer().consents["email"].is_refused


def test_a_browser_cannot_say_that_it_confirmed() -> None:
    world = World()
    world.happens("Consent Granted", channel="email", method="double_opt_in")
    assert not world.customer().consents["email"].is_confirmed


def test_what_a_public_key_says_of_its_proof_is_no_proof_in_the_ledger() -> None:
    for level, kept in ((Level.BROWSER, ""), (Level.APP, ""), (Level.SERVER, "double_opt_in")):
        world = World()
        claimed = world.event("Consent Granted", channel="email", method="double_opt_in")
        world.log.append([msgspec.structs.replace(claimed, level=level)])
        world.turn()
        ((_, said),) = world.store.consents([world.customer().id])
        assert said.method == kept


def test_a_consent_object_is_told_when_it_changes_something() -> None:
    world = World()
    for advertising in (True, True, False):
        consent = {"categoryPreferences": {"Advertising": advertising, "Analytics": True, "odd": "yes"}}
        world.happens("Product Viewed", product_id="P1", context={"consent": consent})
        world.passes(MINUTE)
    assert words(world) == [
        ("category", "Advertising", "granted"),
        ("category", "Analytics", "granted"),
        ("category", "Advertising", "denied"),
    ]
    world.happens(
        "Segment Consent Preference Updated", context={"consent": {"categoryPreferences": {"Analytics": True}}}
    )
    assert words(world)[3:] == [("category", "Analytics", "granted")]


def test_an_empty_consent_object_is_a_no_to_all_and_a_missing_one_says_nothing() -> None:
    world = World()
    world.happens("Product Viewed", product_id="P1", context={"consent": {}})
    assert words(world) == []
    world.happens("Product Viewed", product_id="P1", context={"consent": {"categoryPreferences": {}}})
    assert words(world) == [("category", "", "denied")]


def test_global_privacy_control_is_kept_since_it_was_first_said() -> None:
    world = World()
    for _ in range(3):
        world.happens("Product Viewed", product_id="P1", context={"gpc": True})
        world.passes(MINUTE)
    assert world.customer().opted_out_at == NOON
    assert words(world) == [("ads", "", "denied")]
    world.happens("Product Viewed", "ben", product_id="P1", context={"gpc": False})
    assert world.customer("ben").opted_out_at is None


SEGMENTS = {
    "segments.yaml": """
shareable: {title: Shareable, condition: consent.ads}
readers: {title: Readers, condition: consent.email}
"""
}


def test_segments_follow_what_she_allows_whichever_event_says_it() -> None:
    world = World(SEGMENTS)
    world.happens("Product Viewed", product_id="P1")
    assert set(world.customer().segments) == {"shareable"}
    world.happens("Consent Granted", channel="email")
    assert set(world.customer().segments) == {"shareable", "readers"}
    world.happens("Product Viewed", product_id="P1", context={"gpc": True})
    assert set(world.customer().segments) == {"readers"}
    world.passes(MINUTE)
    world.happens("Consent Granted", channel="ads")
    assert set(world.customer().segments) == {"shareable", "readers"}
    denied = {"consent": {"categoryPreferences": {"Advertising": False}}}
    world.happens("Product Viewed", product_id="P1", context=denied)
    assert set(world.customer().segments) == {"readers"}


def test_an_empty_consent_object_ends_sharing_until_advertising_is_allowed() -> None:
    world = World(SEGMENTS)
    world.happens("Product Viewed", product_id="P1", context={"consent": {"categoryPreferences": {}}})
    assert "shareable" not in world.customer().segments
    world.passes(MINUTE)
    allowed = {"consent": {"categoryPreferences": {"Advertising": True}}}
    world.happens("Product Viewed", product_id="P1", context=allowed)
    assert "shareable" in world.customer().segments
    world.happens("Consent Withdrawn", channel="ads")
    assert "shareable" not in world.customer().segments


def test_a_browser_that_opted_out_opts_out_the_person_it_turns_out_to_be() -> None:
    world = World()
    world.meet()
    world.happens("Product Viewed", None, "laptop", product_id="P1", context={"gpc": True})
    world.happens("Product Viewed", "ana", "laptop", product_id="P1")
    assert world.customer().opted_out_at == NOON
