"""The report of a backtest: exposure, not effect. What customers would have done differently nobody can replay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from habitue.model.instant import DAY, Instant, to_datetime
from habitue.playbook.playbook import Playbook

from .tally import GROUPS, Asked, Tally

K = TypeVar("K", bound=Any)


class JourneyRow(msgspec.Struct, kw_only=True):
    """One journey: `entered` counts runs, `people` each person once."""

    journey: str
    entered: int
    people: int
    sent: int
    held: int
    dropped: int
    refused: int
    by_channel: dict[str, int]
    """Channel → messages."""


class Stopped(msgspec.Struct, kw_only=True):
    """What the guard stopped: how often a message on a channel was held or dropped for this reason."""

    message: str
    channel: str
    outcome: str
    reason: str
    count: int


class Overlap(msgspec.Struct, kw_only=True):
    """Two journeys: people who entered both, and messages of one within 24 hours after one of the other."""

    one: str
    other: str
    people: int
    close: int


class Followed(msgspec.Struct, kw_only=True):
    """Orders that followed, by group. It says nothing of why they came.

    `buyers` are people with at least one such order; `revenue` is millionths of the shop's currency.
    """

    group: str
    people: int
    buyers: int
    orders: int
    revenue: int

    @property
    def rate(self) -> float:
        """Buyers per person."""
        return self.buyers / self.people if self.people else 0.0


class Report(msgspec.Struct, kw_only=True):
    """Counts for one journey, or for all when `journey` is None. Days are UTC dates."""

    playbook: str
    journey: str | None
    since: Instant
    until: Instant
    events: int
    """In the period."""
    lived: int
    """From the beginning on: what lies before the period is lived through too."""
    entered: int
    people: int
    sent: int
    held: int
    dropped: int
    by_journey: list[JourneyRow]
    by_step: list[tuple[str, str, str, int]]
    """(step, outcome, reason, count), in the order of steps first reached."""
    by_reason: dict[str, int]
    """Reason → how often a message was held or dropped, or an entry refused."""
    stopped: list[Stopped]
    by_day: dict[str, dict[str, int]]
    """Date → outcome → count, for entered, sent, held and dropped."""
    by_day_channel: dict[str, dict[str, int]]
    """Date → channel → messages."""
    by_channel: dict[str, int]
    per_person: dict[int, int]
    """Messages → how many of the people who entered, or got one, would have got that many."""
    overlap: list[Overlap]
    followed: list[Followed]
    follows_days: float
    """How long after a message, an entry or the first sight of a person an order counts as one that followed."""
    cost: dict[str, int]
    """Channel → what its messages would have cost, in millionths of the currency."""
    currency: str
    examples: list[dict[str, Any]]
    failed: int = 0
    """People whose step failed: from then on nothing was decided for them."""
    failure: str = ""
    """One of them, and the error."""

    @property
    def cost_in_all(self) -> int:
        return sum(self.cost.values())


STOPS = frozenset({"held", "dropped", "refused"})


def report_of(tally: Tally, playbook: Playbook, asked: Asked) -> Report:
    by_channel = _sums((channel, count) for (_, outcome, channel), count in tally.days.items() if outcome == "sent")
    outcomes = _sums((kind.outcome, count) for kind, count in tally.kinds)
    channels = playbook.channels
    return Report(
        playbook=playbook.name,
        journey=asked.journey,
        since=asked.since,
        until=asked.until,
        events=tally.events,
        lived=tally.lived,
        entered=outcomes.get("entered", 0),
        people=tally.people,
        sent=outcomes.get("sent", 0),
        held=outcomes.get("held", 0),
        dropped=outcomes.get("dropped", 0),
        by_journey=_journeys(tally, playbook, asked.journey),
        by_step=_steps(tally, asked.journey),
        by_reason=_greatest_first((kind.reason, count) for kind, count in tally.kinds if kind.outcome in STOPS),
        stopped=_stopped(tally),
        by_day=_by_day((day, outcome, count) for (day, outcome, _), count in tally.days.items()),
        by_day_channel=_by_day(
            (day, channel, count) for (day, outcome, channel), count in tally.days.items() if outcome == "sent"
        ),
        by_channel=by_channel,
        per_person=dict(sorted(tally.per_person.items())),
        overlap=[
            Overlap(one=one, other=other, people=tally.both[one, other], close=tally.close[one, other])
            for one, other in sorted({*tally.both, *tally.close})
        ],
        followed=[_followed(tally, group) for group in GROUPS],
        follows_days=asked.follows / DAY,
        cost={
            channel: count * channels[channel].cost if channel in channels else 0
            for channel, count in by_channel.items()
        },
        currency=playbook.shop.currency,
        examples=[example for _, _, _, example in tally.examples],
        failed=tally.failed,
        failure=": ".join(tally.failure) if tally.failure is not None else "",
    )


def _journeys(tally: Tally, playbook: Playbook, journey: str | None) -> list[JourneyRow]:
    """In the playbook's order, those that nobody entered included."""
    outcomes = _sums(((kind.journey, kind.outcome), count) for kind, count in tally.kinds)
    messages: dict[str, dict[str, int]] = defaultdict(dict)
    sent = (one for one in tally.kinds if one[0].outcome == "sent")
    for (name, channel), count in _sums(((kind.journey, kind.channel or ""), count) for kind, count in sent).items():
        messages[name][channel] = count
    return [
        JourneyRow(
            journey=name,
            entered=outcomes.get((name, "entered"), 0),
            people=tally.entrants[name],
            sent=outcomes.get((name, "sent"), 0),
            held=outcomes.get((name, "held"), 0),
            dropped=outcomes.get((name, "dropped"), 0),
            refused=outcomes.get((name, "refused"), 0),
            by_channel=messages[name],
        )
        for name in playbook.journeys
        if journey is None or name == journey
    ]


