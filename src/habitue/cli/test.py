"""`habitue test`: play the conversations beside a playbook, and see whether they still come out as written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from habitue import wire
from habitue.cli.check import Folder
from habitue.cli.options import Json
from habitue.cli.output import plain, print_json, say
from habitue.errors import HabitueError
from habitue.playbook.playbook import Playbook
from habitue.run import conversation
from habitue.run.conversation import ConversationError, Result
from habitue.run.playbook_files import conversations_in, read_directory
from habitue.run.ports import Clock, Log, Store
from habitue.store.memory import MemoryLog, MemoryStore


def test(
    folder: Folder = Path("."),
    update: Annotated[
        bool,
        typer.Option("--update", help="Write what happens into the files. Read the difference before you keep it."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Play the conversations beside a playbook: stories in plain text of what it does to people. Sends nothing."""
    playbook = wire.checked(read_directory(folder))
    paths = conversations_in(folder)
    if not paths:
        raise HabitueError(f"{folder / 'conversations'} holds no stories; docs/conversations.md shows how to write one")
    if update:
        for path in paths:
            path.write_text(_updated(path, playbook), encoding="utf-8")
        say(f"{len(paths)} files say what happens now; look at the difference before you keep it.")
        return
    results = {path: _played(path, playbook) for path in paths}
    if as_json:
        print_json([_row(path, result) for path, played in results.items() for result in played])
    else:
        _show(results)
    if not all(result.holds for played in results.values() for result in played):
        raise typer.Exit(1)


def _stores(clock: Clock) -> tuple[Store, Log]:
    return MemoryStore(), MemoryLog(clock)


def _played(path: Path, playbook: Playbook) -> list[Result]:
    try:
        return conversation.run(path.read_text(encoding="utf-8"), playbook, _stores)
    except ConversationError as error:
        raise HabitueError(f"{path}:{error.line}: {error.text}") from None


def _updated(path: Path, playbook: Playbook) -> str:
    try:
        return conversation.update(path.read_text(encoding="utf-8"), playbook, _stores)
    except ConversationError as error:
        raise HabitueError(f"{path}:{error.line}: {error.text}") from None


def _show(results: dict[Path, list[Result]]) -> None:
    held = broken = 0
    for path, played in results.items():
        for result in played:
            if result.holds:
                held += 1
                continue
            broken += 1
            for mismatch in result.mismatches:
                say(f"{path}:{mismatch.line}: {result.title}")
                say(mismatch.diff())
    say(f"{held} stor{'y holds' if held == 1 else 'ies hold'}, {broken} {'does' if broken == 1 else 'do'} not.")


def _row(path: Path, result: Result) -> dict[str, Any]:
    return {
        "file": str(path),
        "line": result.line,
        "title": result.title,
        "holds": result.holds,
        "checks": result.checks,
        "mismatches": plain(result.mismatches),
    }
