"""Who shares an e-mail, a phone or a shop's number is one person; two known users never are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import World

from habitue.decide.guard.reach import address_of
from habitue.model.customer import customer_id
from habitue.model.event import IDENTIFIED
from habitue.model.instant import HOUR, MINUTE
from habitue.playbook.load import load
from habitue.run.proof import prove
from habitue.store.memory import MemoryStore

ANA = {"email": "ana@example.com"}
BOOK = """
playbook: corner
shop: {name: Corner shop, url: "https://corner.example", address: 1 Corner}
channels:
  email: {consent: required, from: "Corner <hello@corner.example>"}
topics:
  offers: {title: Offers}
"""


def test_a_guest_order_joins_the_person_who_signs_in_with_the_same_address() -> None:
    world = World()
    world.happens("Order Completed", None, total=20, identifiers=ANA)
    world.happens("Product Viewed", None, "phone", product_id="P1")
    world.happens(IDENTIFIED, "ana", "phone", identifiers=ANA)
    ana = world.customer("ana")
    assert (ana.orders, ana.viewed[0].product) == (1, "P1")
    assert list(ana.identifiers["email"]) == ["ana@example.com"]
    assert world.people() == [ana]
    assert [one.detail["by"] for one in world.decisions("ana") if one.reason == "merged"] == ["email", "anonymous"]


def test_a_guest_can_be_found_and_written_to_by_the_address_she_gave() -> None:
    world = World()
    world.happens("Order Completed", None, total=20, identifiers=ANA)
    [guest] = world.people()
    assert address_of(guest, "email") == "ana@example.com"
    assert [row.id for row in world.store.people("ana@exam")] == [guest.id]


def test_an_event_with_an_address_alone_falls_to_the_person_who_has_it() -> None:
    world = World()
    world.happens(IDENTIFIED, "ana", identifiers=ANA)
    world.happens("Order Completed", None, total=20, identifiers=ANA)
    assert world.customer("ana").orders == 1


def test_two_known_users_with_one_address_stay_two_and_the_ledger_says_so_once() -> None:
    world = World()
    world.happens(IDENTIFIED, "ana", identifiers=ANA)
    for _ in range(3):
        world.happens(IDENTIFIED, "ben", identifiers=ANA)
    world.happens("Order Completed", None, total=20, identifiers=ANA)
    assert (world.customer("ana").orders, world.customer("ben").orders) == (1, 0)
    assert world.told("ben").count("refused two_known_users") == 1


def test_two_accounts_of_one_shop_are_two_people_whatever_they_share() -> None:
    world = World()
    for number in (1, 2):
        world.happens(IDENTIFIED, None, identifiers={"shop": f"shopify:corner.example:{number}", **ANA})
    assert len(world.people()) == 2


def test_a_shop_number_a_phone_and_an_address_lead_to_one_person() -> None:
    world = World()
    world.happens("Order Completed", None, total=1, identifiers={"phone": "+442079460000"})
    world.happens("Order Completed", None, total=1, identifiers={"shop": "shopify:corner.example:1"})
    world.happens("Order Completed", None, total=1, identifiers=ANA)
    world.happens("Order Completed", None, total=1, identifiers={"phone": "+442079460000", **ANA})
    assert len(world.people()) == 2
    world.happens(IDENTIFIED, "ana", identifiers={"shop": "shopify:corner.example:1", **ANA})
    [ana] = world.people()
    assert (ana.user_id, ana.orders) == ("ana", 4)


def test_a_push_token_belongs_to_whoever_was_there_last_and_joins_nobody() -> None:
    world = World()
    world.happens(IDENTIFIED, "ana", identifiers={"push": "ios:token"})
    world.happens(IDENTIFIED, "ben", identifiers={"push": "ios:token"})
    assert world.customer("ana").identifiers.get("push", {}) == {}
    assert list(world.customer("ben").identifiers["push"]) == ["ios:token"]
    world.happens("Product Viewed", None, product_id="P1", identifiers={"push": "ios:token"})
    assert world.customer("ben").viewed[0].product == "P1"


def test_more_addresses_than_one_person_may_have_join_nobody() -> None:
    world = World({"playbook.yaml": BOOK + "identity: {limits: {email: 2}}"})
    for name in ("one", "two", "three"):
        world.happens(IDENTIFIED, "ana", identifiers={"email": f"{name}@example.com"})
    assert list(world.customer("ana").identifiers["email"]) == ["one@example.com", "two@example.com"]
    assert "refused identifier_limit" in world.told("ana")
    world.happens("Order Completed", None, total=3, identifiers={"email": "three@example.com"})
    assert world.customer("ana").orders == 0


def test_a_blocked_value_stands_for_nobody() -> None:
    world = World({"playbook.yaml": BOOK + "identity: {blocked: {email: [Till@example.com], user: [kiosk]}}"})
    world.happens(IDENTIFIED, "ana", identifiers={"email": "till@example.com"})
    world.happens("Order Completed", None, total=3, identifiers={"email": "till@example.com"})
    world.happens("Product Viewed", "kiosk")
    assert [(one.user_id, one.orders) for one in world.people()] == [("ana", 0)]


def test_a_kind_that_is_not_joined_on_is_not_looked_at() -> None:
    world = World({"playbook.yaml": BOOK + "identity: {join_on: [email]}"})
    world.happens("Order Completed", None, total=1, identifiers={"phone": "+442079460000"})
    assert world.people() == []


def test_a_new_condition_counts_a_guests_orders_for_the_person_she_became() -> None:
    world = World()
    world.happens("Order Completed", None, total=20, identifiers=ANA)
    world.happens(IDENTIFIED, "ana", identifiers=ANA)
    world.apply({"segments.yaml": "buyers: {title: Buyers, condition: 'count(\"Order Completed\") >= 1'}"})
    assert "buyers" in world.customer("ana").segments


USERS = ("ana", "ben", "cleo")
SPOKEN = st.fixed_dictionaries(
    {
        "who": st.sampled_from((None, *USERS)),
        "device": st.sampled_from((None, "phone", "tablet", "kiosk")),
        "email": st.sampled_from((None, *USERS)),
        "phone": st.sampled_from((None, "1", "2")),
        "push": st.sampled_from((None, "t1", "t2")),
    }
)


@settings(max_examples=120, deadline=None)
@given(said=st.lists(SPOKEN, min_size=1, max_size=25), batch=st.integers(1, 30))
def test_under_any_interleaving_no_event_is_lost_and_no_two_users_are_one(
    said: list[dict[str, str | None]], batch: int
) -> None:
    """Whatever devices, addresses and phones are shared: each event counts once, for a living customer."""
    world = World({"segments.yaml": "seen: {title: Seen, condition: 'count(\"Seen\") >= 1'}"})
    told = 0
    for one in said:
        identifiers = {
            kind: value
            for kind, value in (
                ("email", f"{one['email']}@example.com" if one["email"] else None),
                ("phone", f"+4420794600{one['phone']}" if one["phone"] else None),
                ("push", f"ios:{one['push']}" if one["push"] else None),
            )
            if value
        }
        told += bool(one["who"] or one["device"] or identifiers)
        world.log.append([world.event("Seen", one["who"], one["device"], identifiers=identifiers)])
        if world.store.position() % batch == 0:
            world.turn(batch)
    world.turn(batch)
    people = world.people()
    assert sum(sum(state for state in one.counters.values()) for one in people) == told
    users = [one.user_id for one in people if one.user_id is not None]
    assert sorted(users) == sorted({one["who"] for one in said} - {None})
    for one in people:
        assert one.user_id is None or one.id == customer_id("user", one.user_id)
        for kind, values in one.identifiers.items():
            for value in values:
                assert _leads_to(world, customer_id(kind, value)) == one.id
        for device in one.anonymous_ids:
            assert _leads_to(world, customer_id("anonymous", device)) == one.id or one.user_id is not None
    world.passes(MINUTE)


def _leads_to(world: World, row: str) -> str:
    states = {one.id: one for one in world.people()}
    while row not in states:
        [found] = [world.customer_of(row)]
        row = found
    return row


WAITING = {
    "journeys/reminder.yaml": """
