"""What a backtest counts, in a form that adds up: each group of people is counted by itself, in whatever process."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import combinations
from typing import Any, NamedTuple

import msgspec

from habitue.model.decision import Decision
from habitue.model.instant import DAY, WEEK, Instant, Span, to_datetime
from habitue.model.reason import Outcome

from .lives import Lived

EXAMPLES_MAX = 20
CLOSE: Span = DAY
"""Two journeys' messages to one person within this are close."""
FOLLOWS: Span = WEEK
BY_DAY = ("entered", "sent", "held", "dropped")
MESSAGED, ENTERED_ONLY, OTHERS = "messaged", "entered, not messaged", "others"
GROUPS = (MESSAGED, ENTERED_ONLY, OTHERS)


class Asked(NamedTuple):
    """What is reported on: all journeys or one, from `since` to before `until`; orders that came within `follows`."""

    since: Instant
    until: Instant
    journey: str | None = None
    follows: Span = FOLLOWS


class Kind(NamedTuple):
    """What a decision was about and came to."""

    journey: str
    step: str | None
    outcome: str
    reason: str
    message: str | None
    channel: str | None


class Tally(msgspec.Struct):
    """Sums. What they are by is said behind each; decisions are by `Kind`."""

    events: int = 0
    lived: int = 0
    people: int = 0
    decisions: Counter[tuple[str, str | None, str, str, str | None, str | None]] = msgspec.field(
        default_factory=Counter
    )
    reached: dict[tuple[str, str], Instant] = {}
    """(journey, step) → when it was first reached."""
    days: Counter[tuple[int, str, str]] = msgspec.field(default_factory=Counter)  # day, outcome, channel
    entrants: Counter[str] = msgspec.field(default_factory=Counter)  # journey; each person once
    per_person: Counter[int] = msgspec.field(default_factory=Counter)  # messages → people
    both: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)  # two journeys → people in both
    close: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)  # two journeys → messages close together
    followed: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)  # group, what
    examples: list[tuple[Instant, str, str, dict[str, Any]]] = []
    failed: int = 0
    failure: tuple[str, str] | None = None
    """The customer first by id whose step failed, and the error."""

    @property
    def kinds(self) -> list[tuple[Kind, int]]:
        return [(Kind(*kind), count) for kind, count in self.decisions.items()]

    def add(self, other: Tally) -> None:
        for name in ("events", "lived", "people", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        for step, at in other.reached.items():
            self.reached[step] = min(at, self.reached.get(step, at))
        self.examples = _first(self.examples + other.examples)
        self.failure = min((one for one in (self.failure, other.failure) if one is not None), default=None)

    def take_in(self, lived: Lived, asked: Asked) -> dict[str, int]:
        """Count some people's history; returns how many messages each person gets who gets any."""
        since, until, journey = asked.since, asked.until, asked.journey
        everyone: dict[str, _Way] = {}
        for one in lived.decisions:
            name = one.journey
            if name is None or not since <= one.at < until:
                continue
            if one.outcome is Outcome.ENTERED or one.outcome is Outcome.SENT:
                who = lived.who(one.customer)
                way = everyone.get(who)
                if way is None:
                    way = everyone[who] = _Way([], [])
                (way.sent if one.outcome is Outcome.SENT else way.entered).append((one.at, name))
            if journey is None or name == journey:
                self._decision(one, name)
        for way in everyone.values():
            self._overlap(way, journey)
        if journey is not None:
            everyone = {who: way.within(journey) for who, way in everyone.items()}
        self._people(everyone)
        self._orders(lived, everyone, asked)
        failed = lived.failed
        if failed:
            self.failed += len(failed)
            self.failure = min([*([self.failure] if self.failure else []), *failed.items()])
        return {who: len(way.sent) for who, way in everyone.items() if way.sent}

    def _decision(self, one: Decision, journey: str) -> None:
        step, at = one.step, one.at
        # As plain text: a member of an enumeration takes longer to be found than all else here.
        outcome = str(one.outcome)
        self.decisions[journey, step, outcome, str(one.reason), one.message, one.channel] += 1
        if step is not None:
            reached = self.reached.get((journey, step))
            if reached is None or at < reached:
                self.reached[journey, step] = at
        if outcome in BY_DAY:
            self.days[at // DAY, outcome, one.channel or ""] += 1
        if one.outcome is Outcome.SENT and (len(self.examples) < EXAMPLES_MAX or at <= self.examples[-1][0]):
            self.examples = _first([*self.examples, (at, one.customer, one.message or "", _example(one))])

    def _people(self, everyone: dict[str, _Way]) -> None:
        for way in everyone.values():
            entered = {name for _, name in way.entered}
            self.people += bool(entered)
            self.entrants.update(entered)
            if entered or way.sent:
                self.per_person[len(way.sent)] += 1

    def _overlap(self, way: _Way, journey: str | None) -> None:
        """Of one person: which journeys she was in, and which of their messages came close together."""
        if len({name for _, name in (*way.entered, *way.sent)}) < 2:
            return
        for pair in combinations(sorted({name for _, name in way.entered}), 2):
            if journey is None or journey in pair:
                self.both[pair] += 1
        sent = sorted(way.sent)
        for place, (at, name) in enumerate(sent):
            near = {other for then, other in sent[:place] if at - then <= CLOSE and other != name}
            for other in near:
                pair = (min(name, other), max(name, other))
                if journey is None or journey in pair:
                    self.close[pair] += 1

    def _orders(self, lived: Lived, everyone: dict[str, _Way], asked: Asked) -> None:
        """Orders that followed a message, an entry, or the first sight of whoever had neither."""
        orders: dict[str, list[tuple[Instant, int]]] = defaultdict(list)
        for customer, at, revenue in lived.sold:
            if at >= asked.since:
                orders[lived.who(customer)].append((at, revenue))
        seen: dict[str, Instant] = {}
        for customer, at in lived.seen.items():
            who = lived.who(customer)
            seen[who] = min(at, seen.get(who, at))
        for who in {**seen, **everyone}:
            group, moments = _group(everyone.get(who), seen.get(who))
            if not moments:
                continue  # Of her nothing but the end of what began before the period lies in it.
            self.followed[group, "people"] += 1
            if who not in orders:
                continue
            followed = [revenue for then, revenue in orders[who] if _follows(then, moments, asked.follows)]
            if followed:
                self.followed[group, "buyers"] += 1
                self.followed[group, "orders"] += len(followed)
                self.followed[group, "revenue"] += sum(followed)


class _Way(NamedTuple):
    """One person's entries and messages in the period: when, and of which journey."""

    entered: list[tuple[Instant, str]]
    sent: list[tuple[Instant, str]]

    def within(self, journey: str) -> _Way:
        return _Way([one for one in self.entered if one[1] == journey], [one for one in self.sent if one[1] == journey])


_COUNTERS = tuple(field.name for field in msgspec.structs.fields(Tally) if field.default_factory is Counter)


def _first(examples: list[tuple[Instant, str, str, dict[str, Any]]]) -> list[tuple[Instant, str, str, dict[str, Any]]]:
    return sorted(examples, key=lambda one: one[:3])[:EXAMPLES_MAX]


def _example(decision: Decision) -> dict[str, Any]:
    return {
        "customer": decision.customer,
        "at": to_datetime(decision.at).isoformat(),
        "journey": decision.journey,
        "message": decision.message,
        "channel": decision.channel,
        **decision.detail,
    }


def _group(way: _Way | None, seen: Instant | None) -> tuple[str, list[Instant]]:
    """Which group she is of, and the moments her orders may follow, in order."""
    if way is not None and way.sent:
        return MESSAGED, sorted(at for at, _ in way.sent)
    if way is not None and way.entered:
        return ENTERED_ONLY, sorted(at for at, _ in way.entered)
    return OTHERS, [] if seen is None else [seen]


def _follows(at: Instant, moments: list[Instant], within: Span) -> bool:
    """Whether one of the moments lies before, and no further than this."""
    place = bisect_left(moments, at)
    return place > 0 and at - moments[place - 1] <= within
