"""A journey's nested steps laid flat: each instruction knows where to go next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from habitue.decide.conditions import Check, Compiler
from habitue.decide.profile import FACT_EVENTS
from habitue.model.event import IDENTIFIED
from habitue.model.message import Message
from habitue.playbook.journey import (
    JOURNEY_REQUESTED,
    EntryRule,
    If,
    Journey,
    OnEvent,
    OnInaction,
    OnRequest,
    Signal,
    Split,
    Step,
    WaitEvent,
)

END = -1
"""The place after the last step."""

Filter: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any] | None, str], bool]


class CompiledSignal(NamedTuple):
    event: str
    where: Filter | None

    def hears(self, name: str, properties: Mapping[str, Any], entry: Mapping[str, Any] | None, key: str) -> bool:
        return name == self.event and (self.where is None or self.where(properties, entry, key))


class Instruction(NamedTuple):
    """One step at its place: `next` follows it; `targets` are the starts of its branches, in the step's own order."""

    step: Step
    next: int
    targets: tuple[int, ...] = ()
    checks: tuple[Check, ...] = ()
    signals: tuple[CompiledSignal, ...] = ()


class CompiledJourney:
    """A journey ready to run. `hears`: the events that can move a run of it."""

    def __init__(self, journey: Journey, compiler: Compiler) -> None:
        self.journey = journey
        self.name = journey.name
        self.entry: EntryRule = journey.entry
        self.when = compiler.condition(journey.when) if journey.when is not None else None
        self.exit_when = compiler.condition(journey.exit_when) if journey.exit_when is not None else None
        self.goals = tuple(_signal(goal, compiler) for goal in journey.goals)
        self.exits = tuple(_signal(leave, compiler) for leave in journey.exits)
        self.entry_signals = tuple(_signal(signal, compiler) for signal in entry_signals(journey.entry))
        self.without = (
            tuple(_signal(signal, compiler) for signal in journey.entry.without)
            if isinstance(journey.entry, OnInaction)
            else ()
        )
        self.program: list[Instruction] = []
        self.start = self._lay(journey.steps, END, compiler)
        self.hears = self._hears()

    def _lay(self, steps: tuple[Step, ...], after: int, compiler: Compiler) -> int:
        """Lay the steps so that the last goes on at `after`; returns where they start. Laid from the end backwards."""
        start = after
        for step in reversed(steps):
            start = self._lay_one(step, start, compiler)
        return start

    def _lay_one(self, step: Step, after: int, compiler: Compiler) -> int:
        match step:
            case WaitEvent():
                targets = (self._lay(step.then, after, compiler), self._lay(step.otherwise, after, compiler))
                signals = tuple(_signal(signal, compiler) for signal in step.signals)
                instruction = Instruction(step, after, targets, signals=signals)
            case If():
                branches = tuple(self._lay(branch.then, after, compiler) for branch in step.branches)
                checks = tuple(compiler.condition(branch.when) for branch in step.branches)
                instruction = Instruction(step, after, (*branches, self._lay(step.otherwise, after, compiler)), checks)
            case Split():
                instruction = Instruction(
                    step, after, tuple(self._lay(share.then, after, compiler) for share in step.shares)
                )
            case _:
                instruction = Instruction(step, after)
        self.program.append(instruction)
        return len(self.program) - 1

    def _hears(self) -> frozenset[str]:
        signals = [*self.goals, *self.exits]
        for instruction in self.program:
            signals.extend(instruction.signals)
        heard = {signal.event for signal in signals}
        if self.exit_when is not None:
            heard |= self.exit_when.events
            if self.exit_when.traits:
                heard.add(IDENTIFIED)
            for fact in self.exit_when.facts:
                heard |= FACT_EVENTS[fact]
        return frozenset(heard)

    def step_name(self, index: int) -> str | None:
        return self.program[index].step.id if index != END else None


def compile_journey(journey: Journey, compiler: Compiler) -> CompiledJourney:
    return CompiledJourney(journey, compiler)


def about(message: Message, event: Mapping[str, Any]) -> str:
    """The thing a message is about, as text; empty when it is about nothing in particular."""
    return path_text(message.about, event) if message.about else ""


def path_text(path: str, event: Mapping[str, Any]) -> str:
    """The value at `event.a.b` as text of bounded length; empty when there is none."""
    value: Any = event
    for part in path.split(".")[1:]:
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
        return ""
    return str(value)[:200]


def _signal(signal: Signal, compiler: Compiler) -> CompiledSignal:
    return CompiledSignal(signal.event, compiler.filter(signal.where) if signal.where is not None else None)


def entry_signals(entry: EntryRule) -> tuple[Signal, ...]:
    """The signals that start a journey, or the watch for it."""
    match entry:
        case OnEvent(signal=signal):
            return (signal,)
        case OnInaction(signals=signals):
            return signals
        case OnRequest():
            return (Signal(event=JOURNEY_REQUESTED),)
    return ()
