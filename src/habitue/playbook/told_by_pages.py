"""Which messages may speak of an event that a page told: anybody can have a page tell anything."""

from __future__ import annotations

from collections.abc import Iterable

from habitue.model.claims import BY_NAME
from habitue.model.trust import PUBLIC
from habitue.playbook.journey import Journey, OnEvent, OnInaction, SendStep
from habitue.playbook.steps import walk


def events_by_message(journeys: Iterable[Journey]) -> dict[str, str]:
    """Message → the first event, by name, that starts a journey saying it and that a public key may tell."""
    found: dict[str, str] = {}
    for journey in journeys:
        event = _told_by_pages(journey)
        for step in walk(journey.steps) if event else ():
            if isinstance(step, SendStep):
                found[step.message] = min(event, found.get(step.message, event))
    return found


def _told_by_pages(journey: Journey) -> str:
    entry = journey.entry
    match entry:
        case OnEvent():
            names = {entry.signal.event}
        case OnInaction():
            names = {signal.event for signal in entry.signals}
        case _:
            return ""  # It knows no event.
    return min((name for name in names if name not in BY_NAME or BY_NAME[name].least in PUBLIC), default="")