def _steps(tally: Tally, journey: str | None) -> list[tuple[str, str, str, int]]:
    counts = _sums(
        ((kind.journey, kind.step, kind.outcome, kind.reason), count)
        for kind, count in tally.kinds
        if kind.step is not None
    )
    ordered = sorted(counts.items(), key=lambda item: (tally.reached[item[0][0], item[0][1]], item[0]))
    return [
        (step if journey is not None else f"{name}/{step}", outcome, reason, count)
        for (name, step, outcome, reason), count in ordered
    ]


def _stopped(tally: Tally) -> list[Stopped]:
    counts = _greatest_first(
        ((kind.message, kind.channel or "", kind.outcome, kind.reason), count)
        for kind, count in tally.kinds
        if kind.outcome in STOPS and kind.message is not None
    )
    return [
        Stopped(message=message, channel=channel, outcome=outcome, reason=reason, count=count)
        for (message, channel, outcome, reason), count in counts.items()
    ]


def _followed(tally: Tally, group: str) -> Followed:
    people, buyers, orders, revenue = (
        tally.followed[group, what] for what in ("people", "buyers", "orders", "revenue")
    )
    return Followed(group=group, people=people, buyers=buyers, orders=orders, revenue=revenue)


def _by_day(counts: Iterable[tuple[int, str, int]]) -> dict[str, dict[str, int]]:
    days: dict[str, dict[str, int]] = {}
    for (day, what), count in _sums(((day, what), count) for day, what, count in counts).items():
        days.setdefault(to_datetime(day * DAY).date().isoformat(), {})[what] = count
    return days


def _sums(counts: Iterable[tuple[K, int]]) -> dict[K, int]:
    """By key, in its order."""
    sums: dict[K, int] = defaultdict(int)
    for key, count in counts:
        sums[key] += count
    return {key: sums[key] for key in sorted(sums)}


def _greatest_first(counts: Iterable[tuple[K, int]]) -> dict[K, int]:
    return dict(sorted(_sums(counts).items(), key=lambda item: -item[1]))
