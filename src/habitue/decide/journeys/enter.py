"""Into a journey: the entry condition, the key, the re-entry rule, how many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.decide.journeys.compile import CompiledJourney, path_text
from habitue.decide.outcome import Outcome, next_id
from habitue.decide.plan import Program
from habitue.model.customer import Customer, Run
from habitue.model.instant import DAY, Instant
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason

PASSED_MAX = 500


def enter(
    program: Program,
    journey: CompiledJourney,
    customer: Customer,
    event_name: str,
    event: dict[str, Any],
    now: Instant,
    outcome: Outcome,
    *,
    began_at: Instant,
    key: str | None = None,
    trusted: bool = False,
) -> Run | None:
    """A new run standing before its first step, or None with the refusal in the ledger.

    `began_at`: when the event happened, the watch began, or the segment was crossed. `trusted`: see `Run`.
    """
    if key is None:
        key = key_of(journey, event)
    refusal = _refusal(journey, customer, event, now, key)
    if refusal is not None:
        parts = journey.when if refusal is Reason.ENTRY_CONDITION else None
        if may_refuse(customer, journey, refusal, now):
            unmet = parts.unmet(customer, now, event, key or "") if parts is not None else []
            _write_refusal(customer, journey, refusal, now, outcome, {"key": key, "unmet": unmet})
        return None
    definition = journey.journey
    run = Run(
        id=next_id(customer),
        journey=journey.name,
        version=program.version,
        key=key or "",
        entered_at=now,
        step=journey.start,
        due=None,
        since=now,
        ends_at=now + definition.time_limit if definition.time_limit is not None else None,
        event=event,  # Never written to, so it can be shared with the log's record.
        event_name=event_name,
        began_at=began_at,
        trusted=trusted,
    )
    customer.runs.append(run)
    _remember(customer, journey, run.key, now)
    outcome.decide(
        customer,
        now,
        Came.ENTERED,
        Reason.ENTRY,
        run=run,
        detail={"by": event_name, **({"key": run.key} if run.key else {})},
    )
    return run


def key_of(journey: CompiledJourney, event: Mapping[str, Any]) -> str | None:
    """The run's key; "" for a journey without keys; None when the event does not carry it."""
    path = journey.journey.key
    if path is None:
        return ""
    return path_text(path, event) or None


def refuse(
    customer: Customer, journey: CompiledJourney, reason: Reason, now: Instant, outcome: Outcome, key: str = ""
) -> None:
    """Write the refusal, once a day for the same journey and reason: a busy visitor would flood the ledger."""
    if may_refuse(customer, journey, reason, now):
        _write_refusal(customer, journey, reason, now, outcome, {"key": key})


def may_refuse(customer: Customer, journey: CompiledJourney, reason: Reason, now: Instant) -> bool:
    written = customer.refusals.get(f"{journey.name}:{reason.value}")
    return written is None or now - written >= DAY


def _write_refusal(
    customer: Customer,
    journey: CompiledJourney,
    reason: Reason,
    now: Instant,
    outcome: Outcome,
    detail: Mapping[str, Any],
) -> None:
    customer.refusals[f"{journey.name}:{reason.value}"] = now
    said = {name: value for name, value in detail.items() if value}
    outcome.decide(customer, now, Came.REFUSED, reason, journey=journey.name, detail=said)


def _refusal(
    journey: CompiledJourney, customer: Customer, event: Mapping[str, Any], now: Instant, key: str | None
) -> Reason | None:
    if key is None:
        return Reason.NO_KEY
    runs = [run for run in customer.runs if run.journey == journey.name]
    if any(run.key == key for run in runs) or len(runs) >= journey.journey.runs_max:
        return Reason.ALREADY_IN
    if not _may_reenter(journey, customer, key, now):
        return Reason.REENTRY
    if journey.when is not None and not journey.when.evaluate(customer, now, event, key)[0]:
        return Reason.ENTRY_CONDITION
    return None


def _may_reenter(journey: CompiledJourney, customer: Customer, key: str, now: Instant) -> bool:
    rule = journey.journey.reentry
    if rule.mode == "always":
        return True
    passed = customer.passed.get(_mark(journey, key))
    return passed is None or (rule.mode == "after" and now >= passed + rule.after)


def _remember(customer: Customer, journey: CompiledJourney, key: str, now: Instant) -> None:
    if journey.journey.reentry.mode == "always":
        return
    customer.passed[_mark(journey, key)] = now
    forget_oldest(customer)


def forget_oldest(customer: Customer) -> None:
    passed = customer.passed
    if len(passed) > PASSED_MAX:
        for mark in sorted(passed, key=lambda mark: (passed[mark], mark))[:-PASSED_MAX]:
            del passed[mark]


def _mark(journey: CompiledJourney, key: str) -> str:
    return f"{journey.name}/{key}" if key else journey.name
