"""The supervisor: processes that die come back, those told to stop finish first, and none outlives its keeper."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from habitue.run.lock import Lock, Occupied
from habitue.run.supervisor import ProcessStatus, Supervisor, read_status

WORKER = """
import argparse, sys
from pathlib import Path
from habitue.run.lifeline import Lifeline

options = argparse.ArgumentParser()
options.add_argument("role")
options.add_argument("data", type=Path)
options.add_argument("--ready-fd", type=int)
options.add_argument("--lifeline-fd", type=int)
given = options.parse_args()

line = Lifeline(given.ready_fd, given.lifeline_fd)
line.stop_on_signals()
line.say_ready()
while not line.wait(60):
    pass
with open(given.data / "ended", "a") as ended:
    ended.write(given.role + "\\n")
"""


def eventually(question: Callable[[], bool], what: str) -> None:
    """Patient, so that a busy machine does not fail the test; quick, so that an idle one does not wait."""
    deadline = time.monotonic() + 30
    while not question():
        assert time.monotonic() < deadline, f"waited for 30 s in vain until {what}"
        time.sleep(0.01)


def commands(data: Path, *roles: str) -> dict[str, list[str]]:
    return {role: [sys.executable, "-c", WORKER, role, str(data)] for role in roles}


class Kept:
    """A supervisor at work in a thread; its signal handlers are not installed, since a thread may not."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch, *roles: str) -> None:
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        self.data = data
        self.is_ready = threading.Event()
        self.supervisor = Supervisor(data, commands(data, *roles), ready=self.is_ready.set)
        self.thread = threading.Thread(target=self.supervisor.run)

    def __enter__(self) -> Kept:
        self.thread.start()
        assert self.is_ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self.supervisor.request_stop()
        self.thread.join(30)
        assert not self.thread.is_alive()

    def status(self, role: str) -> ProcessStatus:
        return next(status for status in read_status(self.data) if status.role == role)


def test_a_killed_process_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Kept(tmp_path, monkeypatch, "one", "two") as kept:
        first = kept.status("two")
        os.kill(first.pid, signal.SIGKILL)
        eventually(lambda: kept.status("two").starts == 2 and kept.status("two").ready, "it is back")
        assert kept.status("two").pid != first.pid
        assert kept.status("one").starts == 1


def test_the_first_process_ends_before_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Kept(tmp_path, monkeypatch, "http", "decide"):
        pass
    assert (tmp_path / "ended").read_text().splitlines() == ["http", "decide"]
    assert read_status(tmp_path) == []


def test_a_process_that_keeps_failing_is_not_started_in_a_whirl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    supervisor = Supervisor(tmp_path, {"broken": [sys.executable, "-c", "raise SystemExit(3)"]})
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    eventually(lambda: supervisor.statuses()[0].starts >= 3, "it was tried three times")
    process = supervisor._processes[0]
    eventually(lambda: process.failures >= 3, "the third failure was seen")
    assert process.start_at is not None
    supervisor.request_stop()
    thread.join(30)


def test_processes_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    keeper = (
        "import sys; from pathlib import Path; from habitue.run.supervisor import Supervisor\n"
        "worker, data = sys.argv[1], sys.argv[2]\n"
        "Supervisor(Path(data), {'one': [sys.executable, '-c', worker, 'one', data]}).run()"
    )
    child = subprocess.Popen([sys.executable, "-c", keeper, WORKER, str(tmp_path)], stderr=subprocess.DEVNULL)
    eventually(lambda: any(status.ready for status in read_status(tmp_path)), "the process is ready")
    child.kill()
    child.wait()
    eventually((tmp_path / "ended").exists, "the process has ended")


def test_two_systems_do_not_run_in_one_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Kept(tmp_path, monkeypatch, "one"), pytest.raises(Occupied, match="choose another directory"):
        Supervisor(tmp_path, commands(tmp_path, "one")).run()


def test_a_lock_is_free_again_when_it_is_let_go(tmp_path: Path) -> None:
    lock = Lock(tmp_path, "decide")
    assert not lock.is_held()
    lock.hold()
    assert Lock(tmp_path, "decide").is_held()
    with pytest.raises(Occupied):
        Lock(tmp_path, "decide").hold()
    lock.release()
    Lock(tmp_path, "decide").hold()
