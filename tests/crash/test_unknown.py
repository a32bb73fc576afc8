"""A letter caught between handing over and recording is `unknown`: shown as such, told to the log, never sent again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from .system import Shoppers, Sink, eventually, running

pytestmark = pytest.mark.crash


def test_a_letter_whose_answer_nobody_heard_is_unknown_and_not_sent_again(tmp_path: Path) -> None:
    sink = Sink()
    sink.hold_back.set()
    with sink, running(tmp_path / "data", sink) as system:
        with httpx.Client() as client:
            Shoppers(system, threads=0).order("ana", client)
        assert sink.holding.wait(30)
        assert system.kill("outbox")
        sink.hold_back.clear()
        eventually(system.is_settled, "the outbox came back and sent the rest")
        states = {delivery.message: delivery.state.value for _, delivery in system.parts.deliveries.list()}
        assert states == {"receipt": "unknown", "care": "accepted"}
        assert sorted(sink.letters.values()) == [1, 1]
        command = [sys.executable, "-m", "habitue", "deliveries", "--data", str(system.data)]
        shown = json.loads(subprocess.check_output([*command, "--state", "unknown", "--json"]))
        assert [delivery["message"] for delivery in shown] == ["receipt"]
        names = [record.event.name for record in system.parts.log.scan()]
        assert names.count("Message Unknown") == 1
        assert system.stop() == 0


def test_a_letter_that_had_not_left_is_sent_after_the_kill_and_nothing_is_unknown(tmp_path: Path) -> None:
    """Connection, sender and recipient come before the mark: killed there, every letter still waits."""
    sink = Sink()
    sink.hold_recipients.set()
    with sink, running(tmp_path / "data", sink) as system:
        with httpx.Client() as client:
            Shoppers(system, threads=0).order("ana", client)
        assert sink.holding.wait(30)
        assert system.kill("outbox")
        sink.hold_recipients.clear()
        eventually(system.is_settled, "the outbox came back and sent everything")
        states = {delivery.message: delivery.state.value for _, delivery in system.parts.deliveries.list()}
        assert states == {"receipt": "accepted", "care": "accepted"}
        assert sorted(sink.letters.values()) == [1, 1]
        assert system.stop() == 0
