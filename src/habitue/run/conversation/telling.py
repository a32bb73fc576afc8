"""Decisions as lines a marketer reads: `enters cart_reminder · waits 30m`, `email note held to 08:00 (quiet_hours)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from habitue.model.decision import Decision
from habitue.model.instant import Instant, span_text
from habitue.model.reason import Outcome, Reason
from habitue.playbook.journey import Step, WaitUntil
from habitue.playbook.playbook import Playbook
from habitue.playbook.steps import walk
from habitue.run.conversation.moments import spoken

NOTHING = "nothing"


class Teller:
    """Knows the cast and the playbook; `zone` is the story's own, `zone_of` a customer's where it is another."""

    def __init__(self, playbook: Playbook, zone: ZoneInfo, zone_of: Callable[[str], ZoneInfo | None]) -> None:
        self._steps = {
            (journey.name, step.id): step for journey in playbook.journeys.values() for step in walk(journey.steps)
        }
        self._zone = zone
        self._zone_of = zone_of

    def lines(
        self, decisions: Iterable[Decision], now: Instant, names: Mapping[str, str], *, with_names: bool
    ) -> list[str]:
        """One line for what was decided about one person's one journey at one moment; `nothing` for nothing at all."""
        ordered = sorted(decisions, key=lambda decision: decision.at)
        told = []
        for (customer, at, _), group in groupby(
            ordered, key=lambda one: (one.customer, one.at, one.run or one.journey)
        ):
            words = " · ".join(self._words(decision) for decision in group)
            who = f"{names.get(customer, customer)} " if with_names else ""
            when = "" if at == now else f"{spoken(at, now, self._zone)} · "
            told.append(f"{when}{who}{words}")
        return told or [NOTHING]

    def _words(self, decision: Decision) -> str:
        return _TELL[decision.outcome](self, decision)

    def _entered(self, decision: Decision) -> str:
        key = decision.detail.get("key")
        return f"enters {decision.journey}" + (f" for {key}" if key else "")

    def _refused(self, decision: Decision) -> str:
        if decision.reason is Reason.TWO_KNOWN_USERS:
            return "is not joined with another known user"
        if decision.reason in (Reason.KEPT_APART, Reason.IDENTIFIER_LIMIT):
            return f"is not joined with another customer ({decision.reason})"
        key = decision.detail.get("key")
        return f"does not enter {decision.journey}" + (f" for {key}" if key else "") + f" ({decision.reason})"

    def _waiting(self, decision: Decision) -> str:
        until = decision.detail["until"]
        awaited = decision.detail.get("for")
        if isinstance(self._step(decision), WaitUntil):
            return f"waits to {self._at(until, decision)}"
        return f"waits {span_text(until - decision.at)}" + (f" for {' or '.join(awaited)}" if awaited else "")

    def _branched(self, decision: Decision) -> str:
        match decision.reason:
            case Reason.EVENT_CAME:
                return f"hears of {decision.detail['event']}"
            case Reason.TIMEOUT:
                return "waited in vain"
            case Reason.SPLIT:
                return f"draws {decision.detail['branch']}"
        return f"takes {decision.detail['branch']}"

    def _sent(self, decision: Decision) -> str:
        passed = decision.detail.get("passed_over")
        return f"{decision.channel} {decision.message}" + (f" (not {_listed(passed)})" if passed else "")

    def _held(self, decision: Decision) -> str:
        until = self._at(decision.detail["until"], decision)
        return f"{decision.channel} {decision.message} held to {until} ({decision.reason})"

    def _dropped(self, decision: Decision) -> str:
        because, also = decision.detail.get("because"), decision.detail.get("also")
        reasons = str(decision.reason)
        if decision.reason is Reason.EXPIRED and because:
            reasons += f": {because}"
        return f"{decision.channel} {decision.message} dropped ({reasons})" + (f" and {_listed(also)}" if also else "")

    def _changed(self, decision: Decision) -> str:
        if decision.reason is Reason.MERGED:
            return "is recognised"
        if decision.reason is Reason.PARTED:
            return "is parted from another customer"
        return "sets " + ", ".join(f"{name} = {_value(value)}" for name, value in decision.detail.items())

    def _left(self, decision: Decision) -> str:
        if decision.segment is not None:
            return f"is no longer in {decision.segment}"
        return f"leaves {decision.journey} ({decision.reason})"

    def _joined(self, decision: Decision) -> str:
        return f"is now in {decision.segment}"

    def _step(self, decision: Decision) -> Step | None:
        return self._steps.get((decision.journey or "", decision.step or ""))

    def _at(self, instant: Instant, decision: Decision) -> str:
        """On the customer's own clock, and whose it is when that is not the story's."""
        own = self._zone_of(decision.customer)
        if own is None or own.key == self._zone.key:
            return spoken(instant, decision.at, self._zone)
        return f"{spoken(instant, decision.at, own)} {own.key}"


_TELL: dict[Outcome, Callable[[Teller, Decision], str]] = {
    Outcome.ENTERED: Teller._entered,
    Outcome.REFUSED: Teller._refused,
    Outcome.WAITING: Teller._waiting,
    Outcome.BRANCHED: Teller._branched,
    Outcome.SENT: Teller._sent,
    Outcome.HELD: Teller._held,
    Outcome.DROPPED: Teller._dropped,
    Outcome.CHANGED: Teller._changed,
    Outcome.LEFT: Teller._left,
    Outcome.JOINED: Teller._joined,
}


def _listed(reasons: Mapping[str, str]) -> str:
    return ", ".join(f"{channel}: {reason}" for channel, reason in reasons.items())


def _value(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
    return str(value)
