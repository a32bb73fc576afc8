"""Lets go of what is older than it is to be kept, once a day, and finds what people asked the shop for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import structlog

from habitue.decide.identity import is_known
from habitue.model.customer import Customer
from habitue.model.event import LEDGER_PRUNED, Event, erased
from habitue.model.instant import DAY, HOUR, Instant
from habitue.model.source import KINDS
from habitue.store.archive import Archive
from habitue.store.sqlite.privacy import Request

from .parts import Parts
from .privacy import DATA_REQUESTED, ERASURE_REQUESTED, request_erasure, whose

ROWS_PER_STEP = 2_000
ROWS_PER_ORDER = 20_000
"""Decisions or effects that one control event lets go of: the decide loop waits while it does."""
PEOPLE_PER_STEP = 1_000
REQUESTS = "requests"
RETENTION = "retention"

_say = structlog.get_logger("habitue.privacy")
_decode = msgspec.msgpack.Decoder(Customer).decode


class Retention:
    """The archive process's part, in steps. Each class is done again from its beginning after a crash."""

    def __init__(self, parts: Parts, archive: Archive | None) -> None:
        self._parts = parts
        self._archive = archive
        self._steps: Iterator[None] | None = None
        kept = parts.settings.retention
        self._classes: dict[str, tuple[int, Callable[[Instant], Iterator[None]]]] = {
            "events": (kept.events_days, self._events),
            "decisions": (kept.decisions_days, self._decisions),
            "effects": (kept.deliveries_days, self._effects),
            "dead_letters": (kept.dead_letters_days, self._dead_letters),
            "anonymous": (kept.anonymous_days, self._anonymous),
            "customers": (kept.customers_days, self._customers),
        }

    def step(self) -> bool:
        """Do a little; whether there is more to do at once."""
        if self._steps is None:
            name = next((name for name, (days, _) in self._classes.items() if is_due(self._parts, name, days)), None)
            if name is None:
                return False
            self._steps = self._let_go(name)
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
        except BaseException:
            self._steps = None
            raise
        return True

    def _let_go(self, name: str) -> Iterator[None]:
        days, work = self._classes[name]
        now = self._parts.clock.now()
        before = now - days * DAY
        # First, so that whoever asks meanwhile is not told that everything is still there.
        self._parts.privacy.set_retention(name, before, self._parts.privacy.retention(name)[1])
        yield from work(before)
        self._parts.privacy.set_retention(name, before, now)
        _say.info("retention_kept", what=name, days=days)

    def _events(self, before: Instant) -> Iterator[None]:
        """They become empty ones at their places. Orders to the decide loop stay, and what parked people wait for."""
        log, store = self._parts.log, self._parts.store
        waiting = {position for one in store.parked_ids() for position in store.skipped(one)}
        decided, after = store.position(), -1
        while page := log.events_before(before, after, ROWS_PER_STEP):
            after = page[-1].position
            gone = [
                (one.position, erased(one.received_at))
                for one in page
                if one.event.type != "control" and one.position <= decided and one.position not in waiting
            ]
            log.rewrite(gone)
            yield
        self._drop_days("events", before)

    def _decisions(self, before: Instant) -> Iterator[None]:
        done = max(self._parts.privacy.position("decisions"), 0)
        while page := self._parts.view.decisions_after(done, ROWS_PER_ORDER):
            old = [sequence for sequence, one in page if one.at < before]
            last = next((sequence - 1 for sequence, one in page if one.at >= before), page[-1][0])
            if not old or last <= done:
                break
            self._order("decisions", last)
            done = last
            yield
        self._drop_days("decisions", before)

    def _effects(self, before: Instant) -> Iterator[None]:
        """Only what the outbox has taken in; what it made of it, it lets go of itself."""
        done, taken_in = max(self._parts.privacy.position("effects"), 0), self._parts.deliveries.cursor()
        while page := self._parts.store.effects(done, ROWS_PER_STEP):
            last = next(
                (sequence - 1 for sequence, one in page if one.at >= before or sequence > taken_in), page[-1][0]
            )
            if last <= done:
                break
            self._order("effects", last)
            done = last
            yield
        self._drop_days("deliveries", before)

    def _order(self, name: str, last: int) -> None:
        self._parts.log.append(
            [
                Event(
                    id=f"prune-{name}-{last}",
                    source="habitue",
                    type="control",
                    name=LEDGER_PRUNED,
                    occurred_at=self._parts.clock.now(),
                    properties={name: last},
                )
            ]
        )
        self._parts.privacy.add_requests(name, last, [])

    def _dead_letters(self, before: Instant) -> Iterator[None]:
        self._parts.log.drop_dead_letters_before(before)
        yield

    def _anonymous(self, before: Instant) -> Iterator[None]:
        return self._unseen_since(before, known=False)

    def _customers(self, before: Instant) -> Iterator[None]:
        return self._unseen_since(before, known=True)

    def _unseen_since(self, before: Instant, *, known: bool) -> Iterator[None]:
        after = 0
        while page := self._parts.view.people_met("", PEOPLE_PER_STEP, after):
            after = page[-1][0]
            for _, row in page:
                state = self._parts.view.person(row.id) if row.last_seen_at < before else None
                if state is not None and is_known(_decode(state)) is known:
                    request_erasure(self._parts, row.id, RETENTION, suppress=False)
            yield

    def _drop_days(self, kind: str, before: Instant) -> None:
        if self._archive is not None:
            self._archive.drop_days(kind, before)  # type: ignore[arg-type]


