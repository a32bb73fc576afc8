"""A POST with an idempotency key can be repeated: the same answer again, and nothing done twice."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from habitue.model.api_key import KeptAnswer
from habitue.model.instant import DAY
from habitue.store.sqlite.api import SqliteApi

from .desk import Desk, office, open_desk

VIEW = {"events": [{"name": "Product Viewed", "user_id": "ana"}]}


def names(desk: Desk) -> list[str]:
    return [record.event.name for record in desk.parts.log.scan()][1:]


def test_the_same_request_gets_the_same_answer_and_is_carried_out_once(desk: Desk) -> None:
    first, second = (desk.post("/events", VIEW, Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert names(desk) == ["Product Viewed"]


def test_without_a_key_the_same_request_is_another(desk: Desk) -> None:
    desk.post("/events", VIEW)
    desk.post("/events", VIEW)
    assert names(desk) == ["Product Viewed"] * 2


@pytest.mark.parametrize(
    ("path", "body"),
    [("/events", {"events": [{"name": "Product Added", "user_id": "ana"}]}), ("/customers", {"user_id": "ana"})],
)
def test_another_request_under_the_same_key_is_refused(desk: Desk, path: str, body: Any) -> None:
    desk.post("/events", VIEW, Idempotency_Key="k1")
    answer = desk.post(path, body, Idempotency_Key="k1")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("#problem-idempotency-mismatch")
    assert names(desk) == ["Product Viewed"]


def test_keys_of_two_programs_have_nothing_to_do_with_each_other(desk: Desk) -> None:
    for headers in (desk.headers, desk.key(name="shop")):
        answer = desk.http.post("/api/v1/events", json=VIEW, headers={**headers, "Idempotency-Key": "k1"})
        assert "idempotency-replayed" not in answer.headers
    assert names(desk) == ["Product Viewed"] * 2


def test_a_request_that_failed_is_not_remembered(desk: Desk) -> None:
    assert desk.post("/events", {"events": [{"name": "x"}]}, Idempotency_Key="k1").status_code == 422
    assert desk.post("/events", VIEW, Idempotency_Key="k1").status_code == 202


def test_a_key_that_is_too_long_is_refused(desk: Desk) -> None:
    answer = desk.post("/events", VIEW, Idempotency_Key="k" * 256)
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_events_are_not_kept_twice_even_when_the_answer_never_reached_the_disk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a power cut between the two."""
    with monkeypatch.context() as cut:
        cut.setattr(desk.parts.api, "keep_answer", lambda *_arguments: 1 / 0)
        assert desk.post("/events", VIEW, Idempotency_Key="k1").status_code == 500
    assert desk.post("/events", VIEW, Idempotency_Key="k1").status_code == 202
    assert names(desk) == ["Product Viewed"]


def test_answers_outlive_the_process(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        headers = desk.headers
        first = desk.post("/write-keys", {"source": "shop"}, Idempotency_Key="k1").json()
    with open_desk(tmp_path) as desk:
        desk.headers = headers
        assert desk.post("/write-keys", {"source": "shop"}, Idempotency_Key="k1").json() == first
        assert len(desk.parts.keys.all()) == 1


def test_answers_are_kept_for_a_day(tmp_path: Path) -> None:
    store = SqliteApi(tmp_path / "api.db")
    kept = KeptAnswer(fingerprint=b"f", status=202, body=b"{}")
    store.keep_answer("crm", "k1", kept, 0)
    assert store.answer("crm", "k1", DAY - 1) == kept
    assert store.answer("crm", "k1", DAY) is None
    later = KeptAnswer(fingerprint=b"g", status=202, body=b"{}")
    store.keep_answer("crm", "k1", later, DAY)
    assert store.answer("crm", "k1", DAY) == later
    store.close()


def test_a_secret_is_not_kept_with_the_answer(desk: Desk, tmp_path: Path) -> None:
    ask = {"name": "reader", "scopes": ["events:read"]}
    first, second = (desk.post("/api-keys", ask, Idempotency_Key="k1").json() for _ in range(2))
    assert second == {**first, "token": None}
    written = b"".join(path.read_bytes() for path in tmp_path.glob("api.db*"))
    assert first["token"].encode() not in written


def test_a_request_that_is_being_answered_is_told_to_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    held, entered = threading.Event(), threading.Event()
    create = desk.parts.keys.create

    def slow(*arguments: Any, **more: Any) -> Any:
        entered.set()
        held.wait(10)
        return create(*arguments, **more)

    monkeypatch.setattr(desk.parts.keys, "create", slow)

    async def both() -> list[int]:
        transport = httpx.ASGITransport(office(desk.parts))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.example/api/v1") as http:
            headers = {**desk.headers, "Idempotency-Key": "k1"}
            first = asyncio.create_task(http.post("/write-keys", json={"source": "shop"}, headers=headers))
            await asyncio.to_thread(entered.wait, 10)
            second = await http.post("/write-keys", json={"source": "shop"}, headers=headers)
            held.set()
            return [(await first).status_code, second.status_code]

    assert asyncio.run(both()) == [201, 409]
    assert len(desk.parts.keys.all()) == 1
