"""`habitue apply`: put a playbook in force."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.backtest import kept_since
from habitue.cli.check import Folder
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import print_json, say
from habitue.run.playbook_files import read_directory


def apply(
    folder: Folder = Path("."),
    data: Data = DATA,
    config: Config = None,
    author: Annotated[str, typer.Option(help="Who is named as the author of this version.")] = "",
    as_json: Json = False,
) -> None:
    """Check a playbook and put it in force from now on. Runs under way keep the version they entered with."""
    parts = wire.create(data, config)
    version = wire.apply_playbook(parts, read_directory(folder), author or _user())
    since = kept_since(parts)
    if as_json:
        print_json({"version": version, "events_kept_since": since})
        return
    say(f"Version {version} is in force.")
    if since is not None:
        say(f"Events from before {since} are not kept: a new condition counts later ones only.")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A container's user may have no name.
        return "unknown"
