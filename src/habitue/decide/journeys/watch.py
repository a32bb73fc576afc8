"""Entries that may fall due: an inaction being watched, and the next date of a schedule."""

from __future__ import annotations

import msgspec

from habitue.decide.journeys.compile import CompiledJourney
from habitue.decide.journeys.enter import key_of, refuse
from habitue.decide.local_time import next_time_of_day, zone
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Program
from habitue.model.customer import Customer, Entry
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.reason import Reason
from habitue.model.trust import PUBLIC
from habitue.playbook.journey import OnInaction, OnSchedule

WATCHES_MAX = 200
WATCHES_BYTES_MAX = 256 * 1024
FEW = 8
"""So few watches are not weighed."""

_encode = msgspec.msgpack.Encoder().encode


def start_watch(
    program: Program, journey: CompiledJourney, customer: Customer, event: Event, now: Instant, outcome: Outcome
) -> None:
    """Watch for what does not happen. The same key again starts the watch anew, so the last look counts."""
    rule = journey.entry
    assert isinstance(rule, OnInaction)
    key = key_of(journey, event.properties)
    if key is None:
        refuse(customer, journey, Reason.NO_KEY, now, outcome)
        return
    others = []
    for entry in customer.entries:
        if entry.key != key or entry.journey != journey.name:
            others.append(entry)
        elif entry.since > event.occurred_at:
            return  # This look comes late: a later one is being watched already.
    watch = Entry(
        journey=journey.name,
        version=program.version,
        key=key,
        due=max(now, event.occurred_at + rule.within),
        since=event.occurred_at,
        event=event.properties,
        event_name=event.name,
        trusted=event.level not in PUBLIC,
    )
    customer.entries = bounded([*others, watch])


def is_date(entry: Entry) -> bool:
    """Whether it is the next date of a schedule; a watch knows the event that began it."""
    return not entry.event_name


def bounded(entries: list[Entry]) -> list[Entry]:
    """As many of the latest watches as a customer may have, by number and by weight; dates are always kept."""
    if len(entries) <= FEW:
        return entries
    watches = [entry for entry in entries if not is_date(entry)]
    kept: set[tuple[str, str]] = set()
    weight = 0
    for entry in sorted(watches, key=lambda entry: (entry.since, entry.journey, entry.key), reverse=True):
        weight += len(_encode(entry.event))
        if weight > WATCHES_BYTES_MAX or len(kept) == WATCHES_MAX:
            break
        kept.add((entry.journey, entry.key))
    if len(kept) == len(watches):
        return entries
    return [entry for entry in entries if is_date(entry) or (entry.journey, entry.key) in kept]


def stop_watch(customer: Customer, journey: str, key: str) -> None:
    customer.entries = [entry for entry in customer.entries if not (entry.journey == journey and entry.key == key)]


def stop_watches(program: Program, customer: Customer, event: Event) -> None:
    """End the watches that this event answers: it is what was to be missing, and it came after the watch began."""
    kept = [entry for entry in customer.entries if not _answers(program, entry, event)]
    if len(kept) < len(customer.entries):
        customer.entries = kept


def _answers(program: Program, entry: Entry, event: Event) -> bool:
    journey = program.journeys.get(entry.journey)
    if journey is None or event.occurred_at < entry.since:
        return False
    return any(signal.hears(event.name, event.properties, entry.event, entry.key) for signal in journey.without)


def schedule(program: Program, journey: CompiledJourney, customer: Customer, after: Instant) -> None:
    """Set the next date of a schedule for this customer, in her own time or the shop's."""
    rule = journey.entry
    assert isinstance(rule, OnSchedule)
    shop = program.playbook.shop
    where = zone(customer.timezone if rule.zone == "customer" else shop.timezone, shop.timezone)
    stop_watch(customer, journey.name, "")
    customer.entries.append(
        Entry(
            journey=journey.name,
            version=program.version,
            key="",
            due=next_time_of_day(after, rule.minute_of_day, where, rule.weekdays, rule.day),
            since=after,
        )
    )
