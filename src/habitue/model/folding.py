"""An event's level, claims and proof within its context: for tables of events that have no columns for them."""

from __future__ import annotations

from typing import Any, NamedTuple

from .event import Event
from .trust import FOLDED, Level


def folded(event: Event) -> dict[str, Any]:
    """The event's context with its level, claims and proof in it, where they are others than a server's."""
    if event.level is Level.SERVER and not event.claims and not event.proof:
        return event.context
    told: dict[str, Any] = {"level": event.level.value}
    if event.claims:
        told["claims"] = event.claims
    if event.proof:
        told["proof"] = event.proof
    return {**event.context, FOLDED: told}


class Trust(NamedTuple):
    """What `folded` put away."""

    context: dict[str, Any]
    level: Level
    claims: dict[str, str]
    proof: str


def unfolded(context: dict[str, Any]) -> Trust:
    told = context.get(FOLDED)
    if told is None:
        return Trust(context, Level.SERVER, {}, "")
    bare = {word: value for word, value in context.items() if word != FOLDED}
    return Trust(bare, Level(told["level"]), told.get("claims", {}), told.get("proof", ""))
