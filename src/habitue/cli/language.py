"""`habitue language`: every word a condition can be written with, for people and for editors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from habitue.cli.options import Json
from habitue.cli.output import heading, print_json, say, show
from habitue.playbook.conditions.language import Function, Name, Word
from habitue.playbook.conditions.language import language as described
from habitue.playbook.load import HEAD_FILE, load
from habitue.run.crank import NOTHING
from habitue.run.playbook_files import read_directory

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="A playbook, whose own segments and topics are then among the words.")
]


def language(folder: Folder = Path("."), as_json: Json = False) -> None:
    """Say every word of the language of conditions, with what it means and an example.

    With `--json` it is what an editor needs for completion and hover.
    """
    playbook = load(read_directory(folder)) if (folder / HEAD_FILE).is_file() else NOTHING
    words = described(playbook.names, {name: segment.title for name, segment in playbook.segments.items()})
    if as_json:
        print_json(words)
        return
    tables: dict[str, Sequence[Function | Name | Word]] = {
        "Functions": words.functions,
        "Names": words.names,
        "Operators": words.operators,
        "Windows": words.windows,
        "Events": words.events,
    }
    for title, listed in tables.items():
        heading(title)
        show([_row(word) for word in listed], as_json=False, empty="")
    heading("Periods of the calendar")
    say(", ".join(words.periods))
    for kind, found in words.own.items():
        if found:
            heading(kind.replace("_", " ").capitalize())
            say(", ".join(found))


def _row(word: Function | Name | Word) -> dict[str, str]:
    name = word.signature if isinstance(word, Function) else word.name
    return {"word": name, "says": word.says} | ({} if isinstance(word, Name) else {"example": word.example})
