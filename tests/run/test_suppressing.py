"""The suppression list at the door of the outbox, and how addresses come onto it."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.decide.world import World
from tests.run.test_outbox import Office

from habitue.model.delivery import DeliveryState
from habitue.model.message import Message
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook, Shop
from habitue.run.crank import Crank
from habitue.run.suppressing import door, noter


class List:
    """The suppression list in memory, in plain sight."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], str] = {}

    def add(self, channel: str, address: str, why: str) -> None:
        self.known[channel, address] = why

    def find(self, channel: str, address: str) -> str | None:
        return self.known.get((channel, address))


def playbook(kind: Any) -> Playbook:
    message = Message(name="cart_reminder", title="Cart", topic="offers", kind=kind)
    return Playbook(name="corner", shop=Shop(name="Corner"), messages={message.name: message})


def office(known: List, kind: str = "offer") -> Office:
    made = Office()
    made.outbox._door = door(known, lambda version: playbook(kind))
    return made


def waiting(place: Office) -> str:
    place.wants("one")
    [(_, effect)] = place.store.all
    place.store.all = [(1, msgspec.structs.replace(effect, message="cart_reminder"))]
    return effect.address


def test_nothing_is_handed_over_to_a_suppressed_address_and_the_delivery_says_why() -> None:
    known = List()
    place = office(known)
    known.add("email", waiting(place), "erased")
    place.turn()
    delivery = place.deliveries.get("one")
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "suppressed")
    assert "suppression list: erased" in delivery.detail
    assert place.post.asked == []
    [event] = [record.event for record in place.log.scan()]
    assert (event.name, event.properties["reason"]) == ("Message Failed", "suppressed")


def test_what_is_decided_before_and_handed_over_after_is_stopped_too() -> None:
    known = List()
    place = office(known)
    address = waiting(place)
    place.night_until = place.clock.at + 60_000_000
    place.turn()
    known.add("email", address, "complained")
    place.turn(minutes=2)
    assert place.deliveries.get("one").reason == "suppressed"


def test_who_was_erased_still_gets_what_she_orders_and_who_bounced_does_not() -> None:
    for why, state in (("erased", DeliveryState.ACCEPTED), ("bounced", DeliveryState.FAILED)):
        known = List()
        place = office(known, "transactional")
        known.add("email", waiting(place), why)
        place.turn()
        assert place.deliveries.get("one").state == state


def test_bounces_and_complaints_put_addresses_on_the_list() -> None:
    world, known = World(), List()
    world.crank = Crank(world.store, world.log, load, note_suppressed=noter(known))
    world.meet()
    world.happens("Email Bounced", permanent=False, email="soft@example.com")
    world.happens("Email Bounced", permanent=True, email="Gone@example.com", source="habitue")
    world.happens("Email Marked as Spam")
    world.happens("Email Marked as Spam", "ben")
    assert known.known == {("email", "gone@example.com"): "bounced", ("email", "ana@example.com"): "complained"}


def test_a_browser_that_says_a_strangers_address_bounced_is_not_believed() -> None:
    world, known = World(), List()
    world.crank = Crank(world.store, world.log, load, note_suppressed=noter(known))
    world.meet("mallory")
    world.happens("Email Marked as Spam", "mallory", email="ana@example.com")
    world.happens("Email Bounced", "mallory", permanent=True, email="ben@example.com")
    assert known.known == {}
