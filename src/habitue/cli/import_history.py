"""`habitue import`: bring history in, through the same ingest as live traffic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import heading, plain, print_json, say, say_error, show, show_facts
from habitue.importing.mapping import KINDS, Kind
from habitue.model.instant import from_datetime, to_datetime, to_iso
from habitue.settings import load as load_settings

if TYPE_CHECKING:
    from habitue.importing.progress import Counts
    from habitue.importing.work import Terms, Trial

app = typer.Typer(help="Bring history in, through the same ingest as live traffic.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, JSON lines (both also .gz) or Parquet.", exists=True)]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping", help="How the file is read (YAML); without it, by the usual names of columns.", exists=True
    ),
]
WriteMapping = Annotated[
    bool, typer.Option("--write-mapping", help="Print the guessed mapping, to be put right, and do nothing else.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would come of the first 10,000 rows, and write nothing.")
]
Before = Annotated[
    datetime | None,
    typer.Option(
        help="Leave out what happened at this time (UTC) or later, because clients have told of it since.",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    ),
]
Rejected = Annotated[
    Path | None, typer.Option(help="Where rejected rows go, if not to FILE.rejected.jsonl.", dir_okay=False)
]

_SAYS: dict[Kind, str] = {
    "events": "Import events of any name: from the site, from tills, from the call centre.",
    "customers": "Import customers with their traits, identifiers and consents.",
    "products": "Import products into the catalogue.",
    "orders": "Import orders, one on each row or one line on each row, as completed, refunded or cancelled.",
}


@app.callback()
def callback() -> None:
    """Bring history in, through the same ingest as live traffic. Importing twice adds nothing."""


def _command(kind: Kind) -> Callable[..., None]:
    def command(
        file: File,
        mapping: MappingFile = None,
        write_mapping: WriteMapping = False,
        dry_run: DryRun = False,
        before: Before = None,
        rejected: Rejected = None,
        data: Data = DATA,
        config: Config = None,
        as_json: Json = False,
    ) -> None:
        from habitue.importing.work import tried  # Other verbs need not read files.
        from habitue.wire import importing

        if write_mapping:
            typer.echo(importing.written_mapping(file, kind), nl=False)
            return
        read = importing.mapping_of(file, kind, mapping)
        until = from_datetime(before.replace(tzinfo=UTC)) if before is not None else None
        if dry_run:
            # The directory is only looked at; it need not be there yet.
            parts = wire.Parts(data, load_settings(data, config))
            _show_trial(tried(file, importing.import_terms(parts, read, until)), as_json)
            return
        parts = wire.create(data, config)
        _import(parts, file, importing.import_terms(parts, read, until), rejected, as_json)

    return command


for _kind in KINDS:
    app.command(_kind, help=f"{_SAYS[_kind]} Importing twice adds nothing.")(_command(_kind))


def _import(parts: wire.Parts, file: Path, terms: Terms, rejected: Path | None, as_json: bool) -> None:
    from habitue.wire.importing import importing

    with importing(parts, file, terms, rejected) as work:
        if work.begun_at_row and not as_json:
            say(f"Going on after row {work.begun_at_row:,}, where an earlier import was cut off.")
        try:
            with _bar(work.counts) as progress:
                counts = work.run(progress)
        except KeyboardInterrupt:
            say_error(f"stopped at row {work.counts.rows:,}; the same command goes on where it was")
            raise typer.Exit(1) from None
        if as_json:
            print_json(plain(counts) | {"rejected_file": str(work.rejected_path) if work.rejected_path else None})
        else:
            _say_counts(counts)
            if work.rejected_path is not None:
                say(f"Rejected rows, with their reasons: {work.rejected_path}")
    parts.close()
    if counts.rejected and not counts.made:
        raise typer.Exit(1)


@contextmanager
def _bar(counts: Counts) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, told how much of how much is read."""
    columns = (
        TextColumn("Importing"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rows=0)
        yield lambda done, whole: bar.update(task, completed=done, total=whole, rows=counts.rows)


def _say_counts(counts: Counts) -> None:
    made = _listed(counts.made) or "nothing"
    say(f"{counts.rows:,} rows: {made}; {counts.added:,} new, {counts.known:,} known before.")
    if counts.skipped:
        say(f"Left out: {_listed(counts.skipped)}.")
    if counts.rejected:
        say(f"Rejected: {_listed(counts.rejected)}.")


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{count:,} × {name}" for name, count in sorted(counted.items(), key=lambda one: -one[1]))


def _show_trial(trial: Trial, as_json: bool) -> None:
    refused = [one._asdict() for one in trial.refused]
    if as_json:
        print_json(plain(trial) | {"refused": refused})
        return
    for made in trial.made:
        facts: dict[str, Any] = {name: value for name, value in plain(made).items() if value}
        if "occurred_at" in facts:
            facts["occurred_at"] = to_iso(facts["occurred_at"])
        heading(str(facts.pop("name")))
        show_facts(facts)
    if refused:
        heading("Rejected")
        show(refused, as_json=False, empty="", columns=["number", "reason", "detail"])
    heading("The whole file" if trial.whole else f"The first {trial.counts.rows:,} rows")
    counts = trial.counts
    say(f"{counts.rows:,} rows: {_listed(counts.made) or 'nothing'}. Nothing was written.")
    for said, counted in (("Left out", counts.skipped), ("Rejected", counts.rejected)):
        if counted:
            say(f"{said}: {_listed(counted)}.")


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
