"""`habitue people export`, `erase`, `erasures`, `requests`, and `habitue audit`: what people may ask for."""

from __future__ import annotations

import getpass
import time
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import moment, say, show, show_facts
from habitue.cli.people import Person
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.privacy import Receipt
from habitue.run.lock import Lock
from habitue.run.supervisor import SYSTEM
from habitue.wire import Parts
from habitue.wire import privacy as data_of

GLANCE_SECONDS = 0.2


def export(
    person: Person,
    out: Annotated[Path, typer.Option(help="The folder to write to; it is made.", file_okay=False)],
    kind: Annotated[Literal["json", "csv"], typer.Option("--format", help="json or csv.")] = "json",
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Write everything that is known of one person, a file for each kind of thing."""
    parts = wire.open_existing(data, config)
    customer = _one(parts, person)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    written: dict[str, int] = {}
    for name, piece in data_of.export(parts, customer.id, _actor(), kind):
        with (out / name).open("ab" if name in written else "wb") as file:
            file.write(piece)
        written[name] = written.get(name, 0) + len(piece)
    say(f"{customer.id}: {len(written)} files, {sum(written.values()):,} bytes in {out}")


def erase(
    person: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Show how it goes until it is done.")] = False,
    data: Data = DATA,
    config: Config = None,
) -> None:
    """Destroy everything that is known of one person, in every file, with a receipt. It cannot be undone."""
    parts = wire.open_existing(data, config)
    customer = _one(parts, person)
    show_facts(
        {
            "customer": customer.id,
            "user id": customer.user_id,
            "e-mail": data_of.emails(customer),
            "other ids joined": len(customer.merged_ids),
            **data_of.foreseen(parts, customer.id),
        }
    )
    if not yes:
        typer.confirm("Destroy all this, and what dead letters and the archive hold of her?", abort=True)
    number = data_of.request_erasure(parts, customer.id, _actor())
    if not Lock(data, SYSTEM).is_held():
        say(f"erasure {number} is ordered. No system runs in {data}: `habitue serve` carries it out when it starts.")
        return
    if not wait:
        say(f"erasure {number} is ordered; `habitue people erasures {number}` shows its receipt.")
        return
    _watch(parts, number)


def erasures(
    number: Annotated[int | None, typer.Argument(metavar="[NUMBER]", help="Show this receipt.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only those of this customer id, which may be gone.")] = None,
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 50,
    before: Annotated[int | None, typer.Option(help="Page on: older than this number.")] = None,
    as_json: Json = False,
) -> None:
    """List erasures, newest first, or show the receipt of one: what was destroyed where."""
    parts = wire.open_existing(data, config)
    if number is not None:
        _show_receipt(data_of.receipt(parts, number), as_json)
        return
    found = data_of.receipts(parts, limit, before) if customer is None else data_of.receipts_of(parts, customer, limit)
    rows = [
        {
            "number": one.number,
            "requested_at": moment(one.requested_at),
            "finished_at": moment(one.finished_at),
            "actor": one.actor,
            "destroyed": sum(line.count for line in one.destroyed),
            "mark": one.mark,
        }
        for one in found
    ]
    show(rows, as_json=as_json, empty="Nobody was erased.")


def requests(
    close: Annotated[int | None, typer.Option(metavar="POSITION", help="Take this one off the list.")] = None,
    why: Annotated[str, typer.Option(help="Why it is closed, for the audit trail.")] = "",
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List what people asked the shop for and nobody has answered yet: erasures and copies of their data."""
    parts = wire.open_existing(data, config)
    if close is not None:
        if not data_of.close_request(parts, close, _actor(), why):
            raise HabitueError(f"no open request stands at position {close}; without --close all are listed")
        say(f"the request at position {close} is closed.")
        return
    rows = [
        {
            "position": one.position,
            "asks_for": one.kind,
            "received_at": moment(one.received_at),
            "source": one.source,
            "customer": one.customer,
        }
        for one in data_of.open_requests(parts)
    ]
    show(rows, as_json=as_json, empty="Nobody waits for an answer.")


def audit(
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 50,
    before: Annotated[int | None, typer.Option(help="Page on: older than this number.")] = None,
    as_json: Json = False,
) -> None:
    """Show who exported or erased whom and when, newest first; people are shown as keyed hashes."""
    rows = [
        {
            "number": act.number,
            "at": moment(act.at),
            "actor": act.actor,
            "what": act.what,
            "subject": act.subject,
            "detail": act.detail,
        }
        for act in data_of.audit(wire.open_existing(data, config), limit, before)
    ]
    show(rows, as_json=as_json, empty="Nobody did anything yet.")


def _one(parts: Parts, spelled: str) -> Customer:
    """Exactly one person, by her whole id or address: a part of a name is not enough to destroy or give away data."""
    found = data_of.persons(parts, spelled)
    if len(found) == 1:
        return found[0]
    if not found:
        raise HabitueError(
            f'nobody goes by exactly "{spelled}"; give a whole id or e-mail address, which '
            "`habitue people search PART` finds"
        )
    names = ", ".join(person.id for person in found)
    raise HabitueError(f'"{spelled}" stands for more than one person: {names}; give one customer id')


def _watch(parts: Parts, number: int) -> None:
    with Console(stderr=True).status(f"erasure {number}") as status:
        while True:
            receipt = data_of.receipt(parts, number)
            if receipt.finished_at is not None:
                break
            places = sorted({line.place for line in receipt.destroyed})
            status.update(f"erasure {number}: {', '.join(places) or 'waits for the decide process'}")
            time.sleep(GLANCE_SECONDS)
    _show_receipt(receipt, as_json=False)


def _show_receipt(receipt: Receipt, as_json: bool) -> None:
    rows = [
        {"place": line.place, "what": line.what, "count": line.count, "at": moment(line.at)}
        for line in receipt.destroyed
    ]
    if not as_json:
        done = f"finished {moment(receipt.finished_at)}" if receipt.finished_at else "not finished yet"
        say(f"erasure {receipt.number}, by {receipt.actor} at {moment(receipt.requested_at)}, {done}; {receipt.mark}")
    show(rows, as_json=as_json, empty="Nothing was destroyed yet.")


def _actor() -> str:
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        return "command line"
