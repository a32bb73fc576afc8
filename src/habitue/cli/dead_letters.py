"""`habitue dead-letters`: what came in and could not be accepted, with the reason."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import moment, show


def dead_letters(
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 50,
    before: Annotated[int | None, typer.Option(help="Page on: older than this id.")] = None,
    as_json: Json = False,
) -> None:
    """Show events that could not be accepted, newest first, with the reason and the text as it came."""
    log = wire.open_existing(data, config).log
    rows = [
        {
            "id": letter.id,
            "received_at": moment(letter.received_at),
            "source": letter.source,
            "reason": letter.reason,
            "detail": letter.detail,
            "body": letter.body,
        }
        for letter in log.dead_letters(limit, before)
    ]
    columns = ["id", "received_at", "source", "reason", "detail"]
    show(rows, as_json=as_json, empty="There are no dead letters.", columns=columns)
