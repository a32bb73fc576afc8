"""Lists come in pages that miss nothing and repeat nothing, whatever comes or goes while they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.api import cursors, events
from habitue.api.problems import ApiError
from habitue.model.event import Event
from habitue.run.clock import ManualClock
from habitue.store.memory import MemoryLog

from .desk import Desk


def pages(desk: Desk, path: str, between: Callable[[int], None] = lambda _page: None) -> list[list[Any]]:
    """All pages, each found through the one before; `between` happens after each."""
    found: list[list[Any]] = []
    address: str | None = path
    while address is not None:
        answer = desk.get(address)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found.append(body["data"])
        address = body["next"] and body["next"].removeprefix("/api/v1")
        assert answer.headers.get("link") == (f'<{body["next"]}>; rel="next"' if address else None)
        assert (body["cursor"] is None) == (address is None)
        between(len(found))
    return found


def entries(found: list[list[Any]], name: str) -> list[Any]:
    return [entry[name] for page in found for entry in page]


def test_customers_stay_in_place_while_some_are_seen_again_and_others_come(desk: Desk) -> None:
    desk.people("ana", "ben", "cleo", "dora", "emil")
    before = entries(pages(desk, "/customers?limit=200"), "id")
    assert len(before) == 5

    def meanwhile(page: int) -> None:
        if page <= 3:
            desk.people("ana", "emil", f"newcomer{page}")

    found = entries(pages(desk, "/customers?limit=2", meanwhile), "id")
    assert found[:5] == before
    assert len(found) == len(set(found)) == 8


def test_events_of_a_customer_stay_in_place_while_new_ones_come(desk: Desk) -> None:
    desk.people("ana")
    before = entries(pages(desk, "/customers/user:ana/events?limit=200"), "position")
    found = pages(desk, "/customers/user:ana/events?limit=1", lambda _page: desk.people("ana"))
    assert entries(found, "position") == before


def test_events_of_one_name_are_found_among_others(desk: Desk) -> None:
    for n in range(5):
        desk.track("Product Viewed", properties={"n": n})
        desk.track("Product Added", properties={"n": n})
    desk.turn()
    hers = pages(desk, "/customers/user:ana/events?limit=2&name=Product+Added")
    assert [entry["properties"]["n"] for page in hers for entry in page] == [4, 3, 2, 1, 0]
    log = pages(desk, "/events?limit=2&name=Product+Added&customer=user:ana")
    assert [entry["properties"]["n"] for page in log for entry in page] == [0, 1, 2, 3, 4]


def test_decisions_and_members_come_in_pages(desk: Desk) -> None:
    desk.people("ana", "ben", "cleo")
    desk.people("ana", "ben", "cleo")
    assert len(entries(pages(desk, "/segments/lookers/members?limit=2"), "customer")) == 3
    joined = pages(desk, "/decisions?limit=2&outcome=joined")
    assert [len(page) for page in joined] == [2, 1]
    assert {entry["reason"] for page in joined for entry in page} == {"segment_enter"}
    assert entries(pages(desk, "/segments?limit=1"), "name") == ["buyers", "lookers"]


def test_keys_come_in_pages(desk: Desk) -> None:
    for n in range(3):
        desk.post("/write-keys", {"source": f"shop{n}"})
    assert entries(pages(desk, "/write-keys?limit=2"), "source") == ["shop0", "shop1", "shop2"]
    assert len(entries(pages(desk, "/api-keys?limit=1"), "id")) == 1


def test_a_program_follows_the_log_with_resume(desk: Desk) -> None:
    desk.track("Product Viewed")
    first = desk.get("/events?limit=200").json()
    assert first["next"] is None
    desk.track("Product Added")
    second = desk.get(f"/events?limit=200&cursor={first['resume']}").json()
    assert [event["name"] for event in second["data"]] == ["Product Added"]
    again = desk.get(f"/events?limit=200&cursor={second['resume']}").json()
    assert (again["data"], again["next"]) == ([], None)


def test_one_request_looks_through_a_bounded_part_of_the_log(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOKED_AT_MAX", 3)
    monkeypatch.setattr(events, "READ_AT_ONCE", 2)
    for _ in range(7):
        desk.track("Product Viewed")
    desk.track("Order Completed")
    desk.turn()
    for path in ("/events", "/customers/user:ana/events"):
        found = pages(desk, f"{path}?name=Order+Completed")
        assert len(found) > 1
        assert entries(found, "name") == ["Order Completed"]


def test_a_cursor_is_good_for_its_list_and_filters_alone(desk: Desk) -> None:
    desk.people("ana", "ben", "cleo")
    cursor = desk.get("/customers?limit=1").json()["cursor"]
    assert desk.get(f"/customers?limit=2&cursor={cursor}").status_code == 200
    for path in ("/customers?query=ana&", "/events?", "/decisions?", "/segments?", "/customers/user:ana/events?"):
        answer = desk.get(f"{path}cursor={cursor}")
        assert (answer.status_code, answer.json()["title"]) == (400, "The cursor does not fit")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_a_made_up_cursor_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(ApiError, match="invalid-cursor"):
        cursors.read(text, int, "list", b"secret")


def test_a_cursor_is_read_back_and_never_when_a_bit_is_changed() -> None:
    cursor = cursors.written((5, "ana"), "list", b"secret")
    assert cursors.read(cursor, tuple[int, str], "list", b"secret") == (5, "ana")
    for about, secret in (("another", b"secret"), ("list", b"other")):
        with pytest.raises(ApiError):
            cursors.read(cursor, tuple[int, str], about, secret)
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    with pytest.raises(ApiError):
        cursors.read(flipped, tuple[int, str], "list", b"secret")


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(-1, 210))
def test_the_beginning_of_a_time_is_found_by_halving(pauses: list[int], instant: int) -> None:
    clock = ManualClock(0)
    log = MemoryLog(clock)
    for number, pause in enumerate(pauses):
        clock.advance(pause)
        log.append([Event(id=str(number), source="shop", type="track", name="x", occurred_at=0, user_id="ana")])
    position = events.before(log, instant)
    for record in log.scan():
        assert (record.position <= position) == (record.received_at < instant)


def test_times_of_reception_bound_the_log(desk: Desk) -> None:
    desk.track("Product Viewed")
    (event,) = desk.get("/events?name=Product+Viewed").json()["data"]
    at = event["received_at"]
    assert len(desk.get(f"/events?name=Product+Viewed&since={at}").json()["data"]) == 1
    assert desk.get(f"/events?name=Product+Viewed&until={at}").json()["data"] == []
    assert desk.get("/events?since=2100-01-01T00:00:00Z").json()["data"] == []


def test_an_address_of_a_next_page_keeps_an_id_with_a_slash(desk: Desk) -> None:
    for n in range(2):
        desk.track("Product Viewed", "a/b?c", properties={"n": n})
    desk.turn()
    answer = desk.get("/customers/user:a%2Fb%3Fc/events?limit=1").json()
    assert urlsplit(answer["next"]).path == "/api/v1/customers/user:a%2Fb%3Fc/events"
    assert len(entries(pages(desk, "/customers/user:a%2Fb%3Fc/events?limit=1"), "id")) == 2
