"""API keys: shown once and kept as hashes, withdrawn, counted, and never able to make a stronger one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from typer.testing import CliRunner

from habitue.api.gate import REMEMBERED_SECONDS, Gate
from habitue.api.problems import ApiError, Kind
from habitue.cli import app
from habitue.model.api_key import Scope
from habitue.model.instant import MINUTE
from habitue.run.clock import ManualClock
from habitue.store.sqlite.api import ApiKeyProblem, SqliteApi

from .desk import Desk


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = SqliteApi(tmp_path / "api.db")
    yield store
    store.close()


def test_a_token_is_found_by_its_hash_and_is_nowhere_on_the_disk(store: SqliteApi, tmp_path: Path) -> None:
    key, token = store.create_key("crm", [Scope.EVENTS_READ], 5)
    assert token.startswith("hab_")
    assert len(token) >= 4 + 43  # 256 bits in base 64.
    assert store.key_of(token) == key
    assert store.key_of(token[:-1]) is None
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert key.hint.encode() in written
    assert token.encode() not in written
    assert token[4:].encode() not in written


def test_a_withdrawn_key_opens_nothing_and_stays_in_the_list(store: SqliteApi) -> None:
    key, token = store.create_key("crm", [Scope.EVENTS_READ], 5)
    store.withdraw_key(key.id, 9)
    assert store.key_of(token) is None
    assert [(one.id, one.withdrawn_at) for one in store.all_keys()] == [(key.id, 9)]
    with pytest.raises(ApiKeyProblem, match="habitue api-key list"):
        store.withdraw_key(key.id, 10)


@pytest.mark.parametrize("name", ["", "habitue", "CRM", "c r m", "x" * 41])
def test_a_name_that_cannot_be_a_source_is_refused(store: SqliteApi, name: str) -> None:
    with pytest.raises(ApiKeyProblem, match="cannot name an API key"):
        store.create_key(name, [Scope.EVENTS_READ], 5)


def test_a_key_without_scopes_is_refused(store: SqliteApi) -> None:
    with pytest.raises(ApiKeyProblem, match="opens nothing"):
        store.create_key("crm", [], 5)


class Watch:
    """The machine's time, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def asked_with(token: str) -> Request:
    return Request({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})


def test_a_key_withdrawn_elsewhere_is_noticed_within_seconds(store: SqliteApi) -> None:
    key, token = store.create_key("crm", [Scope.EVENTS_READ], 5)
    watch = Watch()
    gate = Gate(store, ManualClock(9), 10, watch)
    assert asyncio.run(gate.key(asked_with(token))) == key
    store.withdraw_key(key.id, 9)
    watch.seconds = REMEMBERED_SECONDS + 0.1
    with pytest.raises(ApiError, match="unknown or withdrawn"):
        asyncio.run(gate.key(asked_with(token)))


def test_the_last_use_is_noted_about_once_a_minute(store: SqliteApi) -> None:
    key, token = store.create_key("crm", [Scope.EVENTS_READ], 5)
    clock = ManualClock(MINUTE)
    gate = Gate(store, clock, 10)

    def used() -> int | None:
        asyncio.run(gate.key(asked_with(token)))
        found = store.key(key.id)
        return found.last_used_at if found else None

    assert used() == MINUTE
    clock.advance(MINUTE // 2)
    assert used() == MINUTE
    clock.advance(MINUTE // 2)
    assert used() == 2 * MINUTE


def test_a_key_that_asks_too_often_is_told_when_to_come_back_and_others_are_not(store: SqliteApi) -> None:
    ana, ben = (store.create_key(name, [Scope.EVENTS_READ], 5)[0] for name in ("ana", "ben"))
    watch = Watch()
    gate = Gate(store, ManualClock(), 2, watch)
    assert gate.count(ana) == {"RateLimit-Policy": '"key";q=2;w=60', "RateLimit": '"key";r=1;t=60'}
    watch.seconds = 20
    assert gate.count(ana)["RateLimit"] == '"key";r=0;t=40'
    with pytest.raises(ApiError) as refused:
        gate.count(ana)
    assert refused.value.kind is Kind.TOO_MANY_REQUESTS
    assert refused.value.headers["Retry-After"] == "40"
    assert gate.count(ben)["RateLimit"] == '"key";r=1;t=60'
    watch.seconds = 60
    assert gate.count(ana)["RateLimit"] == '"key";r=1;t=60'


def test_a_key_makes_no_key_that_may_do_more(desk: Desk) -> None:
    weak = desk.key([Scope.KEYS_WRITE, Scope.EVENTS_READ])
    made = desk.http.post("/api/v1/api-keys", json={"name": "x", "scopes": ["events:read"]}, headers=weak)
    assert made.status_code == 201
    more = desk.http.post("/api/v1/api-keys", json={"name": "x", "scopes": ["events:write"]}, headers=weak)
    assert (more.status_code, "events:write" in more.json()["detail"]) == (403, True)


def test_a_key_withdrawn_here_is_closed_at_once(desk: Desk) -> None:
    made = desk.post("/api-keys", {"name": "x", "scopes": ["events:read"]}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert desk.get("/events", headers=headers).status_code == 200
    assert desk.delete(f"/api-keys/{made['id']}").status_code == 204
    assert desk.get("/events", headers=headers).status_code == 401
    assert desk.delete(f"/api-keys/{made['id']}").status_code == 204
    assert desk.delete("/api-keys/nothing").status_code == 404


def test_no_list_shows_a_token(desk: Desk) -> None:
    token = desk.token()
    assert token not in desk.get("/api-keys").text
    assert [key["name"] for key in desk.get("/api-keys").json()["data"]] == ["crm", "crm"]


def test_the_command_line_makes_lists_and_withdraws_keys(tmp_path: Path) -> None:
    def habitue(*words: str) -> Any:
        return CliRunner().invoke(app, ["api-key", *words, "--data", str(tmp_path)])

    token = habitue("create", "crm", "--scope", "events:read", "--scope", "customers:read").output.strip()
    store = SqliteApi(tmp_path / "api.db")
    key = store.key_of(token)
    assert key is not None
    assert key.scopes == (Scope.CUSTOMERS_READ, Scope.EVENTS_READ)
    listed = habitue("list").output
    assert key.id in listed
    assert token not in listed
    assert habitue("withdraw", key.id).exit_code == 0
    assert store.key_of(token) is None
    assert "is no scope" in str(habitue("create", "crm", "--scope", "events").exception)
    store.close()
