"""A backup made under load: what is restored of it goes on, proves itself, loses nothing and sends nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from habitue.wire import backup

from .system import Shoppers, Sink, eventually, running

pytestmark = [pytest.mark.crash, pytest.mark.long]


def habitue(*arguments: str) -> str:
    command = [sys.executable, "-m", "habitue", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_backup_under_load_comes_back_whole_and_sends_nothing_twice(tmp_path: Path) -> None:
    data, new = tmp_path / "data", tmp_path / "new" / "data"
    with Sink() as sink:
        with running(data, sink) as system:
            copies = []
            with Shoppers(system, threads=3, pause_seconds=0.02) as shoppers:
                eventually(lambda: len(shoppers.orders) > 20, "the shop is at work")
                for number in range(3):
                    kept, count = list(shoppers.kept), len(shoppers.kept)
                    copy = tmp_path / f"copy-{number}"
                    habitue("backup", str(copy), "--data", str(data))
                    copies.append((copy, kept))
                    eventually(lambda before=count: len(shoppers.kept) > before, "the shop goes on")
            eventually(system.is_settled, "everything is decided and sent")
            assert system.stop() == 0
        for copy, kept in copies[:-1]:
            assert backup.verify(copy).log_position + 1 >= len(kept)
        copy, kept = copies[-1]
        new.parent.mkdir()
        habitue("restore", str(copy), "--data", str(new))
        with running(new, sink, restored=True) as again:
            eventually(again.is_settled, "everything of the backup is decided and brought to its end")
            known = {record.event.id for record in again.parts.log.scan()}
            assert set(kept) <= known, "what was accepted before the backup began is in it"
            with Shoppers(again, threads=1, name="after") as more:
                eventually(lambda: len(more.orders) > 3, "the restored shop takes orders")
            eventually(again.is_settled, "the new orders are decided and sent")
            assert again.stop() == 0
        assert [letter for letter, times in sink.letters.items() if times > 1] == []
        assert len(sink.letters) >= 2 * (len(shoppers.orders) + len(more.orders))
        assert "byte for byte" in habitue("prove", "--data", str(new))
