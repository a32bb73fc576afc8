"""`habitue version`: which version this is."""

from __future__ import annotations

import platform
import sqlite3

import habitue
from habitue.cli.options import Json
from habitue.cli.output import print_json, say


def version(as_json: Json = False) -> None:
    """Say which version of Habitue this is, and on what it runs."""
    if as_json:
        print_json(
            {"habitue": habitue.__version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
        )
    else:
        say(f"Habitue {habitue.__version__} (Python {platform.python_version()}, SQLite {sqlite3.sqlite_version})")
