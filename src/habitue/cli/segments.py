"""`habitue segments`: what they say in plain words, how large they are, who is in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, FORMATS, Config, Data, Json, Limit
from habitue.cli.output import moment, print_json, show, show_facts
from habitue.errors import HabitueError
from habitue.model.instant import from_datetime
from habitue.playbook.conditions import parse, plain
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


@app.command()
def count(
    condition: Annotated[str, typer.Argument(help="A condition, in quotes.")],
    at: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, help="By what had happened by a moment of the past, in UTC. Default: now."),
    ] = None,
    sample: Annotated[int, typer.Option(min=0, max=1_000, help="How many examples to show.")] = 5,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Count the people a condition is true of, out of history, before it is anybody's segment."""
    from habitue.analyze.members import Reader
    from habitue.analyze.seen import unseen

    parts = wire.open_existing(data, config)
    playbook = parts.current_playbook()
    asked = parse(condition, names=playbook.names)
    with parts.history() as history:
        moment_asked = from_datetime(at.replace(tzinfo=UTC)) if at is not None else history.at
        reader = Reader(history, playbook, as_it_happened=True)
        found = reader.count({"": asked, "everybody": parse("True")}, moment_asked)
        examples = reader.sample(asked, moment_asked, sample) if sample else []
        missing = [str(one) for one in unseen(history, [asked])]
    told = {
        "says": plain(asked),
        "at": moment(moment_asked),
        "people": found["everybody"],
        "members": found[""],
        "examples": examples,
        "never_seen": missing,
    }
    if as_json:
        print_json(told)
    else:
        show_facts(told)


def _require(parts: Parts, segment: str) -> None:
    known = {*parts.current_playbook().segments, *parts.view.segment_sizes()}
    if segment not in known:
        raise HabitueError(f'there is no segment "{segment}"; the playbook has: {", ".join(sorted(known)) or "none"}')
