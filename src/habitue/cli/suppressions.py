"""`habitue suppressions`: addresses that must not be written to again, known by their keyed hashes alone."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import print_json, say, show
from habitue.errors import HabitueError
from habitue.model.spreadsheet import unguarded

app = typer.Typer(help="Addresses that must not be written to again.", no_args_is_help=True)

BATCH = 5_000
HEADINGS = frozenset({"email", "e-mail", "address", "recipient", "phone", "email address"})
Channel = Annotated[str, typer.Option("--channel", help="Whose addresses: email, sms, call.")]
Address = Annotated[str, typer.Argument(help="The address. It is asked for by its hash, and not kept.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A list, one address a line, or a CSV whose first column has them.")],
    why: Annotated[str, typer.Option("--why", help="bounced, complained, erased or refused.")] = "refused",
    channel: Channel = "email",
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Put addresses on the list, such as those another program kept. Importing twice adds nothing."""
    suppressions = wire.create(data, config).suppressions
    addresses, read, added = _addresses(file), 0, 0
    while batch := list(islice(addresses, BATCH)):
        read += len(batch)
        added += suppressions.add_all(channel, batch, why)
    if as_json:
        print_json({"read": read, "added": added})
    else:
        say(f"{read:,} addresses read, {added:,} of them new on the list.")


@app.command()
def count(data: Data = DATA, config: Config = None, as_json: Json = False) -> None:
    """Count the list by channel and reason. It cannot be shown: only hashes are kept."""
    rows = [
        {"channel": channel, "why": why, "addresses": number}
        for (channel, why), number in wire.open_existing(data, config).suppressions.counts().items()
    ]
    show(rows, as_json=as_json, empty="Nobody is on the list.")


@app.command()
def check(
    address: Address, channel: Channel = "email", data: Data = DATA, config: Config = None, as_json: Json = False
) -> None:
    """Say whether an address is on the list, and why."""
    why = wire.open_existing(data, config).suppressions.find(channel, address)
    if as_json:
        print_json({"suppressed": why is not None, "why": why})
    else:
        say(f"It is on the list: {why}." if why else "It is not on the list.")


@app.command()
def remove(address: Address, channel: Channel = "email", data: Data = DATA, config: Config = None) -> None:
    """Take an address off the list, for example when its owner asks for it in writing."""
    if not wire.open_existing(data, config).suppressions.remove(channel, address):
        raise HabitueError("that address is not on the list; `habitue suppressions check` looks for another spelling")
    say("It is off the list.")


def _addresses(file: Path) -> Iterator[str]:
    """Line by line: such lists have millions."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines)):
                address = unguarded(row[0].strip()) if row else ""
                if address and not (number == 0 and address.lower() in HEADINGS):
                    yield address
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise HabitueError(f"{file}: cannot be read as a list of addresses: {error}") from None
