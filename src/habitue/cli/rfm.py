"""`habitue rfm`: measure where the scores of RFM begin, and show the groups."""

from __future__ import annotations

from pathlib import Path

import typer

from habitue import wire
from habitue.cli.check import Folder
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import say, show
from habitue.errors import HabitueError
from habitue.model.instant import to_iso
from habitue.playbook.load import HEAD_FILE, MEASURED_FILE, load
from habitue.playbook.tables import PERCENTILE, measured_text
from habitue.run.playbook_files import read_directory

app = typer.Typer(help="RFM: who buys how lately, how often and for how much.", no_args_is_help=True)


@app.command()
def measure(folder: Folder = Path("."), data: Data = DATA, config: Config = None) -> None:
    """Measure the bands of a playbook that says `bands: percentile`, and write them into its folder.

    A fifth of the customers then has each score. The bands are part of the playbook: they hold once it is applied, and
    until they are measured again.
    """
    from habitue.analyze.bands import measure as measured

    files = read_directory(folder)
    files.pop(MEASURED_FILE, None)  # Whatever stands there is written anew.
    playbook = load(files)
    rules = playbook.rfm
    if not rules.measured:
        raise HabitueError(f"{folder / HEAD_FILE} does not say `rfm: {{bands: {PERCENTILE}}}`; its bands are fixed")
    parts = wire.open_existing(data, config)
    with parts.history() as history:
        bands, people = measured(history, rules, shop=playbook.shop)
        at = history.at
    path = folder / MEASURED_FILE
    says = f"Measured by habitue rfm measure, of {people:,} customers, with what had happened by {to_iso(at)}."
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(measured_text(bands, rules, says), encoding="utf-8")
    except OSError as error:
        raise HabitueError(f"{path}: cannot be written: {error.strerror}") from None
    say(f"{path} has the bands of {people:,} customers; `habitue apply {folder}` puts them in force.")


@app.command()
def groups(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List the groups of the playbook in force with their codes, and how many people are in each now."""
    from habitue.analyze.rfm import NOWHERE, standings

    parts = wire.open_existing(data, config)
    playbook = parts.current_playbook()
    with parts.history() as history:
        found = standings(history, playbook)
    people = dict.fromkeys(playbook.rfm.groups, 0)
    for one in found:
        if one.code != NOWHERE:
            people[playbook.rfm.group_of(one.code)] += one.people
    rows = [
        {"group": name, "people": people[name], "codes": list(codes)} for name, codes in playbook.rfm.groups.items()
    ]
    show(rows, as_json=as_json, empty="The playbook names no groups.")
