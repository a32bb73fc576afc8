"""Backtests: begun from a form, told how far they are, kept without names, and worded as exposure."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.console.conftest import signed_in, token_of
from tests.console.sample import Sample

from habitue.console.backtest.charts import per_person
from habitue.console.backtests import KEPT_MAX, Kept, Shelf, Unfinished
from habitue.console.jobs import Job, Jobs
from habitue.errors import HabitueError
from habitue.model.instant import DAY

FORM = {"playbook": "in force", "since": "2026-08-01", "until": "2026-12-01"}


def start(client: TestClient, **form: str) -> Any:
    return client.post("/console/backtest/start", data={"form_token": token_of(client, "/console/"), **FORM, **form})


def post(client: TestClient, address: str) -> Any:
    return client.post(address, data={"form_token": token_of(client, "/console/")})


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
    sent = re.search(r"Queued</span><span class=\"tile-figure\">([\d,]+)", page)
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
        ({"since": "2001-01-01"}, "longer than 1,100 days"),
        ({"since": "2027-01-01", "until": "2027-02-01"}, "lies in the future"),
        ({"journey": "<script>"}, "not in the playbook you chose"),
        ({"playbook": "99"}, "not there any more"),
        ({"against": "in force"}, "Held against itself"),
        ({"against": "1"}, "Held against itself"),
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
        assert answer.status_code == 404 and "stopped or removed" in answer.text


def rehearse_until(monkeypatch: pytest.MonkeyPatch, go: threading.Event) -> None:
    """Let a backtest last until then, and fail when nobody stopped it before."""

    def wait(
        self: Sample, *_: Any, progress: Callable[[int, int], None], stop: Callable[[], bool], **asked: Any
    ) -> Any:
        progress(43, 100)
        while not (go.wait(0.005) or stop()):
            pass
        raise HabitueError("history is kept since 1 May 2026 only; begin the period then or later")

    monkeypatch.setattr(Sample, "_rehearse", wait)


def anew_signed_in(shop: Sample, directory: Path, name: str) -> TestClient:
    """A client of a server that has just been started over this shop."""
    (directory / name).mkdir()
    return signed_in(shop, directory / name)


def until_said(client: TestClient, address: str, said: str) -> None:
    for _ in range(2_000):
        if said in client.get(address).text:
            return
        time.sleep(0.005)
    raise AssertionError(f"{said!r} was never said")


def again(page: str) -> dict[str, str]:
    """What the button that runs it again would send."""
    form = re.findall(r'<form method="post" action="/console/backtest/start">(.*?)</form>', page, re.DOTALL)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))


def test_one_that_a_restart_cut_off_says_so_and_runs_again_with_the_same_questions(
    small_shop: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    with monkeypatch.context() as patched:
        rehearse_until(patched, go)
        before = anew_signed_in(small_shop, tmp_path, "before")
        address = start(before, journey="cart", since="2026-09-01", until="2026-09-03").headers["location"]
        waiting = start(before).headers["location"]
        until_said(before, address, "43 percent")
        listed = before.get("/console/backtest").text
        assert address in listed and "43 percent" in listed
        assert "Waits for the one before it" in before.get(waiting).text

    after = anew_signed_in(small_shop, tmp_path, "after")
    assert "interrupted by a restart" in after.get(address, headers={"HX-Request": "true"}).text
    assert after.get("/console/backtest").text.count("interrupted by a restart") == 2
    page = after.get(address).text
    assert "interrupted by a restart" in page and "1 Sep to 3 Sep 2026" in page

    asked = again(page)
    assert asked == {
        "form_token": asked["form_token"],
        "playbook": "1",
        "against": "",
        "journey": "cart",
        "since": "2026-09-01",
        "until": "2026-09-03",
        "again": address.rsplit("/", 1)[1],
    }
    anew = start(after, **asked).headers["location"]
    assert "1 Sep to 3 Sep 2026" in report(after, anew)
    listed = after.get("/console/backtest").text
    assert anew in listed and address not in listed and listed.count("interrupted by a restart") == 1
    for one in (address, waiting):
        post(before, f"{one}/stop")
    assert "interrupted" not in after.get("/console/backtest").text


def unfinished(shop: Sample, address: str) -> Unfinished:
    day = 20_000 * DAY
    return Unfinished(
        id=address.rsplit("/", 1)[1], at=shop.clock.now(), by="ana", playbook="version 1", since=day, until=2 * day
    )


def test_one_that_failed_is_kept_with_what_was_wrong_until_it_is_removed(
    small_shop: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    go.set()
    rehearse_until(monkeypatch, go)
    ana = anew_signed_in(small_shop, tmp_path, "before")
    address = start(ana).headers["location"]
    until_said(ana, address, "did not come to an end")
    for client in (ana, anew_signed_in(small_shop, tmp_path, "after")):
        assert "History is kept since 1 May 2026" in client.get(address).text
        assert "did not come to an end" in client.get("/console/backtest").text
    post(ana, f"{address}/remove")
    assert ana.get(address).status_code == 404 and address not in ana.get("/console/backtest").text


def test_one_whose_draft_is_gone_shows_the_form_instead_of_running_again(small_shop: Sample, tmp_path: Path) -> None:
    ana = signed_in(small_shop, tmp_path)
    kept = msgspec.structs.replace(unfinished(small_shop, "/0123456789ab"), playbook="the draft")
    small_shop.shelf.ask(kept)
    answer = start(ana, **again(ana.get("/console/backtest/0123456789ab").text))
    assert answer.status_code == 422 and "not there any more" in answer.text
    assert "0123456789ab" in ana.get("/console/backtest").text


def test_a_report_is_there_however_the_page_and_its_last_moment_fall_together(
    mina: TestClient, shop: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = start(mina).headers["location"]
    report(mina, address)
    one = shop.shelf.get(address.rsplit("/", 1)[1])
    assert one is not None
    one.id = "0123456789ac"
    shop.shelf.ask(unfinished(shop, "/0123456789ac"))
    looked = Jobs.get

    def look(self: Jobs, key: str) -> Job | None:
        shop.shelf.put(one)
        return looked(self, key)

    monkeypatch.setattr(Jobs, "get", look)
    page = mina.get("/console/backtest/0123456789ac")
    assert page.status_code == 200 and "What the guard stopped" in page.text
    shop.shelf.remove(one.id)


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
    for number in range(KEPT_MAX + 2):
        shelf.ask(msgspec.structs.replace(unfinished(shop, f"/{number:012x}"), at=number))
    assert [kept.at for kept in shelf.unfinished()] == list(range(KEPT_MAX + 1, 1, -1))


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
    told: list[Job] = []
    jobs.forget_done("c")
    assert jobs.get("c") is None and jobs.get("x a") is first
    also = jobs.start("d", lambda _job: 1 // 0, ended=told.append)
    while not also.is_done:
        time.sleep(0.001)
    assert told == [also]
    under_way = jobs.start("e", lambda _job: not go.clear() and go.wait(10))
    jobs.forget_done("e")
    assert jobs.get("e") is under_way
    go.set()
