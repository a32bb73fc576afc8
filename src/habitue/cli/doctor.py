"""`habitue doctor`: is the system well, and if not, what to do."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from habitue import settings as settings_room
from habitue import wire
from habitue.cli.looks import LOOKS, Finding
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import print_json, say
from habitue.errors import HabitueError
from habitue.wire import Parts, soundness


def doctor(
    data: Data = DATA,
    config: Config = None,
    damage: Annotated[
        bool, typer.Option("--damage", help="Look every file through for damage first, now and at full speed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look at everything that can be wrong, and say what to do. Exit code 1 when something is."""
    if damage:
        soundness.look(wire.open_existing(data, config))
    findings = list(_examine(data, config))
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            say(f"{ {'ok': '✓', 'note': '·', 'bad': '✗'}[finding.level] } {finding.what}: {finding.text}")
    if any(finding.level == "bad" for finding in findings):
        raise typer.Exit(1)


def _examine(data: Data, config: Config) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", "python", version)
    yield Finding("ok", "sqlite", sqlite3.sqlite_version)
    try:
        parts = wire.open_existing(data, config)
    except HabitueError as error:
        yield Finding("bad", "data", str(error))
        return
    yield _settings(parts)
    for what, look in LOOKS.items():
        try:
            yield from look(parts)
        except HabitueError as error:
            yield Finding("bad", what, str(error))


def _settings(parts: Parts) -> Finding:
    chosen = []
    for setting in settings_room.catalogue():
        section, _, key = setting.name.partition(".")
        value = getattr(getattr(parts.settings, section), key)
        if value != setting.default:
            chosen.append(f"{setting.name} = {value}")  # A secret shows dots.
    return Finding("ok", "settings", ", ".join(chosen) or "all at their defaults")
