"""Bit rot: a byte that a failing disk changed is found and said; it is never read as something that happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.wire.test_backup import decide, shop, take_in

from habitue.model.api_key import Scope
from habitue.model.customer import customer_id
from habitue.settings import Settings
from habitue.store.failures import StoreDamaged
from habitue.store.sqlite.soundness import Slowly, look_through
from habitue.wire import Parts, soundness
from habitue.wire.site import application

__all__ = ["shop"]

ANA = customer_id("user", "customer-ana")


@pytest.fixture
def data(shop: Parts) -> Iterator[Path]:
    """The shop's data directory after it was stopped in order."""
    decide(shop)
    take_in(shop)
    shop.close()
    yield shop.data


def flip(path: Path, where: bytes, by: bytes) -> None:
    """Change bytes of a file as a disk would: SQLite does not hear of it."""
    content = path.read_bytes()
    assert content.count(where) >= 1
    path.write_bytes(content.replace(where, by))


def found(data: Path) -> dict[str, list[str]]:
    parts = Parts(data, Settings())
    try:
        return soundness.look(parts).damaged
    finally:
        parts.close()


def test_sound_files_are_found_sound(data: Path) -> None:
    assert found(data) == {}
    latest = soundness.read(data)
    assert latest is not None
    assert latest.files >= 8


def test_a_changed_word_in_an_event_is_damage_though_it_is_still_good_json(data: Path) -> None:
    flip(data / "log.db", b"customer-ana@example.com", b"customer-bob@example.com")
    with pytest.raises(StoreDamaged, match="was changed on the disk"):
        list(Parts(data, Settings()).log.scan())
    assert list(found(data)) == ["log.db"]


def test_a_changed_byte_in_a_customers_state_is_damage_and_not_another_customer(data: Path) -> None:
    flip(data / "state.db", b"customer-ana@example.com", b"customer-bob@example.com")
    parts = Parts(data, Settings())
    with pytest.raises(StoreDamaged, match=ANA):
        parts.store.load([ANA])
    with pytest.raises(StoreDamaged, match=ANA):
        parts.view.person(ANA)
    parts.close()
    assert list(found(data)) == ["state.db"]


@pytest.mark.parametrize("name", ["log.db", "state.db", "deliveries.db", "privacy.db", "keys.db", "catalog.db"])
def test_forty_bytes_changed_in_the_structure_are_found(data: Path, name: str) -> None:
    content = bytearray((data / name).read_bytes())
    content[4096:4136] = b"\x55" * 40
    (data / name).write_bytes(content)
    assert look_through(data / name) != []


def test_damage_is_an_alarm_until_the_file_is_sound_again(data: Path) -> None:
    whole = (data / "log.db").read_bytes()
    flip(data / "log.db", b"customer-ana@example.com", b"customer-bob@example.com")
    found(data)
    alarms = Parts(data, Settings()).alarms
    assert [(one.kind, one.subject) for one in alarms.standing()] == [("file_damaged", "log.db")]
    (data / "log.db").write_bytes(whole)
    found(data)
    assert alarms.standing() == []


def test_whoever_asks_for_what_is_damaged_is_not_told_that_it_is_not_there(data: Path) -> None:
    flip(data / "state.db", b"customer-ana@example.com", b"customer-bob@example.com")
    parts = Parts(data, Settings())
    _, token = parts.api.create_key("test", list(Scope), parts.clock.now())
    with TestClient(application(parts)) as client:
        answer = client.get(f"/api/v1/customers/{ANA}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 503
    parts.close()


def test_records_of_a_version_before_have_no_checksum_and_are_read(data: Path) -> None:
    with sqlite3.connect(data / "log.db") as connection:
        connection.execute("UPDATE events SET sum = NULL")
    with sqlite3.connect(data / "state.db") as connection:
        connection.execute("UPDATE customers SET sum = NULL")
    parts = Parts(data, Settings())
    assert len(list(parts.log.scan())) > 5
    assert parts.view.person(ANA) is not None
    parts.close()
    assert found(data) == {}


def test_a_look_leaves_most_of_the_processor_to_others() -> None:
    now, slept = [0.0], []
    rest = Slowly(4.0, lambda: now[0], slept.append)
    rest()
    assert slept == []
    now[0] = 0.05
    rest()
    assert slept == pytest.approx([0.2])
