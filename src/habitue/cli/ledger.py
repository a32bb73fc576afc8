"""`habitue ledger`: what was decided, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import show
from habitue.cli.people import decision_row, find
from habitue.errors import HabitueError
from habitue.model.reason import Outcome, Reason


def ledger(
    data: Data = DATA,
    config: Config = None,
    customer: Annotated[
        str | None, typer.Option(help="Only about this person: user id, anonymous id, customer id or e-mail address.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="Only these, such as sent, held or dropped.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only for this reason, such as quiet_hours.")] = None,
    journey: Annotated[str | None, typer.Option(help="Only of this journey.")] = None,
    message: Annotated[str | None, typer.Option(help="Only about this message.")] = None,
    limit: Limit = 50,
    before: Annotated[int | None, typer.Option(help="Page on: older than this sequence number.")] = None,
    as_json: Json = False,
) -> None:
    """Show decisions with their reasons, newest first."""
    _require("outcome", outcome, [one.value for one in Outcome])
    _require("reason", reason, [one.value for one in Reason])
    parts = wire.open_existing(data, config)
    ids = None
    if customer is not None:
        person = find(parts, customer)
        ids = [person.id, *person.merged_ids]
    found = parts.view.decisions(
        customers=ids, outcome=outcome, reason=reason, journey=journey, message=message, limit=limit, before=before
    )
    rows = [{"sequence": sequence, **decision_row(decision)} for sequence, decision in found]
    columns = ["sequence", "at", "customer", "outcome", "reason", "journey", "step", "message", "segment"]
    show(rows, as_json=as_json, empty="Nothing was decided that fits.", columns=columns)


def _require(what: str, given: str | None, known: list[str]) -> None:
    if given is not None and given not in known:
        raise HabitueError(f'there is no {what} "{given}"; expected one of: {", ".join(known)}')
