"""The reports of backtests and simulations, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from habitue.cli.output import heading, moment, say, show, show_facts
from habitue.model.reached import Reached
from habitue.model.reason import Outcome
from habitue.run.backtest import Comparison, Difference, PersonChange, Report

MILLIONTHS = 1_000_000
WORDS = {Outcome.SENT.value: Reached.QUEUED.value}
"""What the guard lets through is queued; nobody can know of the past what would have been shown."""


def show_report(report: Report) -> None:
    heading(f"{report.journey or 'All journeys'}, {moment(report.since)} to {moment(report.until)}")
    show_facts(_facts(report))
    if report.failed:
        say(f"For {report.failed:,} people nothing was decided from some moment on, because the playbook failed there.")
        say(f"One of them: {report.failure}")
    if len(report.by_journey) > 1:
        heading("By journey")
        rows = [_worded(msgspec.structs.asdict(row)) for row in report.by_journey]
        show(
            rows,
            as_json=False,
            empty="",
            columns=["journey", "entered", "people", "queued", "held", "dropped", "refused"],
        )
    heading("By step")
    steps = [
        {"step": step, "outcome": WORDS.get(outcome, outcome), "reason": reason, "count": count}
        for step, outcome, reason, count in report.by_step
    ]
    show(steps, as_json=False, empty="Nobody came to any step.")
    heading("What the guard stopped")
    show([msgspec.structs.asdict(row) for row in report.stopped], as_json=False, empty="Nothing.")
    heading("Why not, messages and entries together")
    reasons = [{"reason": reason, "count": count} for reason, count in report.by_reason.items()]
    show(reasons, as_json=False, empty="Nothing was refused, held or dropped.")
    heading("By day")
    days = [
        {"day": day, **_worded(counts), **report.by_day_channel.get(day, {})} for day, counts in report.by_day.items()
    ]
    columns = ["day", "entered", "queued", "held", "dropped", *report.by_channel]
    show([{name: day.get(name, 0) for name in columns} for day in days], as_json=False, empty="Nothing happened.")
    _show_overlap(report)
    _show_followed(report)
    _show_examples(report)


def _worded(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {WORDS.get(name, name): value for name, value in counts.items()}


def _facts(report: Report) -> dict[str, Any]:
    facts = {
        "events in the period": report.events,
        "entered": report.entered,
        "people": report.people,
        Reached.QUEUED.value: report.sent,
        "held": report.held,
        "dropped": report.dropped,
        "by channel": report.by_channel,
        "messages per person": [f"{messages} × {people:,} people" for messages, people in report.per_person.items()],
    }
    if report.cost_in_all:
        facts["cost"] = f"{_money(report.cost_in_all)} {report.currency}"
    return facts


def _show_overlap(report: Report) -> None:
    if not report.overlap:
        return
    heading("Where journeys meet")
    rows = [
        {"journeys": f"{one.one}, {one.other}", "people_in_both": one.people, "messages_within_24h": one.close}
        for one in report.overlap
    ]
    show(rows, as_json=False, empty="")


def _show_followed(report: Report) -> None:
    heading(f"Orders that followed within {report.follows_days:g} days")
    rows = [
        {
            "people": one.group,
            "in_all": one.people,
            "who_ordered": one.buyers,
            "rate": f"{one.rate:.2%}",
            "orders": one.orders,
            "revenue": f"{_money(one.revenue)} {report.currency}",
        }
        for one in report.followed
    ]
    show(rows, as_json=False, empty="")
    say("These orders came without the messages: the groups are different people, and it says nothing of an effect.")


def _show_examples(report: Report) -> None:
    """A few messages it would have sent: the check by eye that figures cannot give."""
    if report.examples:
        heading("For example")
        show(report.examples, as_json=False, empty="", columns=["at", "customer", "journey", "message", "channel"])


def show_comparison(found: Comparison, one: str, other: str) -> None:
    report = found.other
    heading(f"{report.journey or 'All journeys'}, {moment(report.since)} to {moment(report.until)}: {one} → {other}")
    money = {"cost"} if report.cost_in_all or found.one.cost_in_all else set()
    totals = {name: found.totals[name] for name in ("entered", "people", "sent", "held", "dropped", *money)}
    show([_change("", name, difference) for name, difference in totals.items()], as_json=False, empty="")
    heading("By journey")
    rows = [
        _change(journey, name, difference)
        for journey, differences in found.by_journey.items()
        for name, difference in differences.items()
    ]
    show(rows, as_json=False, empty="No journey differs.")
    for title, differences in (("Messages by day", found.by_day), ("Messages by channel", found.by_channel)):
        _show_differences(title, differences)
    _show_differences("Why not", found.by_reason)
    _show_differences("People by their number of messages", {str(n): one for n, one in found.per_person.items()})
    people = found.people
    heading("People")
    show_facts(
        {
            "more messages": f"{people.more:,}, {people.first:,} of them had none",
            "fewer messages": f"{people.fewer:,}, {people.none:,} of them get none",
            "as many": people.same,
        }
    )
    _show_people("Who gets more, for example", people.examples_more)
    _show_people("Who gets fewer, for example", people.examples_fewer)


def _change(what: str, name: str, difference: Difference) -> dict[str, Any]:
    values = (difference.one, difference.other, difference.change)
    if name == "cost":
        one, other, change = (_money(value) for value in values)
    else:
        one, other, change = (f"{value:,}" for value in values)
    sign = "+" if difference.change > 0 else ""
    return {
        **({"journey": what} if what else {}),
        "": WORDS.get(name, name),
        "one": one,
        "other": other,
        "change": f"{sign}{change}",
    }


def _show_differences(title: str, differences: Mapping[str, Difference]) -> None:
    if differences:
        heading(title)
        show([_change("", name, difference) for name, difference in differences.items()], as_json=False, empty="")


def _show_people(title: str, changes: list[PersonChange]) -> None:
    if changes:
        heading(title)
        show([msgspec.structs.asdict(change) for change in changes], as_json=False, empty="")


def _money(millionths: int) -> str:
    return f"{millionths / MILLIONTHS:,.2f}"
