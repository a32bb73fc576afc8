"""A plan in words: for a terminal, and as the comment on a pull request."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence

from habitue.model.instant import to_datetime
from habitue.playbook.diff import Difference, Edit
from habitue.playbook.problem import Problem
from habitue.run.planning import Impact, MessagesImpact, Plan, RunsImpact, SegmentImpact

SIGNS = {"added": "+", "removed": "-", "changed": "~", "renamed": "→"}
LONG = 100
"""A value longer than this stands on a line of its own."""
GONE = "(nothing)"
MARKS = {"added": "+", "removed": "-"}
COMMENT_MAX, ROWS_MAX = 40_000, 60
"""Of a comment: characters of what changes, and rows of a list. GitHub refuses those of more than 65,536 characters."""

Names = Callable[[Sequence[str]], list[str]]
"""What to call these customers."""


def in_words(plan: Plan, names: Names) -> Iterator[str]:
    """The plan line by line, for a terminal."""
    if plan.problems:
        yield from (f"{problem.file}:{problem.line}: {problem.text}" for problem in plan.problems)
        yield "The playbook cannot run, so there is nothing to plan."
        return
    yield headline(plan)
    for edit in plan.changes.edits:
        yield ""
        yield f"{SIGNS[edit.how]} {_called(edit)}"
        for field in _worth_showing(edit):
            yield from (f"    {line}" for line in _field_lines(field))
    yield from _impact_lines(plan.impact, names)
    yield from ("", *noted(plan.notes)) if plan.notes else ()


def noted(notes: Sequence[Problem]) -> Iterator[str]:
    return (f"Note: {note}" for note in notes)


def headline(plan: Plan) -> str:
    against = f"version {plan.base}, which is in force" if plan.base else "nothing: no playbook is in force yet"
    if plan.nothing_to_do:
        return f"Nothing to do: version {plan.base} has these very files."
    if not plan.changes.edits:
        return f"Against {against}: only layout and comments of {', '.join(plan.files)}. Nothing is decided otherwise."
    return f"Against {against}: {plan.changes.summary()}."


def _called(edit: Edit) -> str:
    name = f"{edit.was} → {edit.name}" if edit.was else edit.name
    said = " ".join(part for part in (edit.what, name) if part)
    return f"{said} ({edit.how}){f': {edit.title}' if edit.title else ''}"


def _worth_showing(edit: Edit) -> tuple[Difference, ...]:
    """Of something that goes its name says enough; of something new, all that is not long text."""
    if edit.how == "removed":
        return ()
    if edit.how == "added":
        return tuple(field for field in edit.fields if "\n" not in (field.after or ""))
    return edit.fields


def _field_lines(field: Difference) -> Iterator[str]:
    before, after = field.before, field.after
    if "\n" in (before or "") or "\n" in (after or ""):
        yield f"{field.field}:"
        yield from (f"  {line}" for line in _text_difference(before or "", after or ""))
    elif before is None:
        yield f"{field.field}: {after}"
    elif len(before) + len(after or "") > LONG:
        yield f"{field.field}:"
        yield f"  - {before}"
        yield f"  + {after if after is not None else GONE}"
    else:
        yield f"{field.field}: {before} → {after if after is not None else GONE}"
    if field.after_plain:
        yield f"  in words: {field.after_plain}"


def _text_difference(before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return (line for line in lines if not line.startswith(("---", "+++", "@@")))


# --- impact ----------------------------------------------------------------------------------------------------------


def _impact_lines(impact: Impact, names: Names) -> Iterator[str]:
    if impact.segments:
        yield ""
        yield "People"
    for row in impact.segments:
        yield f"  {people(row)}"
        for word, ids in (("joining", row.members.joining), ("leaving", row.members.leaving)):
            if ids:
                yield f"    {word}: {', '.join(names(ids))}"
    if impact.days:
        yield ""
        yield f"Messages a week, had each version been in force over the last {impact.days} days"
        yield from (f"  {line}" for line in messages(impact))
    if impact.runs or impact.filled:
        yield ""
    yield from (under_way(row) for row in impact.runs)
    yield from filled(impact)


def people(row: SegmentImpact) -> str:
    """`segment lookers: 1,204 → 1,312 (+142 −34)`."""
    members = row.members
    moved = " ".join(
        f"{sign}{count:,}" for sign, count in (("+", members.gained), ("−", members.lost)) if count
    ) or "the same people"  # fmt: skip
    why = ", by what it is made of" if row.how == "depends" else ""
    return f"segment {row.segment}: {members.before:,} → {members.after:,} ({moved}){why}"


def messages(impact: Impact) -> Iterator[str]:
    moved = [row for row in impact.messages if row.before != row.after]
    for row in moved:
        yield f"{row.journey} by {row.channel}: {_weekly(row)}"
    same = " (none of them changes)" if not moved and impact.messages else ""
    yield f"in all: {impact.messages_before:,.1f} → {impact.messages_after:,.1f}{same}"


def _weekly(row: MessagesImpact) -> str:
    return f"{row.before:,.1f} → {row.after:,.1f}"


def under_way(row: RunsImpact) -> str:
    runs = "1 run goes" if row.runs == 1 else f"{row.runs:,} runs go"
    return f"journey {row.journey} ({row.how}): {runs} on under the version they began with."


def filled(impact: Impact) -> Iterator[str]:
    if impact.filled:
        yield f"New counters are filled from history: {', '.join(impact.filled)}."
    if impact.kept_since is not None:
        since = to_datetime(impact.kept_since).date().isoformat()
        yield f"Events from before {since} are not kept: those counters begin there."


# --- the comment on a pull request -----------------------------------------------------------------------------------


def markdown(plan: Plan) -> str:
    """Without names or ids of people: a comment is read by more eyes than the console."""
    return "\n".join(_markdown_lines(plan)) + "\n"


def _markdown_lines(plan: Plan) -> Iterator[str]:
    yield "### Playbook plan"
    yield ""
    if plan.problems:
        yield "The playbook cannot run:"
        yield ""
        yield from (f"- `{problem.file}:{problem.line}` {problem.text}" for problem in plan.problems)
        return
    yield headline(plan)
    impact = plan.impact
    if impact.segments:
        yield from ("", "**People**", "", *_listed([people(row) for row in impact.segments]))
    if impact.days:
        title = f"**Messages a week**, had each version been in force over the last {impact.days} days"
        yield from ("", title, "", *_listed(list(messages(impact))))
    told = [*(under_way(row) for row in impact.runs), *filled(impact)]
    if told:
        yield from ("", "**Under way**", "", *_listed(told))
    if plan.notes:
        yield from ("", "**Notes**", "", *(f"- `{note.file}:{note.line}` {note.text}" for note in plan.notes))
    if plan.changes.edits:
        yield from ("", "<details><summary>What changes</summary>", "", "```diff", *_bounded(_diff_of(plan)))
        yield from ("```", "", "</details>")
    if not plan.nothing_to_do:
        yield from ("", f"Plan `{plan.id}`, against version {plan.base}.")


def _listed(rows: Sequence[str]) -> Iterator[str]:
    """The last row is the sum of a list, where it has one."""
    left_out = len(rows) - ROWS_MAX
    shown = rows if left_out <= 0 else [*rows[: ROWS_MAX - 1], f"… {left_out:,} more", rows[-1]]
    return (f"- {row}" for row in shown)


def _diff_of(plan: Plan) -> Iterator[str]:
    """As lines that GitHub paints red and green. Nothing in them may end the block they stand in."""
    for edit in plan.changes.edits:
        yield f"{MARKS.get(edit.how, '!')} {_called(edit)}".replace("```", "'''")
        for field in _worth_showing(edit):
            yield from (line.replace("```", "'''") for line in _diff_lines(field))


def _diff_lines(field: Difference) -> Iterator[str]:
    yield f"  {field.field}"
    before, after = field.before, field.after
    if "\n" in (before or "") or "\n" in (after or ""):
        yield from (f"{line[:1]}     {line[1:]}" for line in _text_difference(before or "", after or ""))
        return
    yield from (f"{sign}     {text}" for sign, text in (("-", before), ("+", after)) if text is not None)
    if field.after_plain:
        yield f"      in words: {field.after_plain}"


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    room = COMMENT_MAX
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            yield "  … and more: `habitue plan` shows all of it"
            return
        yield line
