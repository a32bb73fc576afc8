"""Backtests: begun from a form, told how far they are, kept without names, and worded as exposure."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import token_of
from tests.console.sample import Sample

from habitue.console.backtest.charts import per_person
from habitue.console.backtests import KEPT_MAX, Kept, Shelf
from habitue.console.jobs import Job, Jobs
from habitue.errors import HabitueError

FORM = {"playbook": "in force", "since": "2026-08-01", "until": "2026-12-01"}


def start(client: TestClient, **form: str) -> Any:
    return client.post("/console/backtest/start", data={"form_token": token_of(client, "/console/"), **FORM, **form})


def report(client: TestClient, address: str) -> str:
    for _ in range(2_000):
        page = client.get(address).text
        if "What the guard stopped" in page:
            return page
        assert "did not come to an end" not in page, page
        time.sleep(0.01)
    raise AssertionError("the backtest never ended")


def test_a_backtest_is_begun_and_its_report_says_what_would_have_come(mina: TestClient) -> None:
    answer = start(mina)
    assert answer.status_code == 303
    page = report(mina, answer.headers["location"])
    assert "Messages a day" in page and "Overlap of journeys" in page
    assert "Exposure, not effect" in page
    sent = re.search(r"Sent</span><span class=\"tile-figure\">([\d,]+)", page)
    assert sent is not None and int(sent[1].replace(",", "")) > 0
    assert answer.headers["location"] in mina.get("/console/backtest").text


def test_a_fragment_that_waited_is_led_to_the_whole_report(mina: TestClient) -> None:
    address = start(mina, journey="cart").headers["location"]
    report(mina, address)
    assert mina.get(address, headers={"HX-Request": "true"}).headers["HX-Redirect"] == address


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"since": "2026-12-02"}, "period is empty"),
        ({"since": "soon"}, "both days as dates"),
        ({"since": "2001-01-01"}, "longer than"),
        ({"playbook": "99"}, "not there any more"),
        ({"against": "in force"}, "Held against itself"),
    ],
)
def test_what_cannot_be_rehearsed_is_said_over_the_form(mina: TestClient, form: dict[str, str], said: str) -> None:
    answer = start(mina, **form)
    assert answer.status_code == 422 and said in answer.text


def test_a_report_holds_nobody(mina: TestClient, shop: Sample, tmp_path: Path) -> None:
    report(mina, start(mina).headers["location"])
    kept = [path.read_text() for path in shop.shelf_folder.glob("*.json")]
    ids = set(shop.store.customer_ids())
    assert kept and not any(identity in text for text in kept for identity in ids)


def test_one_that_is_gone_says_why_it_may_be(mina: TestClient) -> None:
    for identity in ("0123456789ab", "x"):
        answer = mina.get(f"/console/backtest/{identity}")
        assert answer.status_code == 404 and "began anew" in answer.text


def test_the_shelf_keeps_the_newest(mina: TestClient, shop: Sample, tmp_path: Path) -> None:
    address = start(mina).headers["location"]
    report(mina, address)
    one = shop.shelf.get(address.rsplit("/", 1)[1])
    assert isinstance(one, Kept)
    shelf = Shelf(tmp_path / "shelf")
    assert shelf.all() == []
    for number in range(KEPT_MAX + 2):
        one.id, one.at = f"{number:012x}", number
        shelf.put(one)
    assert [kept.at for kept in shelf.all()] == list(range(KEPT_MAX + 1, 1, -1))
    (tmp_path / "shelf" / f"{5:012x}.json").write_text("{")
    assert shelf.get(f"{5:012x}") is None and len(shelf.all()) == KEPT_MAX - 1
    assert shelf.get("../shelf/x") is None
    shelf.remove(f"{6:012x}")
    assert shelf.get(f"{6:012x}") is None


def test_very_many_messages_stand_in_the_last_column() -> None:
    spec = per_person(None, {0: 5, 3: 2, 25: 1, 40: 1})  # type: ignore[arg-type]  # It looks at nothing of the visit.
    assert spec["x"][-1] == "20 or more" and spec["series"][0]["data"][-1] == 2
    assert per_person(None, {})["series"][0]["data"] == [0]  # type: ignore[arg-type]


def test_work_is_done_once_one_at_a_time_and_can_be_stopped() -> None:
    jobs, go, done = Jobs(), threading.Event(), []

    def slow(job: Job) -> str:
        job.tell(0.5)
        go.wait(10)
        done.append(job)
        if job.is_stopped:
            raise HabitueError("stopped")
        return "answer"

    first, again = jobs.start("x a", slow), jobs.start("x a", slow)
    second = jobs.start("x b", slow)
    assert first is again
    jobs.forget("x b")
    go.set()
    while not (first.is_done and second.is_done):
        time.sleep(0.001)
    assert (first.answer, second.answer) == ("answer", None) and done == [first]
    failed = jobs.start("c", lambda _job: 1 // 0)
    while not failed.is_done:
        time.sleep(0.001)
    assert "server's log" in failed.problem
