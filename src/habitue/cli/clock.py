"""`habitue clock`: what time it is for the system, and that the machine's clock is right after a jump."""

from __future__ import annotations

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import moment, print_json, say
from habitue.run import clock as room
from habitue.run.clock import SystemClock, doubt_of

app = typer.Typer(help="The time the system goes by.", no_args_is_help=True)


@app.command()
def show(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Say what time it is for the system and for the machine, and whether that can be."""
    clock = wire.open_existing(data, config).clock
    doubt = doubt_of(clock)
    if as_json:
        print_json({"system": moment(clock.now()), "machine": moment(SystemClock().now()), "doubt": doubt or None})
    else:
        say(f"The system goes by {moment(clock.now())}, the machine's clock says {moment(SystemClock().now())}.")
        if doubt:
            say(f"In doubt: {doubt}. Set the machine's clock right, or say that it is with `habitue clock accept`.")


@app.command()
def accept(data: Data = DATA, config: Config = None) -> None:
    """Say that the machine's clock is right: decisions and messages go on by it, within seconds."""
    parts = wire.open_existing(data, config)
    run = room.accept(data)
    parts.alarms.clear("clock_jumped", "the machine's clock", run)
    ahead = run - SystemClock().now()
    say(f"From now on the system goes by {moment(run)}.")
    if ahead > room.JUMP_MIN:
        say(
            "That is ahead of the machine: events were received at that time, and time never goes back. It stands "
            "still until the machine has caught up; to begin from before, restore a backup."
        )
