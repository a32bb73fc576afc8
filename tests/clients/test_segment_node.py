"""Segment's client for Node, installed from its lock file, against a live server."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .live import KEY, Live

pytestmark = pytest.mark.node

HERE = Path(__file__).parent / "node"
BUILD = Path(__file__).parents[2] / "build" / "node"
FILES = ("package.json", "package-lock.json", ".npmrc")


@pytest.fixture(scope="session")
def clients() -> Path:
    """The folder with the installed clients; installed once, and again when the lock file changes."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Several test processes may want it at once.
        installed, wanted = BUILD / "installed-lock.json", (HERE / "package-lock.json").read_bytes()
        if not installed.is_file() or installed.read_bytes() != wanted:
            for name in FILES:
                shutil.copy(HERE / name, BUILD / name)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(command, cwd=BUILD, capture_output=True, text=True)
            if done.returncode != 0:
                pytest.skip(f"npm could not install the clients (is there a network?): {done.stderr[-300:]}")
            installed.write_bytes(wanted)
    return BUILD


def send(clients: Path, server: Live, scenario: str, key: str = KEY) -> subprocess.CompletedProcess[str]:
    command = ["node", str(HERE / "send.cjs"), server.url, key, scenario]
    environment = {**os.environ, "CLIENTS": str(clients)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_each_kind_of_call_arrives(server: Live, clients: Path) -> None:
    done = send(clients, server, "calls")
    assert done.returncode == 0, done.stderr
    events = server.by_type()
    assert set(events) == {"identify", "track", "page", "screen", "group", "alias"}
    assert events["identify"].traits == {"email": "ana@example.com"}
    assert events["page"].properties["name"] == "Home"
    assert events["screen"].anonymous_id == "a1"
    assert events["alias"].previous_id == "a1"
    assert server.dead() == []


@pytest.mark.parametrize(("put_off", "lost"), [([429], 0), ([503], 0), ([], 2)], ids=["429", "503", "answers lost"])
def test_a_client_in_bad_weather_loses_and_doubles_nothing(
    server: Live, clients: Path, put_off: list[int], lost: int
) -> None:
    server.weather.put_off, server.weather.answers_lost = put_off, lost
    done = send(clients, server, "many")
    assert done.returncode == 0, done.stderr
    assert sorted(event.properties["number"] for event in server.events()) == list(range(25))


def test_a_key_nobody_made_is_not_tried_again(server: Live, clients: Path) -> None:
    done = send(clients, server, "calls", key="nobody")
    assert done.returncode == 1
    assert {status for _, status, _ in server.weather.requests} == {400}
    assert len(server.weather.requests) == 1
