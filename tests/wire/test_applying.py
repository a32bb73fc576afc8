"""Processes that apply a playbook: two at once, one that is broken off, one that finds no room."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.decide.world import PLAYBOOK

from habitue import wire
from habitue.model.event import PLAYBOOK_APPLIED, Event
from habitue.model.instant import DAY
from habitue.run.playbook_files import read_directory
from habitue.store.archive import Archive
from habitue.wire.parts import ARCHIVE_FOLDER, FILLS_FOLDER, Parts

KEEN = """keen: {title: Keen, condition: 'count("Product Viewed", within="30d") >= 2'}"""

APPLY = """
import sys
from pathlib import Path
from habitue import wire
from habitue.wire import control, filling
from habitue.cli import main

filling.RECORDS_MIN = 1
data, folder, name = sys.argv[1:4]
{before}
sys.argv = ["habitue", "apply", folder, "--yes", "--author", name, "--data", data]
main()
"""
"""What a process does, with what is put in its way before."""


class Shop:
    """A data directory with a playbook in force, and a folder with the one that is to come."""

    def __init__(self, home: Path) -> None:
        self.parts: Parts = wire.create(home / "data")
        wire.apply_playbook(self.parts, {"playbook.yaml": PLAYBOOK}, "ana")
        now = self.parts.clock.now()
        self.parts.log.append(
            [
                Event(
                    id=f"view {number}",
                    source="web",
                    type="track",
                    name="Product Viewed",
                    occurred_at=now - DAY,
                    user_id=f"user{number % 20}",
                )
                for number in range(60)
            ]
        )
        self.crank = self.parts.crank()
        self.decide()
        archive = Archive(self.parts.data / ARCHIVE_FOLDER)
        while archive.once(self.parts.log, self.parts.view, self.parts.deliveries).more:
            pass
        archive.close()
        self.home = home

    def decide(self) -> None:
        while any(self.crank.turn(50, self.parts.clock.now())):
            pass

    def starts(self, name: str, before: str = "") -> subprocess.Popen[str]:
        """A process that applies a playbook of its own."""
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        (folder / "playbook.yaml").write_text(PLAYBOOK)
        (folder / "segments.yaml").write_text(f"{KEEN}\n# {name}'s\n")
        line = [sys.executable, "-c", APPLY.format(before=before), str(self.parts.data), str(folder), name]
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def applies(self, name: str, before: str = "") -> tuple[int, str]:
        """(exit code, all that it says)"""
        process = self.starts(name, before)
        said = "".join(process.communicate(timeout=60))
        return process.returncode, said

    def applies_again(self, name: str) -> int:
        return wire.apply_playbook(self.parts, read_directory(self.home / name), name)

    @property
    def version(self) -> int:
        """What is decided by."""
        self.decide()
        return self.parts.store.version()

    def fills(self) -> list[str]:
        return [path.name for path in (self.parts.data / FILLS_FOLDER).glob("*")]

    def told(self) -> list[Event]:
        log = self.parts.log
        return [record.event for record in log.named([PLAYBOOK_APPLIED], -1, log.position())]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.parts.close()


MEET = """
import time
real = wire.apply_playbook

def apply_playbook(*given):
    Path(data, name + ".ready").touch()
    while not all(Path(data, one + ".ready").exists() for one in ("ben", "cleo")):
        time.sleep(0.005)
    return real(*given)

wire.apply_playbook = apply_playbook
"""
"""Both have looked at the version in force before either puts hers in force."""


def test_of_two_who_apply_at_once_one_wins_and_the_other_is_told(shop: Shop) -> None:
    both = [shop.starts(name, MEET) for name in ("ben", "cleo")]
    said = ["".join(process.communicate(timeout=60)) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1], said
    [lost] = [text for process, text in zip(both, said, strict=True) if process.returncode]
    assert "planned against version 1, and version 2 is in force now" in lost and "Traceback" not in lost
    assert wire.version_in_force(shop.parts) == 2
    assert [event.properties["version"] for event in shop.told()] == [1, 2]
    assert shop.fills() == [f"{shop.told()[-1].properties['fill']}.db"]
    assert shop.version == 2
    assert shop.fills() == []


LATE = """
import time
append = wire.Parts.log.func

