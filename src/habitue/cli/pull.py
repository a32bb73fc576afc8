"""`habitue pull`: the files in force, edits made in the console among them, back in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import plain, print_json, say
from habitue.errors import HabitueError
from habitue.run.pulling import Pulled
from habitue.run.pulling import pull as pull_files


def pull(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder that holds playbook.yaml, or a new one.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Write over changes that nobody applied, too.")] = False,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Write the files of the version in force into a folder, edits from the console included, comments kept.

    A file that no version ever had like this is somebody's work: it is listed, and nothing is written.
    """
    parts = wire.open_existing(data, config)
    version = wire.version_in_force(parts)
    found = pull_files(folder, wire.files_of(parts, version), wire.files_of_all(parts), force=force)
    refused = bool(found.conflicts) and not force
    if as_json:
        print_json({"version": version} | plain(found))
    else:
        _show(found, folder, version, refused)
    if refused:
        raise HabitueError(
            "nothing was written: what was changed here and applied nowhere would be lost. Apply it, put it aside, or "
            "give --force"
        )


def _show(found: Pulled, folder: Path, version: int, refused: bool) -> None:
    for path in found.conflicts if refused else ():
        say(f"changed here: {folder / path}")
    for path in found.written:
        say(f"{'written over' if path in found.conflicts else 'written'}: {folder / path}")
    for path in found.removed:
        say(f"removed: {folder / path}")
    for path in found.own:
        say(f"in no version, left alone: {folder / path}")
    if not refused:
        same = "" if found.written or found.removed else " already"
        say(f"{folder} holds version {version}{same}.")
