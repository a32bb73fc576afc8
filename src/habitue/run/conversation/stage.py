"""The stage a story is played on: the real crank over stores of its own, a clock moved by hand, and a witness."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.event import IDENTIFIED, PLAYBOOK_APPLIED, Event, EventType
from habitue.model.instant import Instant, parse_span
from habitue.model.trust import Level
from habitue.playbook.playbook import Playbook
from habitue.run.clock import ManualClock
from habitue.run.conversation.moments import BEGINNING, moment, read_zone
from habitue.run.conversation.people import Goods, Person
from habitue.run.conversation.sentences import Speaker, say
from habitue.run.conversation.telling import Teller
from habitue.run.crank import Crank
from habitue.run.ports import Clock, Commit, Log, Parked, Store

Stores: TypeAlias = Callable[[Clock], tuple[Store, Log]]
"""Empty stores for one story: `lambda clock: (MemoryStore(), MemoryLog(clock))`."""

BATCH = 1_000
_PERSON = re.compile(
    r"(?P<who>[a-z][a-z0-9_]*)"
    r"(?: (?P<offline>offline)| on (?:her|his|their) (?P<device>[a-z]+))?"
    r"(?P<words>(?:'s)?[ :].+)"
)
_TAIL = re.compile(
    r"(?: at (?P<at>\d\d?:\d\d)(?: (?P<zone>\S+/\S+|UTC))?| (?P<ago>\d+[smhdw](?: \d+[smhdw])*) ago)?( and leaves)?"
)
_KEYWORDS = ("clock", "zone", "hide")


class Witness:
    """Passes commits on and remembers what was decided in them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.decisions: list[Decision] = []
        self.parked: list[Parked] = []

    def commit(self, commit: Commit) -> None:
        self._store.commit(commit)
        self.decisions += commit.decisions
        self.parked += commit.parked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Stage:
    """One story from its beginning. `do` raises ValueError for a line that cannot be understood."""

    def __init__(self, playbook: Playbook, stores: Stores) -> None:
        self.zone = read_zone(playbook.shop.timezone)
        self._playbook = playbook
        self._clock = ManualClock(0)
        store, self._log = stores(self._clock)
        self._witness = Witness(store)
        self._crank = Crank(self._witness, self._log, lambda _: playbook)
        self._people: dict[str, Person] = {}
        self._goods = Goods()
        self._events = 0
        self._began = False
        self._hides_segments = False

    def do(self, line: str) -> None:
        """One line of action."""
        keyword, _, rest = line.partition(" ")
        if keyword in _KEYWORDS:
            {"clock": self._move_clock, "zone": self._set_zone, "hide": self._hide}[keyword](rest.strip())
        else:
            self._act(line)

    def tell(self) -> list[str]:
        """What was decided since the last telling."""
        self._begin()
        self._turn()
        decisions, self._witness.decisions = self._witness.decisions, []
        parked, self._witness.parked = self._witness.parked, []
        if self._hides_segments:
            decisions = [decision for decision in decisions if decision.segment is None]
        names = {one: person.name for person in self._people.values() for one in person.customer_ids()}
        teller = Teller(self._playbook, self.zone, self._zone_of)
        lines = teller.lines(decisions, self._clock.now(), names, with_names=len(self._people) > 1)
        stuck = [f"{names.get(one.customer, one.customer)} is stuck: {one.error}" for one in parked]
        return stuck or lines

    # --- time ------------------------------------------------------------------------------------------------------

    def _begin(self, now: Instant | None = None) -> None:
        """Put the playbook in force, at the time the story begins."""
        if self._began:
            return
        self._began = True
        self._clock.set(moment(BEGINNING, 0, self.zone) if now is None else now)
        version = self._witness.save_playbook(self._playbook.name, self._playbook.files, self._clock.now(), "")
        self._append(
            Event(
                id=f"playbook-{version}",
                source="habitue",
                type="control",
                name=PLAYBOOK_APPLIED,
                occurred_at=self._clock.now(),
                properties={"version": version},
            )
        )

    def _move_clock(self, words: str) -> None:
        if not self._began and re.match(r"\d{4}-", words):
            self._begin(moment(words, 0, self.zone))
            return
        self._begin()
        self._go_to(moment(words, self._clock.now(), self.zone))

    def _go_to(self, instant: Instant) -> None:
        if instant < self._clock.now():
            raise ValueError("the clock of a story only goes forward")
        self._clock.set(instant)
        self._turn()

    def _turn(self) -> None:
        while self._crank.turn(BATCH, self._clock.now()).records:
            pass

    def _set_zone(self, words: str) -> None:
        self.zone = read_zone(words)

    def _hide(self, words: str) -> None:
        if words != "segments":
            raise ValueError(f'only segments can be hidden, as in "hide segments"; found "{words}"')
        self._hides_segments = True

    # --- people ----------------------------------------------------------------------------------------------------

    def _act(self, line: str) -> None:
        match = _PERSON.fullmatch(line)
        if match is None:
            raise ValueError(f'expected a person and what she does, such as ana looks at "Red Mug"; found "{line}"')
        self._begin()
        person = self._people.setdefault(match["who"], Person(match["who"], self.zone.key))
        device = None if match["offline"] else match["device"] or "browser"
        words, tail = _cut_tail(match["words"])
        if tail["at"]:
            self._go_to(moment(tail["at"], self._clock.now(), read_zone(tail["zone"]) if tail["zone"] else self.zone))
        self._events += 1
        said = say(Speaker(person, device, self._goods, self._events), words)
        read_zone(person.zone)
        if not said.name:
            return
        if tail["zone"]:
            person.zone = tail["zone"]
        ago = parse_span(tail["ago"]) if tail["ago"] else 0
        self._append(
            Event(
                id=f"story-{self._events}",
                source="habitue" if said.is_ours else "story",
                level=Level.CHANNEL if said.is_ours else said.level,
                type=_type_of(said.name),
                name=said.name,
                occurred_at=self._clock.now() - ago,
                user_id=person.name if device is None or device in person.signed_in else None,
                anonymous_id=person.anonymous_id(device) if device is not None else None,
                properties=said.properties,
                traits=said.traits,
                context={"timezone": person.zone},
            )
        )

    def _append(self, event: Event) -> None:
        self._log.append([event])
        self._turn()

    def _zone_of(self, customer: str) -> ZoneInfo | None:
        """Where the customer lives, as far as the shop knows."""
        state = self._witness.load([customer]).get(customer)
        name = msgspec.msgpack.decode(state, type=Customer).timezone if state is not None else ""
        return read_zone(name) if name else None


def _cut_tail(words: str) -> tuple[str, dict[str, str | None]]:
    """What is done, and when: `at 21:40 Europe/Istanbul`, `3d ago`."""
    for start in [found.start() for found in re.finditer(r" (?=at |\d|and )", words)]:
        tail = _TAIL.fullmatch(words, start)
        if tail is not None:
            return words[:start], tail.groupdict()
    return words, {"at": None, "zone": None, "ago": None}


def _type_of(name: str) -> EventType:
    return "identify" if name == IDENTIFIED else "track"
