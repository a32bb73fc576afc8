"""The address counts too: what goes to one address is counted over everybody who has it."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.run.test_outbox import NOON, Office

from habitue.decide.guard import Allow, may_say
from habitue.model.customer import Address, Consent, Customer, Exposure
from habitue.model.delivery import DeliveryState, Failure
from habitue.model.instant import DAY, HOUR, MINUTE, Instant
from habitue.model.message import Message
from habitue.model.passage import AddressLimit, Passage, Stopped
from habitue.playbook.playbook import Cap, Channel, Gap, GuardRules, Playbook, Shop
from habitue.run.addresses import UNPROVEN_A_DAY, UNPROVEN_GAP, address_door, proven, unproven
from habitue.run.ports import Accepted, Refused
from habitue.store.marks import marker

STRANGER = "ben@x.example"
RULES = GuardRules(
    caps=(Cap(limit=2, within=DAY), Cap(limit=3, within=7 * DAY, channel="email")), gaps=(Gap(span=HOUR),)
)
OFFER = Message(name="offer", title="Offer", topic="offers", duplicate_within=3 * HOUR)
RECEIPT = Message(name="receipt", title="Receipt", topic="offers", kind="transactional")
PLAYBOOK = Playbook(
    name="corner",
    shop=Shop(name="Corner"),
    channels={"email": Channel(name="email", consent="implied")},
    messages={one.name: one for one in (OFFER, RECEIPT, msgspec.structs.replace(OFFER, name="note"))},
    guard=RULES,
)
MARK = marker(b"secret")


def went(customer: str, at: Instant, message: str = "offer", *, handed: Instant | None = None, **more: Any) -> Passage:
    known: dict[str, Any] = {"thing": b"", "marketing": True, "proven": True, **more}
    return Passage(f"{customer}.{at}", customer, b"", at, at if handed is None else handed, message, **known)


def refusal(passage: Passage, *known: Passage) -> Stopped | None:
    return proven(passage, RULES, OFFER, "email", known)


# --- the rules ---------------------------------------------------------------------------------------------------


def test_two_customers_with_one_address_share_its_cap() -> None:
    known = [went("ana", NOON, "a"), went("ben", NOON + 2 * HOUR, "b")]
    stopped = refusal(went("cleo", NOON + 5 * HOUR, "c"), *known)
    assert stopped is not None and (stopped.why, stopped.again_at) == (AddressLimit.CAP, None)
    assert refusal(went("cleo", NOON + 5 * HOUR, "c"), known[0]) is None


def test_a_message_decided_before_one_that_went_already_counts_in_its_window() -> None:
    known = [went("ana", NOON + 3 * HOUR, "a"), went("ana", NOON + 6 * HOUR, "b")]
    stopped = refusal(went("ben", NOON, "c", handed=NOON + 9 * HOUR), *known)
    assert stopped is not None and stopped.why is AddressLimit.CAP


def test_the_gap_to_what_somebody_else_got_is_waited_for() -> None:
    stopped = refusal(went("ben", NOON + MINUTE, "b"), went("ana", NOON, "a"))
    assert stopped == Stopped(AddressLimit.GAP, stopped.detail if stopped else "", NOON + HOUR)
    assert refusal(went("ben", NOON + HOUR, "b"), went("ana", NOON, "a")) is None


def test_the_same_thing_is_not_said_twice_to_an_address() -> None:
    again = went("ben", NOON + 2 * HOUR, thing=b"P1")
    stopped = refusal(again, went("ana", NOON, thing=b"P1"))
    assert stopped is not None and stopped.why is AddressLimit.DUPLICATE
    assert refusal(again, went("ana", NOON, thing=b"P2")) is None


def test_an_order_is_told_once_and_a_greeting_to_each() -> None:
    told = went("ana", NOON, "receipt", marketing=False, thing=b"O1")
    again = went("ben", NOON + MINUTE, "receipt", marketing=False, thing=b"O1")
    stopped = refusal(again, told)
    assert stopped is not None and stopped.why is AddressLimit.DUPLICATE
    assert refusal(again._replace(thing=b""), told._replace(thing=b"")) is None


def ask(customer: str, at: Instant, message: str = "confirm") -> Passage:
    return went(customer, at, message, marketing=False, proven=False)


def test_an_address_nobody_proved_gets_the_same_message_once_an_hour() -> None:
    stopped = unproven(ask("u2", NOON + 59 * MINUTE), [ask("u1", NOON)])
    assert stopped is not None and stopped.why is AddressLimit.DUPLICATE
    assert unproven(ask("u2", NOON + 60 * MINUTE), [ask("u1", NOON)]) is None


def test_another_message_to_it_waits_for_the_hour_and_the_fourth_of_a_day_does_not_go() -> None:
    stopped = unproven(ask("u1", NOON + MINUTE, "receipt"), [ask("u1", NOON)])
    assert stopped is not None and (stopped.why, stopped.again_at) == (AddressLimit.GAP, NOON + HOUR)
    three = [ask(f"u{number}", NOON + number * HOUR) for number in range(3)]
    stopped = unproven(ask("u9", NOON + 23 * HOUR), three)
    assert stopped is not None and (stopped.why, stopped.again_at) == (AddressLimit.CAP, None)
    assert unproven(ask("u9", NOON + 24 * HOUR), three) is None


def test_what_is_asked_for_in_its_name_takes_nothing_from_an_owner_who_proved_it() -> None:
    assert refusal(went("ben", NOON + MINUTE), *(ask(f"u{number}", NOON) for number in range(3))) is None


# --- what the guard allowed for one customer ---------------------------------------------------------------------

spans = st.lists(st.integers(0, 30).map(lambda quarters: quarters * 15 * MINUTE), min_size=1, max_size=30)


@given(spans, st.lists(st.sampled_from(["offer", "note", "receipt"]), min_size=30, max_size=30), st.randoms())
@settings(deadline=None)
def test_whatever_the_guard_allowed_a_customer_alone_goes_in_whatever_order_it_is_handed_over(
    pauses: list[int], names: list[str], chance: Any
) -> None:
    ana = Customer(id="ana", traits={"email": STRANGER}, consents={"email": Consent(True, 1)})
    ana.addresses[STRANGER] = Address(1, 1)
    allowed: list[Passage] = []
    now = NOON
    for pause, name in zip(pauses, names, strict=False):
        now += pause
        message = PLAYBOOK.messages[name]
        if isinstance(may_say(PLAYBOOK, ana, message, ("email",), "", now, now), Allow):
            marketing = message.kind != "transactional"
            ana.exposures.append(Exposure(now, f"ana.{len(allowed)}", name, "email", "", marketing))
            allowed.append(went("ana", now, name, marketing=marketing)._replace(delivery=f"ana.{len(allowed)}"))
    chance.shuffle(allowed)
    for number, passage in enumerate(allowed):
        assert proven(passage, RULES, PLAYBOOK.messages[passage.message], "email", allowed[:number]) is None


@given(st.lists(st.tuples(st.sampled_from(["ana", "ben"]), st.integers(0, 60)), max_size=16))
@settings(deadline=None)
def test_no_day_of_an_address_that_two_share_holds_more_than_its_cap_once_both_were_written_to(
    wanted: list[tuple[str, int]],
) -> None:
    known: list[Passage] = []
    for number, (who, hour) in enumerate(wanted):
        one = went(who, NOON + hour * HOUR, f"m{number}", handed=NOON + 100 * DAY + number * DAY)
        of_one = [*known, one]
        if refusal(one, *known) is None:
            known.append(one)
            if len({passage.customer for passage in of_one}) == 1:
                return  # The guard's alone.
    for end in known:
        assert sum(end.at - DAY < one.at <= end.at for one in known) <= 2


@given(
    st.lists(st.tuples(st.integers(0, 59), st.sampled_from(["confirm", "receipt"]), st.integers(0, 90)), max_size=40)
)
@settings(deadline=None)
def test_no_sequence_of_asking_sends_more_than_one_an_hour_and_three_a_day(asked: list[tuple[int, str, int]]) -> None:
    now, sent = NOON, list[Passage]()
    for who, message, minutes in asked:
        now += minutes * MINUTE
        one = ask(f"u{who}", now, message)._replace(delivery=f"d{len(sent)}")
        if unproven(one, sent) is None:
            sent.append(one)
    for one, following in itertools.pairwise(sent):
        assert following.handed_at - one.handed_at >= UNPROVEN_GAP
    for end in sent:
        assert sum(end.handed_at - DAY < one.handed_at <= end.handed_at for one in sent) <= UNPROVEN_A_DAY


# --- at the door -------------------------------------------------------------------------------------------------


def office() -> Office:
    made = Office()
    guarded(made)
    return made


def guarded(place: Office) -> None:
    place.outbox._address_door = address_door(lambda version: PLAYBOOK, MARK)


def wants(place: Office, *who: str, message: str = "receipt", proven: bool = False) -> None:
    for one in who:
        place.wants(f"{one}.1")
        number, effect = place.store.all[-1]
        changed = msgspec.structs.replace(
            effect, customer=one, message=message, address=STRANGER, proven=proven, at=place.clock.at
        )
        place.store.all[-1] = (number, changed)


def test_sixty_ids_that_ask_in_one_strangers_name_send_one_email() -> None:
    place = office()
    wants(place, *(f"u{number}" for number in range(60)))
    place.turn()
    assert len(place.post.sent) == 1
    reasons = {place.delivery(f"u{number}.1").reason for number in range(60)}
    assert reasons == {None, "address_duplicate"}
    failed = [event for event in place.events() if event.name == "Message Failed"]
    assert len(failed) in (0, 59)  # Told at the latest with the next turn.
    place.turn()
    assert sum(event.name == "Message Failed" for event in place.events()) == 59


def test_a_kill_lets_no_second_one_through() -> None:
    place = office()
    wants(place, "u1", "u2")
    place.post.dies_after = True
    place.dies()
    guarded(place)
    place.turn()
    assert len(place.post.sent) == 1
    assert sorted(place.state(f"{one}.1") for one in ("u1", "u2")) == ["failed", "unknown"]


def test_what_is_tried_again_is_not_counted_again() -> None:
    place = office()
    wants(place, "u1")
    place.post.answer = lambda _: Refused(Failure.PASSING, "450 later")
    place.turn()
    place.post.answer = lambda _: Accepted("250 queued")
    place.turn(2)
    assert place.state("u1.1") == "accepted"


def test_another_message_waits_at_the_door_and_goes_when_the_hour_is_over() -> None:
    place = office()
    wants(place, "u1")
    place.turn()
    wants(place, "u2", message="offer")
    place.turn()
    waiting = place.delivery("u2.1")
    assert (waiting.state, waiting.reason, waiting.retry_at) == (
        DeliveryState.WAITING, "address_gap", place.clock.at + HOUR,
    )  # fmt: skip
    place.turn(60)
    assert place.state("u2.1") == "accepted"


def test_a_mark_says_that_two_addresses_are_one_and_nothing_else() -> None:
    assert MARK("email", "Ben@X.example ") == MARK("email", STRANGER)
    assert MARK("email", STRANGER) != MARK("email", "ana@x.example")
    assert MARK("email", STRANGER) != marker(b"another secret")("email", STRANGER)
    assert b"ben" not in MARK("email", STRANGER)
