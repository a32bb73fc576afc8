"""`habitue check`: whether a playbook can run, and everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from habitue import wire
from habitue.cli.options import Config, Json
from habitue.cli.output import plain, print_json, say
from habitue.playbook.problem import PlaybookError
from habitue.playbook.schema import schema as schema_of
from habitue.run.playbook_files import read_directory

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder that holds playbook.yaml.", exists=True)]

KindOfFile = Literal["playbook", "segments", "journey", "message", "measured"]


def check(
    folder: Folder = Path("."),
    schema: Annotated[
        KindOfFile | None, typer.Option(help="Print the JSON Schema of this kind of file instead, for editors.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Also say what conditions ask for and this data directory's history has never seen."),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Check a playbook: names, conditions, templates. Every problem is shown with its file and line."""
    if schema is not None:
        print_json(schema_of(schema))
        return
    try:
        playbook = wire.checked(read_directory(folder))
    except PlaybookError as error:
        _show_problems(error, folder, as_json)
        raise typer.Exit(1) from None
    seen = wire.unseen_notes(wire.open_existing(data, config), playbook) if data is not None else []
    all_notes = (*playbook.notes, *seen)
    counts = {
        "journeys": len(playbook.journeys),
        "segments": len(playbook.segments),
        "messages": len(playbook.messages),
    }
    if as_json:
        notes = [plain(note) for note in all_notes]
        print_json({"playbook": playbook.name, "problems": [], "notes": notes, **counts})
        return
    say(f"{playbook.name} can run: " + ", ".join(f"{count} {noun}" for noun, count in counts.items()) + ".")
    for note in all_notes:
        say(f"{folder / note.file}:{note.line}: note: {note.text}")


def _show_problems(error: PlaybookError, folder: Path, as_json: bool) -> None:
    if as_json:
        print_json({"playbook": None, "problems": [plain(problem) for problem in error.problems]})
        return
    for problem in error.problems:
        # The path as the shell knows it, so that an editor can jump there.
        say(f"{folder / problem.file}:{problem.line}: {problem.text}")
    count = len(error.problems)
    say(f"{count} problem{'' if count == 1 else 's'}; the playbook cannot run.")
