"""`habitue people`: who is known, and all that is known of one person."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json, Limit
from habitue.cli.output import heading, moment, plain, print_json, say, show, show_facts
from habitue.decide.profile.consents import all_words
from habitue.decide.profile.pausing import paused_until
from habitue.decide.profile.traits import email
from habitue.errors import HabitueError
from habitue.model.address import spelled
from habitue.model.customer import Consent, Customer, customer_id
from habitue.model.decision import Decision
from habitue.model.identifier import IDENTIFIERS
from habitue.model.instant import Instant
from habitue.playbook.why import why
from habitue.wire import Parts

app = typer.Typer(help="Who is known, and all that is known of one person.", no_args_is_help=True)

Person = Annotated[
    str, typer.Argument(metavar="ID", help="A user id, anonymous id, customer id, or an e-mail address.")
]


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="A part of a user id, e-mail address or name.")] = "",
    data: Data = DATA,
    config: Config = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Find people, those seen last first."""
    view = wire.open_existing(data, config).view
    rows = [
        {"id": row.id, "known_as": row.search or None, "last_seen_at": moment(row.last_seen_at)}
        for row in view.people(query, limit)
    ]
    show(rows, as_json=as_json, empty="Nobody was found.")


@app.command("show")
def show_person(
    person: Person, data: Data = DATA, config: Config = None, limit: Limit = 20, as_json: Json = False
) -> None:
    """Show one person: identities, traits, consents, segments, runs, cart, latest events and decisions."""
    parts = wire.open_existing(data, config)
    customer = find(parts, person)
    ids = [customer.id, *customer.merged_ids]
    positions = [position for position, _ in parts.view.timeline(ids, limit)]
    records = sorted(parts.log.at(positions), key=lambda record: record.position, reverse=True)
    events = [
        {
            "occurred_at": moment(record.event.occurred_at),
            "name": record.event.name,
            "properties": record.event.properties,
        }
        for record in records
    ]
    decisions = [decision_row(decision) for _, decision in parts.view.decisions(customers=ids, limit=limit)]
    if as_json:
        print_json({"customer": plain(customer), "events": events, "decisions": decisions})
        return
    show_facts(_facts(customer, parts.clock.now()))
    for run in customer.runs:
        say(f"in journey {run.journey} since {moment(run.entered_at)}, next at {moment(run.due) or 'an event'}")
    heading("Latest events")
    show(events, as_json=False, empty="None yet.", columns=["occurred_at", "name"])
    heading("Latest decisions")
    show(decisions, as_json=False, empty="None yet.", columns=["at", "outcome", "journey", "step", "message", "why"])


@app.command()
def retry(person: Person, data: Data = DATA, config: Config = None) -> None:
    """Let someone whose step failed go on, once the cause is mended: her queued events follow in order."""
    parts = wire.open_existing(data, config)
    customer = _parked_id(parts, person)
    wire.retry_customer(parts, customer)
    say(f"{customer} goes on as soon as the decide process comes to it.")


def find(parts: Parts, person: str) -> Customer:
    """The one person meant. Raises HabitueError when there is none, or more than one."""
    spelled = person.strip().lower()
    by_identifier = [customer_id(kind, value) for kind in IDENTIFIERS for value in dict.fromkeys((person, spelled))]
    for one in (person, customer_id("user", person), customer_id("anonymous", person), *by_identifier):
        found = _load(parts, one)
        if found is not None:
            return found
    rows = parts.view.people(person, 6)
    exact = [row for row in rows if person.lower() in row.search.split()]
    if len(exact) == 1 or len(rows) == 1:
        found = _load(parts, (exact or rows)[0].id)
        if found is not None:
            return found
    if not rows:
        raise HabitueError(f'nobody is known as "{person}"; `habitue people search PART` finds people')
    names = ", ".join(f"{row.id} ({row.search})" for row in rows[:5])
    raise HabitueError(f'"{person}" could be {names}{" and others" if len(rows) > 5 else ""}; give one id')


def decision_row(decision: Decision) -> dict[str, Any]:
    """A decision as the command line shows it everywhere."""
    return {
        "at": moment(decision.at),
        "customer": decision.customer,
        "outcome": decision.outcome.value,
        "reason": decision.reason.value,
        "why": why(decision),
        "journey": decision.journey,
        "step": decision.step,
        "message": decision.message,
        "channel": decision.channel,
        "segment": decision.segment,
        "run": decision.run,
        "detail": decision.detail,
        "id": decision.id,
    }


def _load(parts: Parts, one: str) -> Customer | None:
    state = parts.view.person(one)
    if state is None:
        return None
    customer = msgspec.msgpack.decode(state, type=Customer)
    return customer if customer.merged_into is None else _load(parts, customer.merged_into)


def _parked_id(parts: Parts, person: str) -> str:
    parked = {row.customer for row in parts.view.parked()}
    wanted = {person, customer_id("user", person), customer_id("anonymous", person)}
    # She may be parked before her first state was ever stored, so the parked are asked first.
    for one in wanted & parked:
        return one
    customer = find(parts, person)
    if customer.id not in parked:
        raise HabitueError(f"{customer.id} is not parked; `habitue doctor` lists those who are")
    return customer.id


def named_words(customer: Customer) -> dict[str, Consent]:
    """By what each is about: `email` for the address they have now, `email · ana@example.com` for another of theirs."""
    current = spelled(email(customer))
    return {
        key if address in ("", current) else f"{key} · {address}": said for address, key, said in all_words(customer)
    }


def consent_state(consent: Consent) -> str:
    if consent.granted:
        return "given and confirmed" if consent.is_confirmed else "given"
    return "asked for, not confirmed" if consent.is_pending else "refused"


def _facts(customer: Customer, now: Instant) -> dict[str, Any]:
    return {
        "customer": customer.id,
        "user id": customer.user_id,
        "anonymous ids": customer.anonymous_ids,
        "first seen": moment(customer.first_seen_at or None),
        "last seen": moment(customer.last_seen_at or None),
        "traits": customer.traits,
        "consents": {name: consent_state(consent) for name, consent in named_words(customer).items()},
        "paused until": moment(paused_until(customer, now)),
        "suppressed": {channel: why for channel, (_, why) in customer.suppressed.items()},
        "segments": list(customer.segments),
        "orders": customer.orders,
        "revenue": customer.revenue / 1_000_000,
        "cart": list(customer.cart.lines),
        "next timer": moment(customer.due),
    }
