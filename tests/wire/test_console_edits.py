"""Editing in the console over a real data directory: asked of its history, planned, put in force, and pulled back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import sign_in, token_of
from tests.console.sample import EMAIL, PASSWORD

from habitue import wire
from habitue.model.event import Event
from habitue.model.instant import to_datetime
from habitue.run.playbook_files import read_directory
from habitue.wire import Parts
from habitue.wire.site import application

GIFTSHOP = Path(__file__).parents[2] / "playbooks" / "giftshop"
CONDITION = 'count("Product Viewed", within="7d") >= 2'


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """The gift shop, where Ana looked at three things and Ben at one."""
    made = wire.create(tmp_path, environ={})
    wire.apply_playbook(made, read_directory(GIFTSHOP), "ana@shop.example")
    made.log.append(
        [
            Event(
                id=f"e{n}",
                source="shop",
                type="track",
                name="Product Viewed",
                occurred_at=made.clock.now(),
                user_id=who,
            )
            for n, who in enumerate(("ana", "ana", "ana", "ben"))
        ]
    )
    made.crank().turn(1_000, made.clock.now())
    yield made
    made.close()


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    parts.accounts.create_user(EMAIL, PASSWORD, "Mina Demir")
    with TestClient(application(parts), follow_redirects=False) as client:
        sign_in(client)
        yield client


def test_a_segment_is_counted_saved_planned_and_put_in_force(client: TestClient, parts: Parts) -> None:
    form = {"form_token": token_of(client, "/console/segments"), "text": CONDITION}
    assert "1</strong>" in client.post("/console/segments/count", data=form).text
    assert "data-chart" in client.post("/console/segments/course", data=form).text
    assert client.post("/console/segments/save", data={**form, "title": "Lookers"}).status_code == 303
    plan = client.get("/console/plan").text.partition('name="plan" value="')[2].partition('"')[0]
    impact = "Reckoning"
    while "Reckoning" in impact:
        impact = client.get("/console/plan/impact").text
    assert "1 join" in impact and "Joining" in impact
    answer = client.post("/console/plan/put-in-force", data={**form, "plan": plan, "note": "to see"})
    assert answer.status_code == 303, answer.text
    newest = parts.playbooks.playbooks()[0]
    assert (newest["version"], newest["author"], newest["note"]) == (2, EMAIL, "to see")
    assert CONDITION in (parts.playbooks.playbook(2) or {})["segments.yaml"]


def test_a_backtest_lives_through_the_log_and_is_kept(client: TestClient, parts: Parts) -> None:
    today = to_datetime(parts.clock.now()).date().isoformat()
    form = {"form_token": token_of(client, "/console/backtest"), "playbook": "in force", "since": today, "until": today}
    address = client.post("/console/backtest/start", data=form).headers["location"]
    page = ""
    while "What the guard stopped" not in page:
        page = client.get(address).text
        assert "did not come to an end" not in page
    assert len(list((parts.data / "backtests").glob("*.json"))) == 1


def test_pages_that_ask_history_answer(client: TestClient) -> None:
    for place in ("segments/in-both", "rfm/figures", "rfm/moves", "versions", "versions/1"):
        assert client.get(f"/console/{place}").status_code == 200, place