def is_due(parts: Parts, name: str, days: int) -> bool:
    """Whether a class is to be looked at: once a day, from the hour on that is set."""
    if not days:
        return False
    now, ran_at = parts.clock.now(), parts.privacy.retention(name)[1]
    latest = now // DAY * DAY + parts.settings.retention.hour * HOUR
    return ran_at < (latest if now >= latest else latest - DAY)


def drop_deliveries(parts: Parts) -> bool:
    """The outbox's part; whether there is more."""
    days = parts.settings.retention.deliveries_days
    if not is_due(parts, "deliveries", days):
        return False
    now = parts.clock.now()
    if parts.deliveries.drop_before(now - days * DAY, ROWS_PER_STEP // 4):
        return True
    parts.privacy.set_retention("deliveries", now - days * DAY, now)
    return False


def find_requests(parts: Parts) -> bool:
    """Look for what people asked the shop for in what was decided since; whether there is more to look through."""
    after, decided = parts.privacy.position(REQUESTS), parts.store.position()
    if after >= decided:
        return False
    until = min(decided, after + ROWS_PER_STEP)
    # Any browser can send an event of this name; a shop's system signs it.
    sources = _signing(parts)
    found = parts.log.named((ERASURE_REQUESTED, DATA_REQUESTED), after, until)
    found = [record for record in found if record.event.source in sources]
    requests = []
    for record in found:
        person = whose(parts, record.event)
        customer = None if person is None else person.id
        requests.append(Request(record.position, record.event.name, record.received_at, record.event.source, customer))
    parts.privacy.add_requests(REQUESTS, until, requests)
    if parts.settings.privacy.erase_on_request:
        for request in requests:
            if request.kind == ERASURE_REQUESTED and request.customer is not None and sources[request.source]:
                request_erasure(parts, request.customer, request.source)
    return until < decided


def _signing(parts: Parts) -> dict[str, bool]:
    """Sources with a key that signs → whether all keys of that name do: then nobody else can have spoken for it."""
    found: dict[str, list[bool]] = {}
    for key in parts.keys.all():
        found.setdefault(key.source, []).append(KINDS[key.kind].secret != "none")  # noqa: S105 – a word
    for program in parts.api.all_keys():
        found.setdefault(program.name, []).append(False)
    return {source: all(signs) for source, signs in found.items() if any(signs)}