journey: reminder
title: Reminder
entry: {event: Product Added}
reentry: always
steps: [{wait: 30m}, {send: note}]
"""
}


def _is_proved(world: World) -> bool:
    return prove(
        world.log, world.store, world.store, MemoryStore(), [("corner", world.store.playbook(1) or {})], load
    ).holds


def test_what_was_due_comes_before_a_refused_join_however_records_are_cut_into_batches() -> None:
    world = World(WAITING)
    world.happens("Product Viewed", "ben", identifiers={"email": "home@example.com"})
    world.meet("ana")
    world.happens("Product Added", "ana", product_id="P1")
    world.passes(HOUR)  # Live, the reminder is decided on now, and the refusal later.
    world.happens("Product Viewed", "ana", identifiers={"email": "home@example.com"})
    assert "refused two_known_users" in world.told("ana")
    assert _is_proved(world)


def test_what_was_due_does_not_yet_know_the_address_that_comes_later() -> None:
    world = World(WAITING)
    world.happens("Product Added", "ana", product_id="P1")
    world.happens("Consent Granted", "ana", channel="email")
    world.passes(HOUR)
    world.happens("Product Viewed", "ana", identifiers={"email": "ana@example.com"})
    assert _is_proved(world)


def test_a_token_that_goes_to_somebody_else_leaves_behind_what_was_done_before_under_it() -> None:
    world, token = World(), {"push": "ios:1"}
    world.happens("Product Viewed", None, product_id="SECRET", identifiers=token)
    world.happens("Product Viewed", "ana", identifiers=token)
    world.happens("Product Viewed", "ben", identifiers=token)
    ana, ben = world.customer("ana"), world.customer("ben")
    assert world.customer_of(customer_id("push", "ios:1")) == ben.id
    assert [world.customer_of(one) for one in ana.merged_ids] == [ana.id]
    assert "SECRET" in [view.product for view in ana.viewed]
    # So whoever erases Ana finds everything of hers.
    trail = world.store.trail([ana.id, *ana.merged_ids])
    assert [one.event.properties.get("product_id") for one in world.log.at(trail)].count("SECRET") == 1
