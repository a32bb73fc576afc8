"""Before files come into force, somebody has looked at what they change: asked here, or told by a plan or `--yes`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.backtest import living_through
from habitue.cli.output import moment, plain, print_json, say
from habitue.cli.plan import made, read_plan, show_plan
from habitue.cli.plan_text import noted
from habitue.errors import HabitueError
from habitue.playbook.diff import diff
from habitue.run.planning import Plan, digest_of
from habitue.wire import Parts

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, and do not read history for a plan.")]
PlanFile = Annotated[
    Path | None,
    typer.Option("--plan", help="The plan that somebody agreed to, from `habitue plan --out`: only that is applied."),
]
Note = Annotated[str, typer.Option(help="Why, in a sentence; kept with the version.")]
Author = Annotated[str, typer.Option(help="Who is named as the author of this version.")]


def put_in_force(
    parts: Parts,
    files: Mapping[str, str],
    *,
    agreed: bool,
    plan_file: Path | None,
    days: int,
    author: str,
    note: str,
    as_json: bool,
) -> None:
    """Put the files in force, once what they change is agreed to. Raises HabitueError, or typer.Exit when it is not."""
    base = wire.version_in_force(parts)
    playbook = wire.checked(files)
    if plan_file is not None:
        _require_same(read_plan(plan_file), base, files, plan_file)
    # The first playbook changes nothing that anybody relies on, and the same files again change nothing at all.
    elif base and not agreed and wire.files_of(parts, base) != files:
        _ask(parts, files, days, as_json)
    with living_through("Counting what is new") as progress:
        version = wire.apply_playbook(parts, files, author or _user(), note, base, progress)
    changes = diff(wire.read_version(parts, base), playbook)
    since = moment(parts.privacy.retention("events")[0] or None)
    if as_json:
        notes = [plain(note) for note in playbook.notes]
        print_json({"version": version, "events_kept_since": since, "changes": changes.summary(), "notes": notes})
        return
    what = changes.summary() if version != base else "nothing to do, it has these very files"
    say(f"Version {version} is in force{f': {what}' if what and base else ''}.")
    if since is not None:
        say(f"Events from before {since} are not kept: a new condition counts later ones only.")
    for line in noted(playbook.notes):
        say(line)


def _ask(parts: Parts, files: Mapping[str, str], days: int, as_json: bool) -> None:
    if as_json or not is_terminal():
        raise HabitueError(
            "this changes what is in force, and there is nobody here to ask. Look at `habitue plan FOLDER`; then give "
            "--yes, or keep the plan with --out plan.json and apply it with --plan plan.json"
        )
    show_plan(parts, made(parts, files, days))
    if not typer.confirm("\nPut it in force?", default=False):
        say("Nothing was changed.")
        raise typer.Exit(1)


def _require_same(plan: Plan, base: int, files: Mapping[str, str], path: Path) -> None:
    """A plan is good for the files it was made of, over the version it was made against."""
    if plan.base != base:
        raise HabitueError(
            f"{path} was made against version {plan.base}, and version {base} is in force: somebody applied a playbook "
            "meanwhile. Make a plan anew, and look at it; nothing was changed"
        )
    if plan.digest != digest_of(files):
        raise HabitueError(
            f"{path} was made of other files than these: they were changed since. Make a plan anew, and look at it; "
            "nothing was changed"
        )


def is_terminal() -> bool:
    """Whether somebody sits there who can read the plan and answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A container's user may have no name.
        return "unknown"
