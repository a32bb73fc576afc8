"""`habitue apply`: put a playbook in force."""

from __future__ import annotations

from pathlib import Path

from habitue import wire
from habitue.cli.agreeing import Author, Note, PlanFile, Yes, put_in_force
from habitue.cli.check import Folder
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.plan import Days
from habitue.run.planning import DAYS
from habitue.run.playbook_files import read_directory


def apply(
    folder: Folder = Path("."),
    yes: Yes = False,
    plan: PlanFile = None,
    note: Note = "",
    days: Days = DAYS,
    data: Data = DATA,
    config: Config = None,
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Show the plan, ask, and put a playbook in force from now on. Runs under way keep the version they entered with.

    The first playbook of a system is put in force without a question, and so are files that change nothing.
    """
    put_in_force(
        wire.create(data, config),
        read_directory(folder),
        agreed=yes,
        plan_file=plan,
        days=days,
        author=author,
        note=note,
        as_json=as_json,
    )
