"""`habitue test`: play the conversations beside a playbook, and see whether they still come out as written."""

from __future__ import annotations

import difflib
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
        typer.Option("--update", help="Write what happens into the files, and show the difference."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Play the conversations beside a playbook: stories in plain text of what it does to people. Sends nothing.

    With --update, exit code 2 says that what is expected was changed.
    """
    playbook = wire.checked(read_directory(folder))
    paths = conversations_in(folder)
    if not paths:
        raise HabitueError(f"{folder / 'conversations'} holds no stories; docs/conversations.md shows how to write one")
    results = {path: _played(path, playbook) for path in paths}
    if update:
        _update(results, playbook, as_json)
        return
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


def _update(results: dict[Path, list[Result]], playbook: Playbook, as_json: bool) -> None:
    """Write what happens into the files, and say which expectations are others now."""
    # Everything is played before anything is written: a story that cannot be read leaves all files as they were.
    texts = {path: path.read_text(encoding="utf-8") for path in results}
    updated = {path: _updated(path, text, playbook) for path, text in texts.items()}
    changed = {path: text for path, text in updated.items() if text != texts[path]}
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    if as_json:
        rows = [_row(path, result) for path, played in results.items() for result in played if not result.holds]
        print_json({"changed": [str(path) for path in changed], "stories": rows})
    else:
        for path in changed:
            _show_difference(path, texts[path], changed[path])
        broken = sum(not result.holds for played in results.values() for result in played)
        say(_outcome(broken, len(changed)))
    if changed:
        raise typer.Exit(2)


def _outcome(stories: int, files: int) -> str:
    if not files:
        return "Every story holds; nothing was changed."
    expects = "1 story expects" if stories == 1 else f"{stories} stories expect"
    return f"{expects} something else now, in {files} file{'' if files == 1 else 's'}. Read it before you keep it."


def _show_difference(path: Path, before: str, after: str) -> None:
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="", n=2):
        say(line)


def _updated(path: Path, text: str, playbook: Playbook) -> str:
    try:
        return conversation.update(text, playbook, _stores)
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
