"""A plan: what a new version of a playbook means otherwise, and what that does to people, before it is in force."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import msgspec

from habitue.decide.adopt import new_leaves
from habitue.decide.plan import Plan as Compiled
from habitue.decide.plan import Program
from habitue.model.instant import Instant
from habitue.playbook.diff import Changes, diff
from habitue.playbook.playbook import Playbook
from habitue.playbook.problem import PlaybookError, Problem

DAYS = 28
EXAMPLES = 5
FOR_EYES = ("title", "description")
SAYINGS = ("email: ", "onsite: ")
"""Fields that only say something, and decide nothing."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A segment's members by the old definition and by the new one, at the same moment; `joining` are a few of them."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0
    joining: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()


Asked: TypeAlias = tuple[str | None, str | None]
"""A segment's name in the old playbook and in the new one; None where there is none."""


class Past(Protocol):
    """What is kept of the past can say who would be a member."""

    def compare(
        self, before: Playbook | None, after: Playbook, asked: Sequence[Asked], examples: int
    ) -> list[Comparison]:
        """One for each that was asked about; `joining` and `leaving` are customer ids, at most so many."""
        ...


Sent: TypeAlias = Mapping[tuple[str, str], int]
"""(journey, channel) → messages."""


class SegmentImpact(msgspec.Struct, frozen=True, kw_only=True):
    """`how` is "depends" for a segment that is not touched itself, and has other members for what it is made of."""

    segment: str
    how: Literal["added", "removed", "changed", "depends"]
    members: Comparison


class MessagesImpact(msgspec.Struct, frozen=True, kw_only=True):
    """Messages a week, from a backtest of both versions over the same days: exposure, not effect."""

    journey: str
    channel: str
    before: float
    after: float


class RunsImpact(msgspec.Struct, frozen=True, kw_only=True):
    """Runs under way in a journey that changes: they keep the version they began with."""

    journey: str
    how: Literal["removed", "changed", "renamed"]
    runs: int


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """`days` is how much of the past the messages come from; 0: nobody looked. `filled`: events whose counters are new
    and are filled from history, which begins at `kept_since` where older events were deleted."""

    segments: tuple[SegmentImpact, ...] = ()
    days: int = 0
    messages: tuple[MessagesImpact, ...] = ()
    runs: tuple[RunsImpact, ...] = ()
    filled: tuple[str, ...] = ()
    kept_since: Instant | None = None

    @property
    def messages_before(self) -> float:
        return sum(row.before for row in self.messages)

    @property
    def messages_after(self) -> float:
        return sum(row.after for row in self.messages)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`id` names the version in force and the files: a plan made against others has another one.

    With `problems` the files cannot run, and nothing more is said. `files` are the paths whose text differs: where
    `changes` are empty, only layout and comments do.
    """

    id: str
    base: int
    digest: str
    made_at: Instant
    name: str = ""
    files: tuple[str, ...] = ()
    changes: Changes = Changes()
    impact: Impact = Impact()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    """What hinders nothing, and should be known."""

    @property
    def nothing_to_do(self) -> bool:
        return not self.files and not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a plan asks of the system. `sent`: (old playbook, new one, days) → what each would have sent in the days
    before now; nothing, where there is no old one."""

    past: Past
    sent: Callable[[Playbook | None, Playbook, int], tuple[Sent, Sent]]
    runs: Callable[[str], int]
    kept_since: Instant | None


def plan_id(base: int, digest: str) -> str:
    return hashlib.sha256(f"{base}\n{digest}".encode()).hexdigest()[:16]


