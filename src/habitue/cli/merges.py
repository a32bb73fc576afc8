"""`habitue people merges` and `habitue people split`: who was joined into whom, and how to take it back."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import msgspec
import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import moment, say, show
from habitue.cli.people import Person, find
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.reason import SENTENCES, Reason

ABOUT_IDENTITY = (
    Reason.MERGED,
    Reason.PARTED,
    Reason.TWO_KNOWN_USERS,
    Reason.KEPT_APART,
    Reason.IDENTIFIER_LIMIT,
)


def merges(
    person: Annotated[str, typer.Argument(metavar="[ID]", help="Only what concerns this person.")] = "",
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List who was joined into whom and through what, what was refused, and what was taken apart; latest first."""
    parts = wire.open_existing(data, config)
    customers = None
    if person:
        customer = find(parts, person)
        customers = [customer.id, *customer.merged_ids]
    found: list[tuple[int, Decision]] = []
    for reason in ABOUT_IDENTITY:
        found += parts.view.decisions(customers=customers, reason=reason.value, limit=limit)
    found.sort(reverse=True, key=lambda numbered: numbered[0])
    show([_row(decision) for _, decision in found[:limit]], as_json=as_json, empty="Nobody was joined yet.")


def split(
    person: Person,
    part: Annotated[str, typer.Argument(metavar="PART", help="The customer id that was wrongly joined into her.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Undo a wrong merge: PART becomes a person of its own again, and is never joined to her any more."""
    parts = wire.open_existing(data, config)
    customer = find(parts, person)
    state = parts.view.person(part)
    piece = msgspec.msgpack.decode(state, type=Customer) if state is not None else None
    if piece is None or piece.merged_into is None or find(parts, part).id != customer.id:
        known = ", ".join(one for one in customer.merged_ids) or "nobody"
        raise HabitueError(f"{part} was not joined into {customer.id}; these were: {known}")
    if not yes:
        typer.confirm(f"Take {part} out of {customer.id}? What each did is told to each afresh.", abort=True)
    wire.split_customer(parts, customer.id, part, getpass.getuser())
    say(f"{part} becomes a person of its own as soon as the decide process comes to it.")


def _row(decision: Decision) -> dict[str, Any]:
    detail = decision.detail
    return {
        "at": moment(decision.at),
        "customer": decision.customer,
        "what": decision.reason.value,
        "other": detail.get("joined") or detail.get("other"),
        "through": detail.get("by", ""),
        "why": SENTENCES[decision.reason],
    }
