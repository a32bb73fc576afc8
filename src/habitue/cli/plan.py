"""`habitue plan`: what applying a playbook would change, and what that does to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from habitue import wire
from habitue.cli.check import Folder
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import print_json, say
from habitue.cli.plan_text import in_words, markdown
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.run.planning import DAYS, Plan
from habitue.run.playbook_files import read_directory
from habitue.wire import Parts

CHANGES = 2
"""The exit code that says there is something to apply, where that is asked for."""

Days = Annotated[
    int,
    typer.Option(min=0, max=3_660, help="Count messages a week over so many days of history; 0: do not."),
]


def plan(
    folder: Folder = Path("."),
    days: Days = DAYS,
    out: Annotated[Path | None, typer.Option(help="Keep the plan in this file, for `habitue apply --plan`.")] = None,
    markdown_file: Annotated[
        Path | None, typer.Option("--markdown", help="Write it as a comment for a pull request.")
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 2 when there is something to apply.")
    ] = False,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what applying a playbook would change: definitions, members gained and lost, messages a week, runs.

    Nothing is written to the system. Members and messages come from recorded history, before and after.
    """
    parts = wire.open_existing(data, config)
    found = made(parts, read_directory(folder), days)
    _keep(out, msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    _keep(markdown_file, markdown(found))
    if as_json:
        print_json(found)
    else:
        show_plan(parts, found)
    if found.problems:
        raise typer.Exit(1)
    if exit_code and not found.nothing_to_do:
        raise typer.Exit(CHANGES)


def made(parts: Parts, files: Mapping[str, str], days: int) -> Plan:
    """The plan for these files, with a word on standard error while history is read."""
    with Console(stderr=True).status("Reading history …"):
        return wire.plan(parts, files, days=days)


def show_plan(parts: Parts, found: Plan) -> None:
    for line in in_words(found, namer(parts)):
        say(line)


def namer(parts: Parts) -> Callable[[Sequence[str]], list[str]]:
    """What the console calls people, for ids. A plan itself holds ids alone."""
    from habitue.console.wording import name_of

    def names(ids: Sequence[str]) -> list[str]:
        states = [(one, parts.view.person(one)) for one in ids]
        return [name_of(msgspec.msgpack.decode(state, type=Customer) if state else None, one) for one, state in states]

    return names


def read_plan(path: Path) -> Plan:
    """A plan kept with `--out`. Raises HabitueError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Plan)
    except OSError as error:
        raise HabitueError(f"{path}: cannot be read: {error.strerror}") from None
    except msgspec.MsgspecError:
        raise HabitueError(f"{path} is not a plan; `habitue plan FOLDER --out {path}` writes one") from None


def _keep(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HabitueError(f"{path}: cannot be written: {error.strerror}") from None
