"""What somebody said last, also where it is not decided yet: it tells a repetition from a change of mind.

Mail clients and impatient fingers send the same form many times. The state alone cannot tell, for it is a moment
behind: so what the log holds beyond it is looked through as well.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import islice

from habitue.decide.profile.consent_words import SAYS_CONSENT
from habitue.decide.profile.consents import word
from habitue.decide.profile.pausing import PAUSED, RESUMED
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import DAY, HOUR, Instant, Span
from habitue.run.receipts import CONSENT_GRANTED, SOURCE

from .doors import Doors

_UNDECIDED_MAX = 5_000
"""So much is looked through. Where more waits, everything counts as news, as it is safer."""
_SAME_PAUSE: Span = HOUR
"""A pause chosen again within it is the same wish; after it, one to be left alone for longer."""


@dataclass(frozen=True, slots=True)
class Latest:
    """Somebody, and the words about them that are in the log and not in their state; all of them, if `all_known`."""

    person: Customer | None
    undecided: tuple[Event, ...]
    all_known: bool

    def said(self, key: str, address: str) -> tuple[bool | None, str]:
        """(yes, no or nothing known, when): the latest word on a channel or a topic of it, for an address.

        The moment stands for the word itself: what is made with it in its id is made once between two words.
        """
        if not self.all_known:
            return None, ""
        for event in reversed(self.undecided):
            if event.name in (PAUSED, RESUMED):
                continue
            if event.source != SOURCE:
                return None, event.id
            if _key(event) == key and event.properties.get("email", address) == address:
                return event.name == CONSENT_GRANTED, event.id
        known = word(self.person, key, address) if self.person is not None else None
        if known is None or not known.is_spoken:
            return None, "0"
        return known.granted, str(known.at)

    def pause(self, now: Instant) -> tuple[Span | None, str]:
        """(how long a pause was chosen just now, 0 where it was ended or there is none; when), None where unknown."""
        if not self.all_known:
            return None, ""
        for event in reversed(self.undecided):
            if event.name in (PAUSED, RESUMED):
                days = event.properties.get("days", 0)
                return (int(days * DAY) if event.source == SOURCE else None), event.id
        pause = self.person.pause if self.person is not None else None
        if pause is None or pause.until <= now:
            return 0, str(pause.at if pause is not None else 0)
        return (pause.until - pause.at if now - pause.at < _SAME_PAUSE else None), str(pause.at)


async def latest(doors: Doors, customer: str) -> Latest:
    """Of the person who has this id by now."""
    decided = await asyncio.to_thread(doors.decided)  # First: the state that is read next may be newer, never older.
    person = await doors.person(customer)
    theirs = {customer, *([person.id, *person.merged_ids] if person is not None else [])}
    records = await asyncio.to_thread(lambda: list(islice(doors.log.scan(decided), _UNDECIDED_MAX + 1)))
    events = [record.event for record in records]
    return Latest(
        person, tuple(event for event in events if _concerns(event, theirs)), all_known=len(events) <= _UNDECIDED_MAX
    )


def _concerns(event: Event, customers: set[str]) -> bool:
    """Whether it may be a word of this person's: of another's event, only the decide loop can say whose it is."""
    if event.name not in SAYS_CONSENT and event.name not in (PAUSED, RESUMED):
        return False
    return event.source != SOURCE or event.context.get("customer_id") in customers


def _key(event: Event) -> str:
    channel, topic = event.properties.get("channel", "email"), event.properties.get("topic")
    return f"{channel}:{topic}" if topic else channel
