"""How many new email addresses one place may bring: beyond the limit they are left out, and an alarm sounds."""

from __future__ import annotations

from typing import Any

from habitue.ingest.draft import Draft, Reception
from habitue.ingest.new_addresses import LEFT_OUT, PLACES_MAX, NewAddresses, network_of
from habitue.model.alarm import ALARM_KINDS
from habitue.model.instant import HOUR, SECOND, Instant
from habitue.model.trust import Level
from habitue.run.ports import Alarm

NOON: Instant = 1_779_969_600 * SECOND


class Bells:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def sound(self, kind: str, subject: str, detail: str, now: Instant) -> None:
        assert kind in ALARM_KINDS
        self.heard.append((kind, subject))

    def clear(self, kind: str, subject: str, now: Instant) -> None:
        """Nothing is cleared here."""

    def standing(self) -> list[Alarm]:
        return []


def draft(address: str, ip: str | None = "192.0.2.1", *, level: Level = Level.BROWSER, at: Instant = NOON) -> Draft:
    made = Draft({}, Reception(source="web", level=level, received_at=at, ip=ip))
    made.traits = {"email": address, "firstName": "Ana"}
    made.claims = {"email": address, "user": "u1"}
    return made


def brings(limit: NewAddresses, address: str, *where: Any, **more: Any) -> bool:
    made = draft(address, *where, **more)
    limit(made)
    kept = "email" in made.traits
    assert kept == ("email" in made.claims) == (LEFT_OUT not in made.context)
    assert made.traits["firstName"] == "Ana" and made.claims["user"] == "u1"
    return kept


def test_beyond_the_limit_of_a_network_address_new_ones_are_left_out_and_known_ones_stay() -> None:
    bells = Bells()
    limit = NewAddresses(2, 0, bells)
    assert [brings(limit, f"a{number}@x.example") for number in range(4)] == [True, True, False, False]
    assert brings(limit, "A0@x.example")
    assert brings(limit, "a9@x.example", "192.0.2.9")
    assert set(bells.heard) == {("many_addresses", "web")}


def test_the_limit_of_a_key_holds_from_wherever_they_come() -> None:
    limit = NewAddresses(20, 3)
    assert [brings(limit, f"a{number}@x.example", f"192.0.2.{number}") for number in range(5)] == [True] * 3 + [
        False
    ] * 2


def test_after_an_hour_there_is_room_again() -> None:
    limit = NewAddresses(1, 0)
    assert brings(limit, "a@x.example")
    assert not brings(limit, "b@x.example", at=NOON + HOUR - 1)
    assert brings(limit, "b@x.example", at=NOON + HOUR)


def test_a_server_may_name_as_many_as_there_are() -> None:
    limit = NewAddresses(1, 1)
    assert all(brings(limit, f"a{number}@x.example", level=Level.SERVER) for number in range(5))


def test_an_address_in_the_properties_counts_and_is_left_out() -> None:
    limit = NewAddresses(1, 0)
    assert brings(limit, "a@x.example")
    asked = draft("")
    asked.traits, asked.claims, asked.properties = {}, {}, {"channel": "email", "email": "b@x.example"}
    limit(asked)
    assert asked.properties == {"channel": "email"}


def test_the_networks_of_ipv6_are_one_subscriber_each() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1")
    assert network_of("2001:db8::1") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"


def test_what_is_remembered_is_bounded() -> None:
    limit = NewAddresses(20, 1_000)
    for number in range(PLACES_MAX + 50):
        limit._keep(f"ip {number}", b"x", NOON)
    limit._keep("key web", b"x", NOON)
    assert len(limit._places) <= PLACES_MAX
    assert "key web" in limit._places
