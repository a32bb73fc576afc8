"""Export and erasure from the command line: exactly one person is meant, and nothing happens without a yes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.test_commands import answered, habitue

from habitue import wire
from habitue.errors import HabitueError
from habitue.model.event import Event
from habitue.wire import privacy


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ana and Ben share a household's address; the visitor on device 7 is not the customer whose number is 7."""
    data = tmp_path / "data"
    parts = wire.create(data, environ={})
    now = parts.clock.now()
    who = [("ana", None, "home@example.com"), ("ben", None, "home@example.com"), ("7", None, ""), (None, "7", "")]
    parts.log.append(
        [
            Event(
                id=str(number),
                source="shop",
                type="identify",
                name="Identified",
                occurred_at=now,
                user_id=user,
                anonymous_id=device,
                traits={"email": email} if email else {},
            )
            for number, (user, device, email) in enumerate(who)
        ]
    )
    crank = parts.crank()
    while crank.turn(100).records:
        pass
    parts.close()
    return data


def test_a_person_is_exported_into_a_folder(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    result = habitue("people", "export", "ana", "--out", out, data=data)
    assert result.exit_code == 0, result.output
    [event] = json.loads((out / "events.json").read_bytes())
    assert event["traits"] == {"email": "home@example.com"}
    habitue("people", "export", "ana", "--format", "csv", "--out", out, data=data)
    assert (out / "events.csv").read_text().startswith("received_at,occurred_at,id,")
    assert [act["what"] for act in answered("audit", data=data)] == ["data exported", "data exported"]


@pytest.mark.parametrize("spelled", ["home@example.com", "7"])
def test_what_stands_for_two_people_erases_nobody(data: Path, spelled: str) -> None:
    result = habitue("people", "erase", spelled, "--yes", data=data)
    assert isinstance(result.exception, HabitueError)
    assert "more than one person" in str(result.exception)
    assert answered("people", "erasures", data=data) == []


def test_a_part_of_a_name_erases_nobody(data: Path) -> None:
    result = habitue("people", "erase", "an", "--yes", data=data)
    assert isinstance(result.exception, HabitueError)
    assert "nobody goes by exactly" in str(result.exception)


def test_without_a_yes_nothing_happens(data: Path) -> None:
    assert habitue("people", "erase", "ana", data=data).exit_code == 1
    assert answered("people", "erasures", data=data) == []


def test_an_order_waits_for_the_system_and_says_so(data: Path) -> None:
    result = habitue("people", "erase", "ana", "--yes", data=data)
    assert "No system runs" in result.stdout
    [erasure] = answered("people", "erasures", data=data)
    assert (erasure["number"], erasure["finished_at"]) == (1, None)
    assert answered("people", "erasures", "1", data=data) == []
    refused = habitue("prove", data=data)
    assert "erasure 1 is not finished" in str(refused.exception)
    assert [act["what"] for act in answered("audit", data=data)] == ["erasure requested"]


def test_a_request_is_listed_until_it_is_closed(data: Path) -> None:
    parts = wire.open_existing(data)
    parts.privacy.add_requests("requests", 9, [privacy.Request(9, "Data Requested", 1, "shopify", None)])
    [request] = answered("people", "requests", data=data)
    assert (request["position"], request["asks_for"], request["source"]) == (9, "data", "shopify")
    habitue("people", "requests", "--close", 9, "--why", "sent by mail", data=data)
    assert answered("people", "requests", data=data) == []
    assert isinstance(habitue("people", "requests", "--close", 9, data=data).exception, HabitueError)
    assert answered("audit", data=data)[0]["detail"] == "sent by mail"
    parts.close()
