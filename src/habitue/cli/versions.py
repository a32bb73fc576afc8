"""`habitue versions`, `habitue rollback`: every version of the playbook is kept, and any can come back."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.agreeing import Author, Note, PlanFile, Yes, put_in_force
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import moment, show
from habitue.cli.plan import Days
from habitue.errors import HabitueError
from habitue.run.planning import DAYS


def versions(
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 20,
    before: Annotated[int | None, typer.Option(help="Page on: older than this version.")] = None,
    as_json: Json = False,
) -> None:
    """List the versions of the playbook, newest first: when, by whom, why, and what each changed."""
    rows = [
        {
            "version": one.version,
            "applied_at": moment(one.applied_at),
            "author": one.author,
            "note": one.note,
            "changes": one.summary,
        }
        for one in wire.kept_versions(wire.open_existing(data, config), limit, before)
    ]
    show(rows, as_json=as_json, empty="No playbook was applied yet.")


def rollback(
    version: Annotated[
        int | None, typer.Argument(help="The version to go back to: the one before, if left out.")
    ] = None,
    yes: Yes = False,
    plan: PlanFile = None,
    note: Note = "",
    days: Days = DAYS,
    data: Data = DATA,
    config: Config = None,
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Put the files of an older version in force, as a new version, after showing the plan and asking."""
    parts = wire.open_existing(data, config)
    base = wire.version_in_force(parts)
    back_to = base - 1 if version is None else version
    if back_to < 1 and version is None:
        raise HabitueError("there is no version to go back to; `habitue versions` lists them")
    put_in_force(
        parts,
        wire.files_of(parts, back_to),
        agreed=yes,
        plan_file=plan,
        days=days,
        author=author,
        note=note or f"Back to version {back_to}",
        as_json=as_json,
    )
