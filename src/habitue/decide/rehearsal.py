"""A program that is only tried out: it decides what the live one would, and spares whatever no journey asks for.

A segment that starts no journey is not followed, a counter or a fact nobody asks for is not kept, and the data of a
letter nobody will read are not put together. What is left out says nothing of anybody's way through a journey: ids of
decisions, which count everything that was decided about her, are all that differs.
"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.decide.conditions import Check
from habitue.decide.journeys.watch import FEW
from habitue.decide.plan import Program
from habitue.decide.profile import facts_for
from habitue.decide.profile.consent_words import SAYS_CONSENT
from habitue.model.instant import Span
from habitue.playbook.journey import OnInaction, OnSchedule, OnSegment
from habitue.playbook.playbook import Playbook


class Rehearsal(Program):
    """`heeds`: the events that can change anything it decides by, beyond who she is and where her clock stands.

    `restarts`: those among them that do nothing but start a watch for an inaction anew, and how soon it falls due: of
    two such events that follow upon each other sooner than that, the former leaves no trace.
    """

    writes_letters = False

    def __init__(self, playbook: Playbook) -> None:
        super().__init__(playbook)
        entries = [journey.entry for journey in self.journeys.values()]
        starting = {entry.segment for entry in entries if isinstance(entry, (OnSegment, OnSchedule))}
        self.segments = {name: segment for name, segment in self.segments.items() if name in starting}
        self.index_segments()
        checks = list(self._checks())
        read = frozenset[int]().union(*(check.leaves for check in checks))
        self.leaves = {number: leaf for number, leaf in self.leaves.items() if number in read}
        by_event = {
            event: tuple(leaf for leaf in leaves if leaf.id in read) for event, leaves in self.leaves_by_event.items()
        }
        self.leaves_by_event = {event: leaves for event, leaves in by_event.items() if leaves}
        self.facts = facts_for(frozenset[str]().union(*(check.facts for check in checks)))
        self.heeds = self._heeds()
        self.restarts = self._restarts() if self._has_few_watches() else {}

    def _checks(self) -> Iterator[Check]:
        for segment in self.segments.values():
            yield segment.check
        for journey in self.journeys.values():
            yield from (check for check in (journey.when, journey.exit_when) if check is not None)
            for instruction in journey.program:
                yield from instruction.checks

    def _heeds(self) -> frozenset[str]:
        return self._heard().union(self.entries_by_event)

    def _heard(self) -> frozenset[str]:
        """Without those that only start something."""
        return frozenset({*self.leaves_by_event, *self.facts, *self.segments_by_event, *SAYS_CONSENT}).union(
            self.answers, *(journey.hears for journey in self.journeys.values())
        )

    def _has_few_watches(self) -> bool:
        """Whether nobody ever has so many that some of them have to give way."""
        starting = [one for one in self.journeys.values() if isinstance(one.entry, (OnInaction, OnSchedule))]
        return len(starting) <= FEW and all(one.journey.key is None for one in starting)

    def _restarts(self) -> dict[str, Span]:
        heard = self._heard()
        found: dict[str, Span] = {}
        for name, journeys in self.entries_by_event.items():
            spans = [one.entry.within for one in journeys if isinstance(one.entry, OnInaction)]
            signals = [signal for one in journeys for signal in one.entry_signals if signal.event == name]
            always = all(signal.where is None for signal in signals)
            if name not in heard and always and len(spans) == len(journeys):
                found[name] = min(spans)
        return found
