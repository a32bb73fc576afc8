"""A playbook made ready to run: what each event concerns, compiled once per version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from habitue.decide.conditions import Check, Compiler, Leaf
from habitue.decide.journeys.compile import CompiledJourney, compile_journey
from habitue.decide.profile import FACT_EVENTS, FACTS, Facts
from habitue.model.instant import Span
from habitue.playbook.journey import OnSchedule, OnSegment
from habitue.playbook.playbook import Playbook

K = TypeVar("K")
V = TypeVar("V")


class CompiledSegment:
    """A segment's name and its check; `truth` is the check's own, asked too often for another call between."""

    __slots__ = ("check", "name", "truth")

    def __init__(self, name: str, check: Check) -> None:
        self.name = name
        self.check = check
        self.truth = check.truth


class Program:
    """One version of the playbook, indexed by what can happen: an event touches only what names it."""

    facts: Facts = FACTS
    writes_letters = True

    def __init__(self, playbook: Playbook) -> None:
        compiler = Compiler({name: segment.condition for name, segment in playbook.segments.items()}, playbook)
        self.playbook = playbook
        self.version = playbook.version
        self.segments = {
            name: CompiledSegment(name, compiler.condition(segment.condition))
            for name, segment in playbook.segments.items()
        }
        self.journeys = {name: compile_journey(journey, compiler) for name, journey in playbook.journeys.items()}
        self.leaves: dict[int, Leaf] = dict(compiler.leaves)
        self.leaves_by_event: dict[str, tuple[Leaf, ...]] = dict(compiler.leaves_by_event)
        self.index_segments()
        self.entries_by_event = self._entries_by_event()
        self.entries_by_segment: dict[tuple[str, str], tuple[CompiledJourney, ...]] = _grouped(
            ((journey.entry.segment, journey.entry.change), journey)
            for journey in self.journeys.values()
            if isinstance(journey.entry, OnSegment)
        )
        self.schedules_by_segment: dict[str, tuple[CompiledJourney, ...]] = _grouped(
            (journey.entry.segment, journey)
            for journey in self.journeys.values()
            if isinstance(journey.entry, OnSchedule)
        )
        self.answers = frozenset(signal.event for journey in self.journeys.values() for signal in journey.without)
        """Events that can end the watch for an inaction."""
        self.exposure_horizon = self._exposure_horizon()

    def index_segments(self) -> None:
        """Note which segments have to be read again when something of hers changes."""
        self.segments_by_event = self._segments_by_event()
        self.segments_by_trait = self._segments_by_trait()
        self.segments_by_consent = self._segments_by_fact("consent")
        self.segments_by_identifier = self._segments_by_fact("identifier")
        self.segments_by_device = self._segments_by_fact("device")
        self.segments_by_clock = self._segments_by_fact("clock")

    def _segments_by_fact(self, fact: str) -> tuple[CompiledSegment, ...]:
        return tuple(segment for segment in self.segments.values() if fact in segment.check.facts)

    def _segments_by_event(self) -> dict[str, tuple[CompiledSegment, ...]]:
        return _grouped(
            (event, segment)
            for segment in self.segments.values()
            for event in sorted(segment.check.events.union(*(FACT_EVENTS[fact] for fact in segment.check.facts)))
        )

    def _segments_by_trait(self) -> dict[str, tuple[CompiledSegment, ...]]:
        return _grouped(
            (trait, segment) for segment in self.segments.values() for trait in sorted(segment.check.traits)
        )

    def _entries_by_event(self) -> dict[str, tuple[CompiledJourney, ...]]:
        return _grouped((event, journey) for journey in self.journeys.values() for event in _entry_events(journey))

    def _exposure_horizon(self) -> Span:
        """How long a message sent must be remembered: the longest cap, gap or duplicate rule."""
        guard = self.playbook.guard
        return max(
            [cap.within for cap in guard.caps]
            + [gap.span for gap in guard.gaps]
            + [message.duplicate_within for message in self.playbook.messages.values()],
            default=0,
        )


class Plan:
    """The version in force, and the older ones that runs in flight are pinned to.

    `older` fetches a compiled version by its number, or None when it is gone. It must answer the same at every call.
    """

    def __init__(self, current: Program, older: Callable[[int], Program | None] = lambda _: None) -> None:
        self.current = current
        self._older = older
        self._leaves: dict[frozenset[int], dict[str, tuple[Leaf, ...]]] = {}

    def program(self, version: int) -> Program | None:
        if version == self.current.version:
            return self.current
        return self._older(version)

    def leaves_by_event(self, pinned: frozenset[int]) -> dict[str, tuple[Leaf, ...]]:
        """The current version's leaves and those of the versions this customer's runs are pinned to, each once.

        Where two versions share a leaf but keep different amounts, the one that keeps more serves both.
        """
        cached = self._leaves.get(pinned)
        if cached is None:
            cached = self._leaves[pinned] = _by_event(self.leaves(pinned).values())
        return cached

    def leaves(self, pinned: frozenset[int]) -> dict[int, Leaf]:
        chosen = dict(self.current.leaves)
        for version in sorted(pinned):
            program = self.program(version)
            for leaf_id, leaf in program.leaves.items() if program is not None else ():
                known = chosen.get(leaf_id)
                if known is None or leaf.keeps_more_than(known):
                    chosen[leaf_id] = leaf
        return chosen


def _entry_events(journey: CompiledJourney) -> list[str]:
    return list(dict.fromkeys(signal.event for signal in journey.entry_signals))


def _by_event(leaves: Iterable[Leaf]) -> dict[str, tuple[Leaf, ...]]:
    return _grouped((event, leaf) for leaf in leaves for event in leaf.events)


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
