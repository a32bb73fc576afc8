"""A journey's steps as fields in plain words: every step by its id, with where it stands and what it does there."""

from __future__ import annotations

from collections.abc import Iterator

from habitue.playbook.journey import (
    ExitStep,
    GoalStep,
    If,
    SendStep,
    SetStep,
    Split,
    Step,
    WaitEvent,
    WaitFor,
    WaitUntil,
)
from habitue.playbook.saying import Said, clock, leaves, words

_HELD_APART = {"id", "then", "otherwise"}
"""Fields of a step that other fields here speak for."""


def placed(steps: tuple[Step, ...], where: str = "") -> Iterator[tuple[str, Step]]:
    """(where it stands, step) from top to bottom; the top is empty, a branch is `if_1 yes`."""
    for step in steps:
        yield where, step
        for name, inner in branches(step):
            yield from placed(inner, f"{step.id} {name}")


def branches(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The named lists of steps that a step holds."""
    match step:
        case If(branches=of, otherwise=otherwise):
            yield from ((branch.name, branch.then) for branch in of)
            yield "otherwise", otherwise
        case Split(shares=shares):
            yield from ((share.name, share.then) for share in shares)
        case WaitEvent(then=then, otherwise=otherwise):
            yield "then", then
            yield "otherwise", otherwise


def said_of_step(step: Step) -> dict[str, Said]:
    """What the step itself does, without the steps it holds."""
    found = {"kind": Said(_VERBS[type(step)], type(step).__name__)}
    for name in step.__struct_fields__:
        value = getattr(step, name)
        if name in _HELD_APART:
            continue
        if isinstance(step, If) and name == "branches":
            for branch in step.branches:
                found |= dict(leaves(f"branch {branch.name}", "when", branch.when))
        elif isinstance(step, Split) and name == "shares":
            found |= {f"share {share.name}": Said(str(share.weight), share.weight) for share in step.shares}
        elif isinstance(step, SetStep):
            for trait, to in step.traits.items():
                found[f"trait {trait}"] = Said("removed" if to is None else str(to), (type(to).__name__, to))
        else:
            found |= dict(leaves(_LABELS.get(name, words(name)), name, value))
    return found


def step_sentence(step: Step) -> str:
    """The step in a few words: `wait 25 minutes`, `send hello by email`."""
    said = {label: one.text for label, one in said_of_step(step).items()}
    match step:
        case WaitFor():
            return f"wait {said['for']}"
        case WaitUntil(minute_of_day=minute):
            days = f" on {said['weekdays']}" if "weekdays" in said else ""
            return f"wait until {clock(minute)}{days}"
        case WaitEvent():
            return f"wait {said['timeout']} for {said['for']}"
        case SendStep(message=message):
            return f"send {message} by {said['channels']}" if "channels" in said else f"send {message}"
        case GoalStep() | ExitStep():
            return said["kind"]
    return f"{said.pop('kind')} {', '.join(f'{label} {text}' for label, text in said.items() if label != 'salt')}"


def step_meaning(step: Step) -> object:
    return tuple((label, one.meaning) for label, one in said_of_step(step).items())


_LABELS = {"signals": "for", "span": "for"}
_VERBS: dict[type, str] = {
    WaitFor: "wait",
    WaitUntil: "wait until a time of day",
    WaitEvent: "wait for an event",
    If: "if",
    Split: "split",
    SendStep: "send",
    SetStep: "set",
    GoalStep: "goal",
    ExitStep: "exit",
}
