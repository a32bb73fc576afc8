"""A journey as the tree its page draws: nodes from the top down, branches side by side as arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from habitue.console import wording
from habitue.console.visit import Visit
from habitue.console.wording import Sign
from habitue.model.instant import span_words
from habitue.playbook.journey import (
    ExitStep,
    GoalStep,
    If,
    Journey,
    SendStep,
    SetStep,
    Signal,
    Split,
    Step,
    WaitEvent,
    WaitFor,
    WaitUntil,
)


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to go on from a step. `is_open`: it comes back to the steps that follow the fork.

    `is_passed`: the line that gathers the open arms runs below it, from one farther right.
    """

    name: str
    text: str
    nodes: tuple[Node, ...]
    is_open: bool
    is_passed: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A step to draw. `is_last`: nothing follows it on its way."""

    id: str
    title: str
    text: str
    sign: Sign
    arms: tuple[Arm, ...] = ()
    is_last: bool = False


def nodes(visit: Visit, journey: Journey) -> tuple[Node, ...]:
    return tuple(_node(visit, step) for step in journey.steps)


def ends(drawn: Sequence[Node]) -> bool:
    """Whether nobody comes out at the lower end: a goal or an exit stands there, or every arm of a fork ends."""
    if not drawn:
        return False
    last = drawn[-1]
    return last.is_last or (bool(last.arms) and not any(arm.is_open for arm in last.arms))


def _node(visit: Visit, step: Step) -> Node:
    title = visit.words.step(step)
    match step:
        case WaitFor() | WaitUntil():
            return Node(step.id, title, "", Sign("hourglass", "busy"))
        case WaitEvent():
            arms = (_arm(visit, "It came", "", step.then), _arm(visit, "Time ran out", "", step.otherwise))
            text = " or ".join(_filter(visit, signal) for signal in step.signals if signal.where)
            return Node(step.id, title, text, Sign("hourglass", "busy"), _fork(arms))
        case If():
            branches = [
                _arm(visit, branch.name, wording.sentence_case(visit.services.plain(branch.when)), branch.then)
                for branch in step.branches
            ]
            branches.append(_arm(visit, "otherwise", "", step.otherwise))
            return Node(step.id, title, "", Sign("git-branch", "calm"), _fork(branches))
        case Split():
            whole = sum(share.weight for share in step.shares)
            shares = [
                _arm(visit, share.name, f"{visit.figures.percent(share.weight, whole)} of people", share.then)
                for share in step.shares
            ]
            text = "The same person always goes the same way."
            return Node(step.id, title, text, Sign("arrows-split", "calm"), _fork(shares))
        case SendStep():
            ways = ", else ".join(wording.channel(channel) for channel in step.channels)
            return Node(step.id, title, ways, Sign("send", "good"))
        case SetStep():
            text = ", ".join(f"{name} = {value}" for name, value in step.traits.items())
            return Node(step.id, title, text, Sign("tag", "calm"))
        case GoalStep():
            return Node(step.id, title, "", Sign("target-arrow", "good"), is_last=True)
        case ExitStep():
            return Node(step.id, title, "", Sign("door-exit", "calm"), is_last=True)


def _fork(arms: Sequence[Arm]) -> tuple[Arm, ...]:
    last_open = max((index for index, arm in enumerate(arms) if arm.is_open), default=-1)
    return tuple(replace(arm, is_passed=index < last_open) for index, arm in enumerate(arms))


def columns(drawn: Sequence[Node]) -> int:
    """How many steps stand beside each other at the widest place."""
    return max((sum(columns(arm.nodes) for arm in node.arms) if node.arms else 1 for node in drawn), default=1)


def _arm(visit: Visit, name: str, text: str, steps: tuple[Step, ...]) -> Arm:
    drawn = tuple(_node(visit, step) for step in steps)
    return Arm(wording.titled(name), text, drawn, is_open=not ends(drawn))


def _filter(visit: Visit, signal: Signal) -> str:
    return visit.services.plain(signal.where) if signal.where else ""


def rules(visit: Visit, journey: Journey) -> list[tuple[str, str]]:
    """What holds around the steps, as (icon, sentence)."""
    found: list[tuple[str, str]] = []
    if journey.when:
        found.append(("filter", f"Only for people for whom this is true: {visit.services.plain(journey.when)}"))
    found.append(("repeat", _reentry(journey)))
    if journey.key:
        found.append(("key", f"One passage at a time for each {journey.key}, at most {journey.runs_max} at once."))
    found += [
        ("target-arrow", f"The goal is reached by {_signal(visit, goal)}; the passage ends there.")
        for goal in journey.goals
    ]
    found += [("door-exit", f"Ends when {_signal(visit, leave)} comes.") for leave in journey.exits]
    if journey.exit_when:
        found.append(("door-exit", f"Ends as soon as this is true: {visit.services.plain(journey.exit_when)}"))
    if journey.time_limit is not None:
        found.append(("clock", f"Ends after {span_words(journey.time_limit)} at the latest."))
    return found


def _reentry(journey: Journey) -> str:
    match journey.reentry.mode:
        case "always":
            return "Can be entered again at any time after it ended."
        case "never":
            return "Is entered once in a lifetime."
    return f"Can be entered again {span_words(journey.reentry.after)} after the last entry."


def _signal(visit: Visit, signal: Signal) -> str:
    where = f" where {_filter(visit, signal)}" if signal.where else ""
    return f"{signal.event}{where}"
