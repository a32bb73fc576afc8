"""A customer's time zone changes: what waits for an hour of theirs waits for that hour where they are now.

A date of a schedule stays the same date: one whose hour came already is not started again, and one whose hour has
passed in the new zone is left out, since nothing starts at another hour than the one that was set.
"""

from __future__ import annotations

from habitue.decide.journeys.compile import END
from habitue.decide.journeys.travel import Traveller
from habitue.decide.journeys.watch import is_date
from habitue.decide.local_time import beginning_of_date, next_time_of_day, zone
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan, Program
from habitue.model.customer import Customer, Entry, Run
from habitue.model.instant import DAY, Instant
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason
from habitue.playbook.journey import OnSchedule, SendStep, WaitUntil


def move(plan: Plan, customer: Customer, before: str, after: str, now: Instant, outcome: Outcome) -> None:
    """Dates of schedules, and waits until an hour. `before` and `after` are names of zones, as browsers say them."""
    for entry in customer.entries:
        if is_date(entry):
            _move_date(plan.current, entry, before, after, now)
    for run in customer.runs:
        program = plan.program(run.version)
        if program is not None and run.journey in program.journeys:
            _move_wait(program, customer, run, before, after, now, outcome)


def keep_date(plan: Plan, customer: Customer, before: Entry, entry: Entry, now: Instant) -> None:
    """A date that a new version set afresh: where only the shop's clock is another, it stays the date it was.

    `before`: the next date under the version before. Where the schedule itself is another, the new one counts.
    """
    old, new = plan.program(before.version), plan.current
    if old is None or before.journey not in old.journeys:
        return
    rule = new.journeys[entry.journey].entry
    clocks = old.playbook.shop.timezone, new.playbook.shop.timezone
    if not isinstance(rule, OnSchedule) or old.journeys[before.journey].entry != rule or clocks[0] == clocks[1]:
        return
    own = customer.timezone if rule.zone == "customer" else ""
    there, here = (zone(own or shop, shop) for shop in clocks)
    earliest = max(now, beginning_of_date(before.due, there, here) - 1)
    entry.due = next_time_of_day(earliest, rule.minute_of_day, here, rule.weekdays, rule.day)


def ask_again(plan: Plan, traveller: Traveller, now: Instant) -> None:
    """What is held is asked for again: where the customer is now, the night may be over, or have begun."""
    for run in list(traveller.customer.runs):
        program = plan.program(run.version)
        if program is None or run.journey not in program.journeys or run.step == END or run.due is None:
            continue
        if isinstance(program.journeys[run.journey].program[run.step].step, SendStep):
            traveller.ask_again(program, run, now)


def _move_date(program: Program, entry: Entry, before: str, after: str, now: Instant) -> None:
    journey, shop = program.journeys.get(entry.journey), program.playbook.shop.timezone
    if journey is None or not isinstance(journey.entry, OnSchedule) or journey.entry.zone != "customer":
        return
    rule, there, here = journey.entry, zone(before, shop), zone(after, shop)
    if there != here:
        earliest = max(now, beginning_of_date(entry.due, there, here) - 1)
        entry.due = next_time_of_day(earliest, rule.minute_of_day, here, rule.weekdays, rule.day)


def _move_wait(
    program: Program, customer: Customer, run: Run, before: str, after: str, now: Instant, outcome: Outcome
) -> None:
    if run.step == END or run.due is None:
        return
    step, shop = program.journeys[run.journey].program[run.step].step, program.playbook.shop.timezone
    here = zone(after, shop)
    if not isinstance(step, WaitUntil) or zone(before, shop) == here:
        return
    run.due = next_time_of_day(now, step.minute_of_day, here, step.weekdays)
    outcome.stands(customer, run, step.id)
    if may_tell(customer, run, now):
        detail = {"until": run.due, "zone": here.key}
        outcome.decide(customer, now, Came.WAITING, Reason.WAIT, run=run, step=step.id, detail=detail)


def may_tell(customer: Customer, run: Run, now: Instant) -> bool:
    """Once a day for each journey: who uses two devices in two zones would flood the ledger."""
    mark = f"{run.journey}:zone"
    told = customer.refusals.get(mark)
    if told is not None and now - told < DAY:
        return False
    customer.refusals[mark] = now
    return True
