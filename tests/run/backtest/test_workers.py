"""However many processes share a backtest, it comes to the same; and they end when they are to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from tests.decide.world import NOON
from tests.run.backtest.by_crank import bare, decided, order

from habitue import wire
from habitue.demo.online_retail import events as demo_events
from habitue.ingest.envelope import batch_of
from habitue.ingest.pipeline import Reception
from habitue.ingest.settings import IngestSettings
from habitue.model.event import Event, Record
from habitue.model.instant import DAY, MINUTE, SECOND
from habitue.model.trust import Level
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import BacktestStopped, backtest, sharing
from habitue.run.backtest.lives import Lives
from habitue.run.backtest.living import groups_of
from habitue.run.playbook_files import read_directory
from habitue.store.archive.columns import write_rows
from habitue.store.archive.recording import ArchiveRecording

GIFTSHOP = Path(__file__).parents[3] / "playbooks" / "giftshop"
ITEMS = 2_500
END = NOON + 100 * DAY


@pytest.fixture(scope="module")
def giftshop() -> Playbook:
    return load(read_directory(GIFTSHOP))


@pytest.fixture(scope="module")
def orders() -> list[Record]:
    """The beginning of the demo's history: some 2,000 orders, and those who made them."""
    items = list(islice(demo_events(date(2026, 5, 28)), ITEMS))
    reception = Reception(source="shop", level=Level.SERVER, received_at=END, country="GB")
    received = batch_of({"batch": items}, reception, IngestSettings(batch_events_max=ITEMS))
    assert len(received.events) == ITEMS
    return [Record(position, END, event) for position, event in enumerate(received.events)]


def test_the_demos_history_comes_to_the_decisions_of_the_crank(giftshop: Playbook, orders: list[Record]) -> None:
    until = orders[-1].event.occurred_at + DAY
    lives = Lives(giftshop, 0, until)
    found = [one for group in groups_of([one.event for one in orders], [lives]) for one in lives.live(group).decisions]
    rehearsed = sorted((bare(one) for one in found if one.journey is not None), key=order)
    assert rehearsed == decided(orders, giftshop, until)
    assert len(rehearsed) > ITEMS


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is enough for several processes."""
    monkeypatch.setattr(sharing, "FEW_ROWS", 0)
    monkeypatch.setattr(sharing, "ROWS_PER_PIECE", 600)
    monkeypatch.setattr(sharing, "ROWS_PER_SHARD", 300)


@pytest.mark.usefixtures("shared")
def test_several_processes_come_to_the_report_of_one(
    giftshop: Playbook, orders: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("habitue.store.archive.recording.TAIL_ROWS", 400)
    period = {"since": orders[-1].event.occurred_at - 30 * DAY, "until": orders[-1].event.occurred_at + DAY}
    told: list[tuple[int, int]] = []
    recording = ArchiveRecording(None, tail=orders)
    one = backtest(recording, giftshop, **period, workers=1)
    assert backtest(recording, giftshop, **period, workers=3, progress=lambda *how: told.append(how)) == one
    assert backtest(orders, giftshop, **period) == one
    assert told[-1][1] == one.lived == ITEMS
    assert one.sent > 100


@pytest.mark.usefixtures("shared")
def test_a_backtest_that_is_stopped_leaves_nothing_behind(
    giftshop: Playbook, orders: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for workers in (1, 2):
        with pytest.raises(BacktestStopped):
            backtest(
                ArchiveRecording(None, tail=orders), giftshop, since=0, until=END, workers=workers, stop=lambda: True
            )
    assert list(tmp_path.iterdir()) == []


def visits(count: int) -> list[Record]:
    """Each of somebody else, a second apart."""
    return [
        Record(
            number,
            NOON + number * SECOND,
            Event(
                id=f"m{number}",
                source="web",
                type="track",
                name="Product Added",
                occurred_at=NOON + number * SECOND,
                anonymous_id=f"d{number}",
            ),
        )
        for number in range(count)
    ]


def test_ctrl_c_ends_a_backtest_and_all_its_processes(tmp_path: Path) -> None:
    data, archive = tmp_path / "data", tmp_path / "archive"
    parts = wire.create(data, environ={})
    wire.apply_playbook(parts, read_directory(GIFTSHOP), "tests")
    parts.close()
    part = archive / "events" / "date=2026-05-28" / "0.parquet"
    part.parent.mkdir(parents=True)
    write_rows(part, "events", [(record, None) for record in visits(4 * sharing.FEW_ROWS)])
    command = [sys.executable, "-m", "habitue", "backtest", "--data", str(data), "--archive-folder", str(archive)]
    command += ["--workers", "2", "--from", "2026-05-01", "--to", "2026-06-30"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _wait_for(lambda: len(_processes(process.pid)) >= 4)  # Itself, two workers, and who looks after what they share.
    os.killpg(process.pid, signal.SIGINT)
    try:
        ended = process.wait(timeout=2)
    except subprocess.TimeoutExpired:  # Python drops an interrupt that comes while it tidies up; people press it again.
        os.killpg(process.pid, signal.SIGINT)
        ended = process.wait(timeout=60)
    assert ended != 0
    _wait_for(lambda: not _processes(process.pid))


def _processes(session: int) -> list[int]:
    """Those of a session that run, by what /proc says; field 6 is the session."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def _wait_for(holds: object, minutes: int = 1) -> None:
    ends = time.monotonic() + minutes * MINUTE / SECOND
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.05)
