"""A backtest: who would have got what, when, and what would have stopped it, over recorded history.

It shows exposure, not effect: what customers would have done differently nobody can replay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from habitue.errors import HabitueError
from habitue.model.decision import Decision
from habitue.model.event import Record
from habitue.model.instant import Instant, to_datetime
from habitue.model.reason import Outcome
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Commit, Store
from habitue.run.replay import live_through

EXAMPLES_MAX = 20


class Report(msgspec.Struct, kw_only=True):
    """Counts for one journey, or for all when `journey` is None. Days are UTC dates."""

    journey: str | None
    since: Instant
    until: Instant
    events: int
    entered: int
    people: int
    sent: int
    held: int
    dropped: int
    by_step: list[tuple[str, str, str, int]]
    """(step, outcome, reason, count), in the order of steps first reached."""
    by_reason: dict[str, int]
    """Reason → how often a message was held or dropped, or an entry refused."""
    by_day: dict[str, dict[str, int]]
    """Date → outcome → count, for entered, sent, held and dropped."""
    by_channel: dict[str, int]
    per_person: dict[int, int]
    """Messages → how many of the people who entered would have got that many."""
    examples: list[dict[str, Any]]


class Ledger:
    """Watches commits go by and keeps the decisions of the period; everything else is passed on."""

    def __init__(self, store: Store, since: Instant, until: Instant) -> None:
        self._store = store
        self._since, self._until = since, until
        self.decisions: list[Decision] = []

    def commit(self, commit: Commit) -> None:
        self.decisions += [decision for decision in commit.decisions if self._since <= decision.at < self._until]
        self._store.commit(commit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def backtest(
    records: Iterable[Record],
    playbook: Playbook,
    store: Store,
    *,
    journey: str | None,
    since: Instant,
    until: Instant,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Live through the records with the whole playbook; report on the journey from `since` up to before `until`.

    Everything before `since` is lived through too: caps, re-entry rules and segments need their past. The other
    journeys run as well, because caps count their messages. Raises HabitueError for a journey nobody defined.
    """
    if journey is not None and journey not in playbook.journeys:
        known = ", ".join(sorted(playbook.journeys)) or "none"
        raise HabitueError(f'there is no journey "{journey}"; the playbook has: {known}')
    if until <= since:
        raise HabitueError("the period is empty: --to must be later than --from")
    ledger = Ledger(store, since, until)
    history = live_through(records, playbook, ledger, until - 1, progress)
    decisions = [decision for decision in ledger.decisions if decision.journey is not None]
    if journey is not None:
        decisions = [decision for decision in decisions if decision.journey == journey]
    events = sum(since <= record.received_at < until for record in history.records)
    return _report(decisions, journey, since, until, events)


def _report(decisions: list[Decision], journey: str | None, since: Instant, until: Instant, events: int) -> Report:
    outcomes = Counter(decision.outcome for decision in decisions)
    entrants = {decision.customer for decision in decisions if decision.outcome is Outcome.ENTERED}
    sent = [decision for decision in decisions if decision.outcome is Outcome.SENT]
    messages = Counter(decision.customer for decision in sent)
    steps = Counter(
        (_step(decision, journey), decision.outcome.value, decision.reason.value)
        for decision in decisions
        if decision.step is not None
    )
    stopped = (Outcome.HELD, Outcome.DROPPED, Outcome.REFUSED)
    return Report(
        journey=journey,
        since=since,
        until=until,
        events=events,
        entered=outcomes[Outcome.ENTERED],
        people=len(entrants),
        sent=outcomes[Outcome.SENT],
        held=outcomes[Outcome.HELD],
        dropped=outcomes[Outcome.DROPPED],
        by_step=[(*key, count) for key, count in steps.items()],
        by_reason=dict(Counter(decision.reason.value for decision in decisions if decision.outcome in stopped)),
        by_day=_by_day(decisions),
        by_channel=dict(Counter(decision.channel or "" for decision in sent)),
        per_person=dict(sorted(Counter(messages.get(one, 0) for one in entrants | set(messages)).items())),
        examples=[_example(decision) for decision in sent[:EXAMPLES_MAX]],
    )


def _step(decision: Decision, journey: str | None) -> str:
    return f"{decision.journey}/{decision.step}" if journey is None else str(decision.step)


def _by_day(decisions: list[Decision]) -> dict[str, dict[str, int]]:
    days: dict[str, dict[str, int]] = {}
    counted = (Outcome.ENTERED, Outcome.SENT, Outcome.HELD, Outcome.DROPPED)
    for decision in decisions:
        if decision.outcome in counted:
            day = days.setdefault(to_datetime(decision.at).date().isoformat(), {})
            day[decision.outcome.value] = day.get(decision.outcome.value, 0) + 1
    return dict(sorted(days.items()))


def _example(decision: Decision) -> dict[str, Any]:
    return {
        "customer": decision.customer,
        "at": to_datetime(decision.at).isoformat(),
        "message": decision.message,
        "channel": decision.channel,
        **decision.detail,
    }
