"""Groups of people lived through and counted: the one function that a process, a pool and a cluster all call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from habitue.model.event import Event, Record
from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook
from habitue.run.collector import uncollected

from .comparison import People
from .links import Links, ids
from .lives import Lives, counts
from .tally import Asked, Tally

TOLD_EVERY = 2_000
"""Records between two words about how far it is."""

Told = Callable[[int], None]
"""Called now and then with how many more events were lived through. What it raises ends the work."""


class Counted(msgspec.Struct):
    """A tally for each playbook, and where there are two, how people would fare under them. Adds up."""

    tallies: list[Tally]
    people: People

    @classmethod
    def nothing(cls, playbooks: int) -> Counted:
        return cls([Tally() for _ in range(playbooks)], People())

    def add(self, other: Counted) -> None:
        for mine, theirs in zip(self.tallies, other.tallies, strict=True):
            mine.add(theirs)
        self.people.add(other.people)

    def count_events(self, lived: int, in_period: int) -> None:
        for tally in self.tallies:
            tally.lived += lived
            tally.events += in_period


def lives_of(playbooks: Iterable[Playbook], asked: Asked) -> list[Lives]:
    return [Lives(playbook, asked.since, asked.until) for playbook in playbooks]


@uncollected()
def live(groups: Iterable[Sequence[Record]], lives: Sequence[Lives], asked: Asked, told: Told) -> Counted:
    """Live through each group of people under each playbook."""
    counted, since_told = Counted.nothing(len(lives)), 0
    for records in groups:
        messages = [
            tally.take_in(each.live(records), asked) for tally, each in zip(counted.tallies, lives, strict=True)
        ]
        if len(messages) == 2:  # The one and the other.
            counted.people.take_in(*messages)
        since_told += len(records)
        if since_told >= TOLD_EVERY:
            told(since_told)
            since_told = 0
    told(since_told)
    return counted


@uncollected()
def live_records(records: Iterable[Record], lives: Sequence[Lives], asked: Asked, told: Told) -> Counted:
    """The same over records in memory, each lived through at the moment it happened."""
    events = [record.event for record in records if counts(record.event) and record.event.occurred_at < asked.until]
    groups = list(groups_of(events, lives))
    counted = live(groups, lives, asked, told)
    in_period = (record.received_at >= asked.since for group in groups for record in group)
    counted.count_events(sum(map(len, groups)), sum(in_period))
    return counted


def groups_of(events: Sequence[Event], lives: Sequence[Lives]) -> Iterator[list[Record]]:
    """The events of people who may be joined, group by group, in order; each received the moment it happened."""
    links, rules = Links(), [each.playbook.identity for each in lives]
    whose = [links.tie(ids(event, rules)) for event in events]
    groups: dict[str, list[Event]] = defaultdict(list)
    for event, one in zip(events, whose, strict=True):
        if one is not None:
            groups[links.root(one)].append(event)
    for mine in groups.values():
        mine.sort(key=_happened_at)  # What came first of one moment stays first, as the log has it.
        yield [Record(position, event.occurred_at, event) for position, event in enumerate(mine)]


def _happened_at(event: Event) -> Instant:
    return event.occurred_at
