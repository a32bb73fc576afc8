"""`habitue segments`: what they say in plain words, how large they are, who is in them."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import moment, show
from habitue.errors import HabitueError
from habitue.playbook.conditions.plain import plain
from habitue.wire import Parts

app = typer.Typer(help="What segments say in plain words, how large they are, who is in them.", no_args_is_help=True)


@app.command("list")
def list_segments(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """List the segments of the playbook in force, with their sizes now."""
    parts = wire.open_existing(data, config)
    sizes = parts.view.segment_sizes()
    rows = [
        {
            "segment": segment.name,
            "people": sizes.get(segment.name, 0),
            "title": segment.title,
            "says": plain(segment.condition),
        }
        for segment in parts.current_playbook().segments.values()
    ]
    show(rows, as_json=as_json, empty="The playbook defines no segments.")


@app.command()
def members(
    segment: Annotated[str, typer.Argument(help="The segment's name.")],
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 100,
    after: Annotated[str | None, typer.Option(help="Go on after this customer id.")] = None,
    as_json: Json = False,
) -> None:
    """List the people in a segment, in the order of customer id."""
    parts = wire.open_existing(data, config)
    _require(parts, segment)
    rows = [
        {"customer": customer, "since": moment(since)} for customer, since in parts.view.members(segment, limit, after)
    ]
    show(rows, as_json=as_json, empty=f"Nobody is in {segment}.")


def _require(parts: Parts, segment: str) -> None:
    known = {*parts.current_playbook().segments, *parts.view.segment_sizes()}
    if segment not in known:
        raise HabitueError(f'there is no segment "{segment}"; the playbook has: {", ".join(sorted(known)) or "none"}')