def digest_of(files: Mapping[str, str]) -> str:
    text = json.dumps(dict(files), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def make_plan(
    files: Mapping[str, str],
    check: Callable[[Mapping[str, str]], Playbook],
    *,
    base: int,
    before: Playbook | None,
    known: Known,
    now: Instant,
    days: int = DAYS,
) -> Plan:
    """What applying `files` would change. `base` is the version in force, 0 before the first, and `before` that
    version read; None: it cannot be read any more, and everything counts as new."""
    digest = digest_of(files)
    old_files = before.files if before is not None else {}
    touched = tuple(sorted(path for path in {*files, *old_files} if files.get(path) != old_files.get(path)))
    plan = Plan(id=plan_id(base, digest), base=base, digest=digest, made_at=now, files=touched)
    try:
        after = check(files)
    except PlaybookError as error:
        return msgspec.structs.replace(plan, problems=tuple(error.problems))
    changes = diff(before, after)
    return msgspec.structs.replace(
        plan,
        name=after.name,
        changes=changes,
        impact=_impact(before, after, changes, known, days),
        notes=after.notes,
    )


def _impact(before: Playbook | None, after: Playbook, changes: Changes, known: Known, days: int) -> Impact:
    if _only_words(changes):
        return Impact()
    filled = _filled(before, after)
    messages = tuple(_messages(before, after, known, days)) if days else ()
    return Impact(
        segments=tuple(_segments(before, after, changes, known.past)),
        days=days,
        messages=messages,
        runs=tuple(_runs(changes, known)),
        filled=filled,
        kept_since=known.kept_since if filled else None,
    )


def _only_words(changes: Changes) -> bool:
    """Whether nothing is decided otherwise: titles, descriptions and what messages say."""
    return all(
        edit.how == "changed"
        and all(field.field in FOR_EYES or (edit.what == "message" and field.field.startswith(SAYINGS))
                for field in edit.fields)
        for edit in changes.edits
    )  # fmt: skip


# --- people ----------------------------------------------------------------------------------------------------------


def _segments(before: Playbook | None, after: Playbook, changes: Changes, past: Past) -> Iterator[SegmentImpact]:
    """Segments that come, go or are defined otherwise, and those that others make have other members."""
    touched = _touched(changes)
    asked = list(_asked(before, after, changes, touched))
    if not asked:
        return
    for (old, new), members in zip(asked, past.compare(before, after, asked, EXAMPLES), strict=True):
        name = new or old or ""
        how = touched.get(name, "depends")
        if how != "depends" or members.gained or members.lost:
            yield SegmentImpact(segment=name, how=how, members=members)


_HowTouched: TypeAlias = Literal["added", "removed", "changed", "depends"]


def _touched(changes: Changes) -> dict[str, _HowTouched]:
    """Segments whose own condition is new, gone or another; one that was only renamed has the same members."""
    found: dict[str, _HowTouched] = {}
    for edit in changes.of("segment"):
        match edit.how:
            case "added" | "removed":
                found[edit.name] = edit.how
            case "changed" if any(field.field not in FOR_EYES for field in edit.fields):
                found[edit.name] = "changed"
    return found


def _asked(
    before: Playbook | None, after: Playbook, changes: Changes, touched: Mapping[str, _HowTouched]
) -> Iterator[Asked]:
    """What else a playbook says of shop, channels or bands may change any segment; a segment, those made of it."""
    apart = ("segment", "journey", "message", "topic", "guard")
    anything = any(edit.what not in apart and edit.how != "added" for edit in changes.edits)
    was = {edit.name: edit.was for edit in changes.of("segment", "renamed")}
    old = before.segments if before is not None else {}
    reached = set(touched)
    while True:
        wider = {name for name, segment in after.segments.items() if segment.condition.segments & reached} | reached
        if wider == reached:
            break
        reached = wider
    for name in sorted({*after.segments, *touched}):
        if anything or name in reached:
            known = was.get(name, name)
            yield (known if known in old else None), (name if name in after.segments else None)


# --- messages and runs -----------------------------------------------------------------------------------------------


def _messages(before: Playbook | None, after: Playbook, known: Known, days: int) -> Iterator[MessagesImpact]:
    old, new = known.sent(before, after, days)
    for journey, channel in sorted({*old, *new}):
        counts = (sent.get((journey, channel), 0) * 7 / days for sent in (old, new))
        was, will_be = (round(count, 1) for count in counts)
        yield MessagesImpact(journey=journey, channel=channel, before=was, after=will_be)


def _runs(changes: Changes, known: Known) -> Iterator[RunsImpact]:
    for edit in changes.of("journey"):
        if edit.how != "added" and (runs := known.runs(edit.was or edit.name)):
            yield RunsImpact(journey=edit.was or edit.name, how=edit.how, runs=runs)


def _filled(before: Playbook | None, after: Playbook) -> tuple[str, ...]:
    """The events that counters are about which nothing has kept so far."""
    compiled = Compiled(Program(after))
    fresh = new_leaves(compiled, Program(before) if before is not None else None)
    events = (event for leaf in fresh for event in compiled.current.leaves[leaf].events)
    return tuple(sorted(set(events)))
