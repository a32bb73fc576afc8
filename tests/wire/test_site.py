"""The one HTTP application: every room answers, health is honest, and figures are those that are documented."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from habitue import wire
from habitue.run.lock import Lock
from habitue.run.supervisor import STATUS_FILE, SYSTEM, ProcessStatus
from habitue.settings import Http, Secret, Settings
from habitue.wire import Parts
from habitue.wire.site import application

EVENT = {"type": "track", "event": "Product Viewed", "userId": "ana", "messageId": "1"}


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = wire.create(tmp_path, environ={})
    yield made
    made.close()


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    with TestClient(application(parts), follow_redirects=False) as client:
        yield client


def authorization(parts: Parts) -> dict[str, str]:
    key = parts.keys.create("shop", 0).key
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def test_an_event_with_a_key_of_ours_is_in_the_log_when_the_answer_comes(parts: Parts, client: TestClient) -> None:
    answer = client.post("/v1/track", json=EVENT, headers=authorization(parts))
    assert answer.json() == {"success": True}
    assert [record.event.source for record in parts.log.scan()] == ["shop"]


def test_an_event_without_a_key_is_refused(client: TestClient) -> None:
    assert client.post("/v1/track", json=EVENT).status_code == 400


def test_a_withdrawn_key_is_refused(parts: Parts, client: TestClient) -> None:
    headers = authorization(parts)
    parts.keys.revoke(parts.keys.all()[0].key, 1)
    assert client.post("/v1/track", json=EVENT, headers=headers).status_code == 400


def test_a_slash_too_many_is_answered_and_never_redirected(parts: Parts, client: TestClient) -> None:
    assert client.post("/v1/track/", json=EVENT, headers=authorization(parts)).status_code == 200


def test_every_room_has_its_doors_in_the_one_application(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/onsite.js").status_code == 200
    assert client.get("/console/").status_code in (200, 303, 307)
    assert client.get("/u/nonsense").status_code in (400, 404)


def test_no_answer_lets_the_browser_guess_its_type(client: TestClient) -> None:
    for path in ("/healthz", "/console/", "/v1/projects/x/settings", "/nowhere"):
        assert client.get(path).headers["x-content-type-options"] == "nosniff"


def test_it_is_ready_when_every_process_is(parts: Parts, client: TestClient) -> None:
    Lock(parts.data, SYSTEM).hold()
    statuses = [ProcessStatus(role=role, pid=1, ready=True, starts=1, since=0) for role in ("http", "decide")]
    (parts.data / STATUS_FILE).write_bytes(msgspec.json.encode(statuses))
    assert client.get("/readyz").status_code == 200


def test_it_is_not_ready_while_a_process_is_not_and_says_which(parts: Parts, client: TestClient) -> None:
    lock = Lock(parts.data, SYSTEM)
    lock.hold()
    statuses = [ProcessStatus(role="decide", pid=1, ready=False, starts=3, since=0)]
    (parts.data / STATUS_FILE).write_bytes(msgspec.json.encode(statuses))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["decide"] == "not ready: started 3 times"


def test_it_is_not_ready_while_an_alarm_stands_that_halts_the_work(parts: Parts, client: TestClient) -> None:
    parts.alarms.sound("disk_low", "/srv", "3 MB free", 1)
    assert client.get("/readyz").status_code == 200
    parts.alarms.sound("disk_full", "/srv", "0 MB free", 1)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["alarms"] == ["disk_full", "disk_low"]
    assert "/srv" not in answer.text
    assert 'habitue_alarms{kind="disk_full"} 1.0' in client.get("/metrics").text
    parts.alarms.clear("disk_full", "/srv", 2)
    assert client.get("/readyz").status_code == 200


def test_the_figures_count_what_came_in(parts: Parts, client: TestClient) -> None:
    client.post("/v1/track", json=EVENT, headers=authorization(parts))
    lines = client.get("/metrics").text.splitlines()
    assert "habitue_events_total 1.0" in lines
    assert "habitue_undecided_events 1.0" in lines


def test_figures_ask_for_their_token_when_there_is_one(tmp_path: Path) -> None:
    parts = Parts(tmp_path, Settings(http=Http(metrics_token=Secret("hush"))))
    client = TestClient(application(parts))
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer hush"}).status_code == 200
    parts.close()


@pytest.mark.parametrize("path", ["/v1/onsite/displayed", "/v1/track", "/console/sign-in"])
def test_whoever_hangs_up_in_the_middle_is_no_failure_of_ours(parts: Parts, path: str) -> None:
    """Else a stranger could fill the log with tracebacks."""
    app, said = application(parts), []  # type: Any, list[Any]
    told: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"email=ana", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def hear() -> dict[str, Any]:
        return told.pop(0)

    async def say(message: dict[str, Any]) -> None:
        said.append(message)

    headers = {"content-type": "application/x-www-form-urlencoded", **authorization(parts)}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }

    async def ask() -> None:
        async with app.router.lifespan_context(app):
            await app(scope, hear, say)

    asyncio.run(ask())
    assert said[0]["status"] == 400
