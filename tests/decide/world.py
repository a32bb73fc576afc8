"""A small shop for tests: a playbook in text, a clock that is moved by hand, the real crank over stores in memory."""

from __future__ import annotations

from typing import Any

import msgspec

from habitue.model.customer import Customer, customer_id
from habitue.model.decision import Decision
from habitue.model.effect import Effect
from habitue.model.event import CUSTOMER_RETRIED, CUSTOMER_SPLIT, IDENTIFIED, PLAYBOOK_APPLIED, Event
from habitue.model.instant import SECOND, Instant, Span
from habitue.model.trust import Level
from habitue.playbook.load import load
from habitue.run.crank import Crank
from habitue.store.memory import MemoryLog, MemoryStore

NOON: Instant = 1_779_969_600 * SECOND
"""2026-05-28 12:00 UTC."""

PLAYBOOK = """
playbook: corner
shop: {name: Corner shop, url: "https://corner.example", address: 1 Corner, timezone: UTC, currency: EUR}
channels:
  email: {consent: required, from: "Corner <hello@corner.example>"}
  onsite: {consent: implied}
topics:
  offers: {title: Offers}
  news: {title: News}
"""

NOTE = """
message: note
title: Note
topic: offers
duplicate_within: 1s
email:
  subject: Hello
  mjml: "<mjml><mj-body></mj-body></mjml>"
"""


class MovedClock:
    def __init__(self, now: Instant = NOON) -> None:
        self.instant = now

    def now(self) -> Instant:
        return self.instant


class World:
    """`files` are added to the corner shop's playbook, or replace parts of it."""

    def __init__(self, files: dict[str, str] | None = None) -> None:
        self.clock = MovedClock()
        self.store = MemoryStore()
        self.log = MemoryLog(self.clock)
        self.crank = Crank(self.store, self.log, load)
        self._number = 0
        self.apply(files or {})

    def apply(self, files: dict[str, str]) -> None:
        complete = {"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, **files}
        load(complete)  # The crank passes over what it cannot read; a test's mistake must not pass.
        version = self.store.save_playbook("corner", complete, self.clock.now(), "ana")
        self._append(
            Event(
                id=f"playbook-{version}",
                source="habitue",
                type="control",
                name=PLAYBOOK_APPLIED,
                occurred_at=self.clock.now(),
                properties={"version": version},
            )
        )
        self.turn()

    def event(self, name: str, who: str | None = "ana", device: str | None = None, **more: Any) -> Event:
        """`ago`: how long before now it happened."""
        self._number += 1
        return Event(
            id=more.pop("id", f"m{self._number:06d}"),
            source=more.pop("source", "web"),
            type="identify" if name == IDENTIFIED else "alias" if name == "Aliased" else "track",
            name=name,
            occurred_at=self.clock.now() - more.pop("ago", 0),
            user_id=who,
            anonymous_id=device,
            previous_id=more.pop("previous", None),
            traits=more.pop("traits", {}),
            context=more.pop("context", {}),
            identifiers=more.pop("identifiers", {}),
            level=more.pop("level", Level.SERVER),
            claims=more.pop("claims", {}),
            properties=more,
        )

    def happens(self, name: str, who: str | None = "ana", device: str | None = None, **more: Any) -> None:
        self._append(self.event(name, who, device, **more))
        self.turn()

    def meet(self, who: str = "ana", device: str | None = None) -> None:
        """She signs in, gives her address and allows e-mail."""
        self.happens(IDENTIFIED, who, device, traits={"email": f"{who}@example.com"})
        self.happens("Consent Granted", who, device, channel="email")

    def retry(self, who: str) -> None:
        self._append(
            Event(
                id=f"retry-{self.clock.now()}",
                source="habitue",
                type="control",
                name=CUSTOMER_RETRIED,
                occurred_at=self.clock.now(),
                properties={"customer": customer_id("user", who)},
            )
        )
        self.turn()

    def split(self, customer: str, part: str) -> None:
        """Both are customer ids."""
        self._append(
            Event(
                id=f"split-{part}-{self.clock.now()}",
                source="habitue",
                type="control",
                name=CUSTOMER_SPLIT,
                occurred_at=self.clock.now(),
                properties={"customer": customer, "part": part, "actor": "test"},
            )
        )
        self.turn()

    def people(self) -> list[Customer]:
        """Everybody, tombstones left out."""
        states = self.store.load(list(self.store.customer_ids()))
        return [msgspec.msgpack.decode(state, type=Customer) for state in states.values()]

    def passes(self, span: Span) -> None:
        self.clock.instant += span
        self.turn()

    def turn(self, batch: int = 1_000) -> None:
        while self.crank.turn(batch, self.clock.now()).records:
            pass

    def customer(self, who: str = "ana", kind: str = "user") -> Customer:
        state = self.store.person(customer_id(kind, who))
        assert state is not None, f"nobody knows {who}"
        return msgspec.msgpack.decode(state, type=Customer)

    def customer_of(self, row: str) -> str:
        """Where the tombstone under this id leads."""
        state = self.store.person(row)
        assert state is not None, f"nothing stands under {row}"
        into = msgspec.msgpack.decode(state, type=Customer).merged_into
        assert into is not None, f"{row} leads nowhere"
        return into

    def decisions(self, who: str | None = None) -> list[Decision]:
        found = [decision for _, decision in reversed(self.store.decisions(limit=100_000))]
        return [one for one in found if who is None or one.customer == customer_id("user", who)]

    def told(self, who: str | None = None) -> list[str]:
        """The ledger as short lines: outcome, reason and what it is about."""
        return [
            " ".join(filter(None, (one.outcome, one.reason, one.journey or one.segment, one.message, one.channel)))
            for one in self.decisions(who)
        ]

    def effects(self) -> list[Effect]:
        return [effect for _, effect in self.store.effects(0, 100_000)]

    def _append(self, event: Event) -> None:
        self.log.append([event])