class Slow:
    def __init__(self, log): self._log = log
    def __getattr__(self, name): return getattr(self._log, name)
    def append(self, events, *more):
        Path(data, "kept").touch()
        time.sleep(0.7)
        return self._log.append(events, *more)

from functools import cached_property
wire.Parts.log = cached_property(lambda parts: Slow(append(parts)))
wire.Parts.log.__set_name__(wire.Parts, "log")
"""
"""Its version is kept for a while before the log is told."""

AFTER = """
import time
while not Path(data, "kept").exists():
    time.sleep(0.005)
"""


def test_versions_come_into_force_in_the_order_of_their_numbers(shop: Shop) -> None:
    both = [shop.starts("ben", LATE), shop.starts("cleo", AFTER)]
    said = ["".join(process.communicate(timeout=60)) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert [event.properties["version"] for event in shop.told()] == [1, 2, 3]
    assert shop.version == 3


INTERRUPTED = """
import os, signal, threading
import habitue.analyze.fill

signal.signal(signal.SIGINT, signal.default_int_handler)
real = habitue.analyze.fill.fill

def fill(history, *given):
    yield next(real(history, *given))
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    history.ask("SELECT sum(sqrt(range) * sin(range)) FROM range(400000000)")

habitue.analyze.fill.fill = fill
"""


def test_whoever_breaks_off_while_it_is_counted_changes_nothing(shop: Shop) -> None:
    code, said = shop.applies("ben", INTERRUPTED)
    assert (code, said.strip()) == (130, ""), said
    assert (wire.version_in_force(shop.parts), shop.version, shop.fills()) == (1, 1, [])
    assert shop.applies_again("ben") == shop.version == 2


FULL = """
import resource
def is_full(bytes_max): resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, resource.RLIM_INFINITY))
"""
FULL_WHILE_COUNTED = (
    FULL
    + """
real = filling._write
def write(*given):
    is_full(4_096)
    try:
        return real(*given)
    finally:
        is_full(resource.RLIM_INFINITY)
filling._write = write
"""
)
FULL_WHEN_KEPT = (
    FULL
    + """
real = control.checked
def checked(files):
    is_full(100)
    return real(files)
control.checked = checked
"""
)
FULL_WHEN_TOLD = (
    FULL
    + """
real = control._tell
def tell(*given):
    is_full(100)
    return real(*given)
control._tell = tell
"""
)


def test_where_the_disk_has_no_room_for_what_is_counted_the_log_is_read(shop: Shop) -> None:
    code, said = shop.applies("ben", FULL_WHILE_COUNTED)
    assert code == 0 and "not_counted_beforehand" in said, said
    assert shop.fills() == []
    assert shop.version == 2
    assert shop.parts.view.segment_sizes() == {"keen": 20}


def test_where_the_fills_folder_cannot_be_made_the_log_is_read(shop: Shop) -> None:
    (shop.parts.data / FILLS_FOLDER).write_text("a file where the folder should be")
    code, said = shop.applies("ben")
    assert code == 0 and "not_counted_beforehand" in said, said
    assert shop.version == 2
    assert shop.parts.view.segment_sizes() == {"keen": 20}


def test_a_version_that_cannot_be_kept_is_said_and_applied_when_there_is_room(shop: Shop) -> None:
    code, said = shop.applies("ben", FULL_WHEN_KEPT)
    assert code == 1 and "playbook.db: cannot be written" in said and "Traceback" not in said, said
    assert (wire.version_in_force(shop.parts), shop.version, shop.fills()) == (1, 1, [])
    assert shop.applies_again("ben") == shop.version == 2


def test_a_version_that_the_log_was_not_told_of_is_not_decided_by_until_it_is(shop: Shop) -> None:
    code, said = shop.applies("ben", FULL_WHEN_TOLD)
    assert code == 1 and "log.db: cannot be written" in said and "Traceback" not in said, said
    assert "version 2 is kept, but did not come into force: apply these files again" in said
    assert (shop.version, shop.fills()) == (1, [])
    assert shop.applies_again("ben") == shop.version == 2
    assert shop.parts.view.segment_sizes() == {"keen": 20}
