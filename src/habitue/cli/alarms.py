"""`habitue alarms`: what stands, what is over, and a test of the ways on which they are said."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import moment, say, show
from habitue.errors import HabitueError
from habitue.model.alarm import kind_of
from habitue.wire import notices, telling

app = typer.Typer(help="What an operator must hear of.", no_args_is_help=True)


@app.command("list")
def list_alarms(
    past: Annotated[bool, typer.Option("--past", help="Those that are over, too.")] = False,
    limit: Limit = 100,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List the alarms that stand, with what to do."""
    alarms = wire.open_existing(data, config).alarms
    found = [*alarms.standing(), *(alarms.past(limit) if past else ())]
    rows = [
        {
            "kind": one.kind,
            "subject": one.subject,
            "detail": one.detail,
            "since": moment(one.raised_at),
            "over": moment(one.cleared_at),
            "what_to_do": kind_of(one.kind).advice,
        }
        for one in found[:limit]
    ]
    show(rows, as_json=as_json, empty="No alarm stands.")


@app.command()
def test(data: Data = DATA, config: Config = None) -> None:
    """Sound an alarm and end it at once, and say it on every way that is set up."""
    parts = wire.open_existing(data, config)
    ways = notices.ways(parts.settings)
    if not ways:
        raise HabitueError(
            "no way is set up: set alarms.webhook and alarms.webhook_secret, or alarms.email and smtp.host; "
            "docs/alarms.md says how"
        )
    now = parts.clock.now()
    subject = f"habitue alarms test {now}"
    parts.alarms.sound("test", subject, "an operator asked for it", now)
    parts.alarms.clear("test", subject, now)
    telling.tell(parts)
    number = max(number for number, one in parts.alarms.since(now) if one.subject == subject)
    answers = {one.way: one for one in parts.alarms.told() if one.alarm == number}
    for way in ways:
        one = answers.get(way)
        say(f"{way}: {'not tried, too many within the hour' if one is None else one.answer or 'said'}")
    if not all(way in answers and answers[way].done for way in ways):
        raise typer.Exit(1)
