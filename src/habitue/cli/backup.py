"""`habitue backup` and `habitue restore`: a copy while the system runs, and the way back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from habitue import private, wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import moment, plain, print_json, say
from habitue.cli.prove import prove
from habitue.wire import backup as room

Target = Annotated[Path, typer.Argument(metavar="DIR", help="A folder for this backup alone, new or empty.")]


def backup(
    folder: Target,
    data: Data = DATA,
    config: Config = None,
    proven: Annotated[
        bool, typer.Option("--prove", help="Decide on the copied log again, and compare: as long as `habitue prove`.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy everything that cannot be made anew into DIR, each file checked. The system may run meanwhile."""
    parts = wire.open_existing(data, config)
    manifest = room.make(parts, folder, lambda name: None if as_json else say(f"copying {name}"))
    parts.close()
    room.verify(folder)
    if as_json:
        print_json(plain(manifest))
    else:
        size = sum(file.size for file in manifest.files)
        say(
            f"{folder}: {len(manifest.files)} files, {size / 1e6:,.1f} MB, {manifest.log_position + 1:,} events, as of "
            f"{moment(manifest.began_at)}. It opens what is encrypted: keep it as carefully as the data directory."
        )
    if proven:
        _prove(folder)


def _prove(folder: Path) -> None:
    """On a copy of the copy: opening a database may change its file."""
    copy = folder / ".prove"
    manifest = room.read_manifest(folder)
    try:
        private.folder(copy)
        for file in manifest.files:
            shutil.copy(folder / file.name, copy / file.name)
        prove(copy, None, False)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `habitue backup` wrote.")],
    data: Data = DATA,
    survivor: Annotated[
        Path | None,
        typer.Option(help="What is left of the old data directory, or a later backup: who was erased since is in it."),
    ] = None,
    nothing_sent_since: Annotated[
        bool, typer.Option("--nothing-sent-since", help="The system has not run since: messages that wait may go out.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a backup where the data directory shall be, which must be empty or not there. Then `habitue serve`."""
    restored = room.restore(folder, data, survivor=survivor, nothing_sent_since=nothing_sent_since)
    if as_json:
        print_json(plain(restored))
        return
    made_at = moment(restored.manifest.began_at)
    say(f"{data}: {restored.manifest.log_position + 1:,} events, as of {made_at}. `habitue doctor` looks it over.")
    if not nothing_sent_since:
        say(
            f"Messages that were wanted before {moment(restored.at)} are not sent, since they may have gone out: "
            "`habitue deliveries --state unknown` will list them."
        )
    if restored.erased_again is None:
        say(
            f"Whoever was erased after {made_at} is back. Erase them again with `habitue people erase` before you "
            "start, or restore with --survivor, which names what is left of the old data directory."
        )
    else:
        say(f"{restored.erased_again:,} people who had asked since are erased again as soon as the system runs.")
