"""`habitue deliveries`: what was handed to the channels, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import moment, plain, print_json, show
from habitue.cli.people import find
from habitue.model.delivery import DeliveryState
from habitue.model.reached import reached_of


def deliveries(
    data: Data = DATA,
    config: Config = None,
    customer: Annotated[
        str | None, typer.Option(help="Only to this person: user id, anonymous id, customer id or e-mail address.")
    ] = None,
    state: Annotated[DeliveryState | None, typer.Option(help="Only in this state.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only on this channel: email or onsite.")] = None,
    message: Annotated[str | None, typer.Option(help="Only of this message.")] = None,
    limit: Limit = 50,
    before: Annotated[int | None, typer.Option(help="Page on: older than this sequence number.")] = None,
    as_json: Json = False,
) -> None:
    """Show deliveries, newest first. `unknown` means: handed over, and the process died before it heard the answer."""
    parts = wire.open_existing(data, config)
    ids = None
    if customer is not None:
        person = find(parts, customer)
        ids = [person.id, *person.merged_ids]
    found = parts.deliveries.list(
        customers=ids, state=state, channel=channel, message=message, limit=limit, before=before
    )
    if as_json:
        print_json(
            [
                {"sequence": sequence, **plain(delivery), "reached": reached_of(delivery.channel, delivery.state)}
                for sequence, delivery in found
            ]
        )
        return
    rows = [
        {
            "sequence": sequence,
            "updated_at": moment(delivery.updated_at),
            "reached": reached_of(delivery.channel, delivery.state).value,
            "state": delivery.state.value,
            "channel": delivery.channel,
            "message": delivery.message,
            "customer": delivery.customer,
            "attempts": delivery.attempts,
            "reason": delivery.reason,
            "detail": delivery.detail,
        }
        for sequence, delivery in found
    ]
    show(rows, as_json=False, empty="There are no deliveries that fit.")
