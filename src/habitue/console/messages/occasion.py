"""What a message's preview is of: the occasion, and what the guard would say if it were wanted now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from habitue.console import wording
from habitue.console.visit import Visit
from habitue.console.wording import Sign
from habitue.decide.guard import Defer, Refused, may_say
from habitue.decide.journeys.compile import about
from habitue.decide.occasion import Occasion, occasion
from habitue.decide.plan import Program
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.message import Message
from habitue.model.reason import Outcome, Reason

EVENTS_MAX = 400
"""So far back a person's own events are looked through for one that starts the journey."""
IDS_MAX = 200
NOWHERE = {
    "email": "No email address of theirs is known.",
    "onsite": "No browser of theirs is known.",
}


class Answer(NamedTuple):
    """What would become of the message now: a headline, the reason's sentence, its particulars."""

    sign: Sign
    headline: str
    sentence: str
    details: list[tuple[str, str]]


def found(visit: Visit, message: Message, customer: Customer) -> Occasion | None:
    return occasion(Program(visit.book), message.name, customer, _events(visit, customer), visit.now)


def said_of(visit: Visit, customer: Customer, seen: Occasion | None) -> str:
    """On what the preview goes by, in words."""
    if seen is None:
        return "Nothing this person did starts a journey that sends it: shown with a product of the shop."
    run, name = seen.run, visit.name(customer.id)
    journey = f"“{visit.words.journey(run.journey)}”"
    if seen.how == "under_way":
        return f"As in {journey}, where {name} is now."
    if seen.how == "moment":
        return f"As if {journey} began now."
    started = f"With the latest {run.event_name} that starts {journey}, of {visit.figures.full(run.began_at)}."
    return f"{started} That journey's condition is not met now." if seen.how == "unmet" else started


def answer(visit: Visit, message: Message, channel: str, customer: Customer, seen: Occasion | None) -> Answer:
    """Asks the guard itself, about this channel alone."""
    thing = about(message, seen.run.event) if seen is not None else ""
    said = may_say(visit.book, customer, message, (channel,), thing, visit.now, visit.now)
    on = wording.channel(channel)
    if not isinstance(said, Refused):
        return Answer(Sign("circle-check", "good"), f"Would be let through now {on}", "", [])
    verdict, words = said.verdict, visit.words
    because = verdict.because.value.replace("_", " ")
    if isinstance(verdict, Defer):
        outcome, headline = Outcome.HELD, f"held until {visit.figures.clock(verdict.until)}, {because}"
    else:
        outcome, headline = Outcome.DROPPED, because
    nowhere = NOWHERE.get(channel) if verdict.because is Reason.UNREACHABLE else None
    return Answer(
        wording.OUTCOMES[outcome][1],
        f"Would not be sent now: {headline}",
        nowhere or words.sentence(verdict.because),
        words.details(verdict.detail),
    )


def _events(visit: Visit, customer: Customer) -> Iterator[Event]:
    """The latest of this person's events, newest first by their own time; the log's order breaks ties."""
    ids = [customer.id, *customer.merged_ids][:IDS_MAX]
    places = visit.services.view.timeline(ids, EVENTS_MAX)
    records = visit.services.log.at([position for position, _ in places])
    for record in sorted(records, key=lambda one: (one.event.occurred_at, one.position), reverse=True):
        yield record.event
