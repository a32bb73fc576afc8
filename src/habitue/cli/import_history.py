"""`habitue import`: bring history in, through the same ingest as live traffic."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import plain, print_json, say
from habitue.model.instant import to_datetime

app = typer.Typer(help="Bring history in, through the same ingest as live traffic.", no_args_is_help=True)


@app.callback()
def callback() -> None:
    """Bring history in, through the same ingest as live traffic. Importing twice adds nothing."""


@app.command("online-retail")
def online_retail(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Import a year of a real gift shop's orders (UCI Online Retail, CC BY 4.0), shifted so that it ends yesterday."""
    from habitue.demo.online_retail import import_online_retail  # Brings DuckDB with it, which other verbs need not.

    parts = wire.create(data, config)
    with Progress(
        SpinnerColumn(),
        TextColumn("Importing: {task.completed:,.0f} events"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)
        counts = import_online_retail(
            wire.taker(parts, "online-retail"),
            to_datetime(parts.clock.now()).date(),
            lambda events: bar.advance(task, events),
        )
    if as_json:
        print_json(plain(counts))
    else:
        say(f"{counts.events:,} events of {counts.customers:,} customers, {counts.added:,} of them new.")
