"""Clients from npm: installed once from their lock file, run as their documentation shows."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .live import KEY, Live

HERE = Path(__file__).parent / "node"
BUILD = Path(__file__).parents[2] / "build" / "node"
FILES = ("package.json", "package-lock.json", ".npmrc")


def installed() -> Path:
    """The folder with the clients; filled the first time, and again when the lock file changes."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Several test processes may want it at once.
        note, wanted = BUILD / "installed-lock.json", (HERE / "package-lock.json").read_bytes()
        if not note.is_file() or note.read_bytes() != wanted:
            for name in FILES:
                shutil.copy(HERE / name, BUILD / name)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(command, cwd=BUILD, capture_output=True, text=True)
            if done.returncode != 0:
                pytest.skip(f"npm could not install the clients (is there a network?): {done.stderr[-300:]}")
            note.write_bytes(wanted)
    return BUILD


def run(clients: Path, client: str, server: Live, scenario: str, key: str = KEY, **environment: str) -> str:
    """Let the client do what its file calls the scenario. What it complained of, or nothing when all went well."""
    command = ["node", str(HERE / f"{client}.cjs"), server.url, key, scenario]
    variables = {**os.environ, "CLIENTS": str(clients), **environment}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
    return done.stderr or "it failed without a word" if done.returncode else ""
