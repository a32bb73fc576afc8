"""Plans over a data directory: what it keeps of the past says what a new version of the playbook would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from habitue.model.instant import DAY
from habitue.playbook.journey import If
from habitue.playbook.playbook import Playbook
from habitue.playbook.problem import Problem
from habitue.playbook.steps import walk
from habitue.run.backtest import Report, backtest, backtest_both
from habitue.run.planning import DAYS, Asked, Comparison, Known, Plan, Sent, make_plan

from .control import checked
from .parts import Parts
from .versions import read_version, version_in_force


def plan(parts: Parts, files: Mapping[str, str], *, days: int = DAYS) -> Plan:
    """What putting these files in force would change; messages a week from the last `days` of history, 0: not asked.

    Writes nothing. Files that cannot run come back as a plan with problems.
    """
    base = version_in_force(parts)
    known = Known(
        past=_Past(parts),
        sent=lambda before, after, over: _sent(parts, before, after, over),
        runs=lambda journey: sum(parts.view.place_counts(journey).values()),
        kept_since=parts.privacy.retention("events")[0] or None,
    )
    found = make_plan(
        files, checked, base=base, before=read_version(parts, base), known=known, now=parts.clock.now(), days=days
    )
    if found.problems or found.nothing_to_do:
        return found
    return msgspec.structs.replace(found, notes=(*found.notes, *unseen_notes(parts, checked(files))))


def unseen_notes(parts: Parts, playbook: Playbook) -> list[Problem]:
    """What segments and journeys ask for by name and never came: a slip, or something the shop does not send yet. And
    which currencies came without a rate."""
    from habitue.analyze.seen import unseen
    from habitue.analyze.unrated import without_rate

    asked = [(one.file, one.line, one.condition) for one in playbook.segments.values()]
    for journey in playbook.journeys.values():
        asked += [(journey.file, journey.line, one) for one in (journey.when, journey.exit_when) if one is not None]
        branches = [branch for step in walk(journey.steps) if isinstance(step, If) for branch in step.branches]
        asked += [(journey.file, journey.line, branch.when) for branch in branches]
    told: dict[str, Problem] = {}
    with parts.history() as history:
        for file, line, condition in asked:
            for one in unseen(history, [condition]):
                told.setdefault(str(one), Problem(file, line, 1, str(one)))
        unrated = [_lacks_rate(code, count) for code, count in without_rate(history, playbook.shop).items()]
    return [*unrated, *told.values()]


def _lacks_rate(code: str, count: int) -> Problem:
    events = f"{count:,} event{'' if count == 1 else 's'}"
    text = f"no rate for {code} when it was said ({events}): these amounts are in no sum; add it to shop.rates"
    return Problem("playbook.yaml", 1, 1, text)


class _Past:
    """Answers from the archive and what has not reached it yet, standing at one position of the log."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def compare(
        self, before: Playbook | None, after: Playbook, asked: Sequence[Asked], examples: int
    ) -> list[Comparison]:
        from habitue.analyze.changes import compare

        with self._parts.history() as history:
            found = compare(history, before, after, asked, self._parts.clock.now(), examples)
        return [
            Comparison(
                before=one.stayed + one.lost,
                after=one.stayed + one.gained,
                gained=one.gained,
                lost=one.lost,
                joining=tuple(one.gained_examples),
                leaving=tuple(one.lost_examples),
            )
            for one in found
        ]


def _sent(parts: Parts, before: Playbook | None, after: Playbook, days: int) -> tuple[Sent, Sent]:
    until = parts.clock.now()
    since = until - days * DAY
    if before is None:
        return {}, _by_channel(backtest(parts.recording(), after, since=since, until=until))
    both = backtest_both(parts.recording(), before, after, since=since, until=until)
    return _by_channel(both.one), _by_channel(both.other)


def _by_channel(report: Report) -> Sent:
    return {(row.journey, channel): count for row in report.by_journey for channel, count in row.by_channel.items()}
