"""`habitue simulate`: try a playbook on invented visitors, before there is any history."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.backtest import living_through
from habitue.cli.check import Folder
from habitue.cli.options import Json
from habitue.cli.output import plain, print_json
from habitue.cli.reports import show_report
from habitue.model.instant import from_datetime
from habitue.run.playbook_files import read_directory
from habitue.run.simulate import simulate as run_simulation

START = from_datetime(datetime(2026, 1, 5, tzinfo=UTC))
"""A Monday. Fixed, so that a seed gives the same report on every day it is asked."""


def simulate(
    folder: Folder = Path("."),
    journey: Annotated[str | None, typer.Option(help="Report on this journey only.")] = None,
    people: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many visitors to invent.")] = 1_000,
    days: Annotated[int, typer.Option(min=1, max=3_660, help="For how long they come.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same report, for ever.")] = 1,
    as_json: Json = False,
) -> None:
    """Let invented visitors live under a playbook, on a clock as fast as can be computed. Sends nothing.

    The visitors do not react to messages: the report says how many there would be and what stopped the others, not
    what they would earn.
    """
    playbook = wire.checked(read_directory(folder))
    with living_through("Living through invented visits") as progress:
        report = run_simulation(
            playbook,
            seed=seed,
            days=days,
            people=people,
            start=START,
            journey=journey,
            progress=progress,
        )
    if as_json:
        print_json(plain(report))
    else:
        show_report(report)
