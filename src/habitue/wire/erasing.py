"""Carries out what is left of an erasure when the decide loop has forgotten somebody.

The outbox forgets deliveries, for it alone writes them. Then the archive process cleans the log, dead letters, kept
answers of the API and the archive, searches the bytes of every database, and closes the receipt. Each part may be done
again from its beginning, so a crash at any moment costs the time it took and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import structlog

from habitue.model.event import CUSTOMER_ERASED, Event
from habitue.model.instant import SECOND, to_datetime
from habitue.run.erasing import Cleaning, Forgotten
from habitue.store.archive import Archive
from habitue.store.archive.archive import KINDS
from habitue.store.failures import StoreBusy
from habitue.store.sqlite import sweeping
from habitue.store.sqlite.privacy import Erasure

from .forgetting import forgotten_of
from .naming import naming
from .parts import API_FILE, CATALOG_FILE, DELIVERIES_FILE, FILLS_FOLDER, LOG_FILE, PLACES_FOLDER, PRIVACY_FILE, Parts

DELIVERIES, LOG, ARCHIVE, FILES = "deliveries", "log", "archive", "files"
RECORDS_PER_STEP = 10_000
REWRITE_BYTES_MAX = 256 << 20
"""A larger file is written anew in the hour of `retention.hour` only: writers wait meanwhile."""
SEARCHED_MAX = 50
"""Files are not searched for more texts than this, but written anew: of so many people something is left."""
PEOPLE_MAX = 5_000
"""Erased in one pass over log and archive."""
REST_SECONDS = 5.0
"""Before files are swept once more that could not be."""
ASK_AGAIN_AFTER = 10 * SECOND
_DATABASES = ("state.db", DELIVERIES_FILE, LOG_FILE, API_FILE, CATALOG_FILE)
"""The catalogue's remembers whom it told last of a change, while it tells many."""
_TELLING_CHARACTERS_MIN = 6
"""A shorter id stands in too many places that have nothing to do with her to be searched for in bytes."""

_say = structlog.get_logger("habitue.privacy")


class _Case(NamedTuple):
    erasure: Erasure
    person: Forgotten


def clean_deliveries(parts: Parts) -> int:
    """The outbox's part; returns for how many people it was done."""
    count = 0
    for erasure, person in _cases(parts):
        if DELIVERIES in parts.privacy.done(erasure.number):
            continue
        now = parts.clock.now()
        held = parts.deliveries.belongings(person.customers, person.ordinal)
        parts.privacy.destroy(erasure.number, DELIVERIES, held, now)
        parts.deliveries.forget(person.customers, person.ordinal)
        parts.privacy.mark_done(erasure.number, DELIVERIES)
        count += 1
    return count


class Cleaner:
    """The archive process's part, in steps, so that the archive goes on meanwhile."""

    def __init__(self, parts: Parts, archive: Archive | None) -> None:
        self._parts = parts
        self._archive = archive
        self._steps: Iterator[None] | None = None
        self._rest_until = 0.0

    def step(self) -> bool:
        """Do a little; whether there is more to do at once."""
        if self._steps is None:
            if time.monotonic() < self._rest_until:
                return False
            self._repeat_orders()
            ready = [case for case in _cases(self._parts) if self._is_ready(case)]
            if not ready:
                return False
            self._steps = self._clean(ready)
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
        except BaseException:
            self._steps = None
            raise
        return True

    def _repeat_orders(self) -> None:
        """A crash between keeping a request and ordering it in the log must not leave it lying."""
        now = self._parts.clock.now()
        for erasure in self._parts.privacy.open(PEOPLE_MAX):
            waiting = erasure.position is None and now - erasure.requested_at > ASK_AGAIN_AFTER
            if waiting and erasure.customer is not None:
                self._parts.log.append([order(erasure.number, erasure.customer, erasure.requested_at)])

    def _is_ready(self, case: _Case) -> bool:
        done = self._parts.privacy.done(case.erasure.number)
        if DELIVERIES not in done:
            return False
        return not done >= {LOG, ARCHIVE} or self._is_quiet_hour() or self._largest() <= REWRITE_BYTES_MAX

    def _clean(self, cases: Sequence[_Case]) -> Iterator[None]:
        privacy = self._parts.privacy
        fresh = [case for case in cases if not privacy.done(case.erasure.number) >= {LOG, ARCHIVE}]
        if fresh:
            yield from self._clean_log(fresh)
            yield from self._clean_dead_letters(fresh)
            self._clean_archive(fresh)
            yield
        if not self._sweep(cases):
            self._rest_until = time.monotonic() + REST_SECONDS
            return
        for case in cases:
            privacy.finish(case.erasure.number, case.person.customers, self._parts.clock.now())
            _say.info("person_erased", erasure=case.erasure.number)
        # The ids that were kept until now go from here as well.
        sweeping.rewrite(self._path(PRIVACY_FILE))
        sweeping.truncate(self._path(PRIVACY_FILE))

    # --- log -------------------------------------------------------------------------------------------------------

    def _clean_log(self, cases: Sequence[_Case]) -> Iterator[None]:
        log, privacy = self._parts.log, self._parts.privacy
        cleaning = Cleaning([case.person for case in cases])
        counts: dict[int, Counter[str]] = {
            case.erasure.number: Counter(events=len(case.person.positions)) for case in cases
        }
        self._note(LOG, counts)
        found: dict[int, Counter[str]] = {number: Counter() for number in counts}
        orders: list[tuple[int, Event]] = []
        until = log.position()  # Not only to where they were forgotten: the outbox may have told something later.
        page: list[tuple[int, Event]] = []
        for number, record in enumerate(log.scan(until=until), 1):
            cleaned = cleaning(record)
            if cleaned is not None and record.event.name == CUSTOMER_ERASED:
                orders.append((record.position, cleaned.event))
            elif cleaned is not None:
                person = cleaning.person(record)
                whole = cleaned.event.name != record.event.name
                if person is not None:
                    found[person.erasure]["events" if whole else "names in others' events"] += 1
                if cleaned.owner is not None:
                    privacy.keep_others([cleaned.owner])
                page.append((record.position, cleaned.event))
            if number % RECORDS_PER_STEP == 0:
                log.rewrite(page)
                page = []
                yield
        log.rewrite(page)
        # Last of all: while her records are not empty yet, a replay must still know whom to forget.
        log.rewrite(orders)
        for number, seen in found.items():
            counts[number] |= seen  # After a crash fewer are found than there were.
        self._note(LOG, counts)

    def _clean_dead_letters(self, cases: Sequence[_Case]) -> Iterator[None]:
        log = self._parts.log
        before: int | None = None
        whose = naming({case.erasure.number: case.person.spelled for case in cases})
        counts: dict[int, Counter[str]] = {case.erasure.number: Counter() for case in cases}
        while page := log.dead_letters(RECORDS_PER_STEP // 10, before):
            before = page[-1].id
            hers = []
            for letter in page:
                number = whose(letter.body) or whose(letter.detail)
                if number is not None:
                    hers.append(letter.id)
                    counts[number]["dead letters"] += 1
            if hers:
                self._note(LOG, counts)
                log.drop_dead_letters(hers)
            yield
        for case in cases:
            texts = [one for one in case.person.spelled if len(one) >= _TELLING_CHARACTERS_MIN]
            answers = self._parts.api.forget_answers_naming([*case.person.customers, *texts])
            self._note("api", {case.erasure.number: Counter(answers=answers)})
            self._parts.privacy.mark_done(case.erasure.number, LOG)

    # --- archive ---------------------------------------------------------------------------------------------------

    def _clean_archive(self, cases: Sequence[_Case]) -> None:
        from habitue.store.archive.cleaning import Gone

        privacy = self._parts.privacy
        cleaning = Cleaning([case.person for case in cases])
        if self._archive is not None:
            counts = self._archive.forget(
                Gone(
                    ordinals={one: case.person.ordinal for case in cases for one in case.person.customers},
                    spelled=frozenset(one for case in cases for one in case.person.spelled),
                    positions=frozenset(one for case in cases for one in case.person.positions),
                    clean=lambda record: None if (cleaned := cleaning(record)) is None else cleaned.event,
                )
            )
            # Where several are erased together, the rows are theirs together.
            together = Counter[str]({str(kind): counts[kind] for kind in KINDS})
            self._note(ARCHIVE, {case.erasure.number: together for case in cases})
        for case in cases:
            privacy.mark_done(case.erasure.number, ARCHIVE)

    # --- bytes -----------------------------------------------------------------------------------------------------

    def _sweep(self, cases: Sequence[_Case]) -> bool:
        """Search the bytes of every database, and write anew what still holds something; False: later once more."""
        texts = {one for case in cases for one in case.person.customers}
        texts |= {one for case in cases for one in case.person.spelled if len(one) >= _TELLING_CHARACTERS_MIN}
        self._drop_places(texts, cases)
        self._drop_fills(texts)
        try:
            return all(self._sweep_file(name, texts, cases) for name in _DATABASES if self._path(name).exists())
        except StoreBusy:
            return False

    def _drop_places(self, texts: set[str], cases: Sequence[_Case]) -> None:
        """Rows of hers may wait for the rest of an import that was cut off; it begins anew, and adds nothing twice."""
        few, dropped = len(texts) <= SEARCHED_MAX, 0
        for path in self._path(PLACES_FOLDER).glob("*"):
            if path.suffix in (".place", ".draft") and (not few or sweeping.occurrences(path, texts)):
                path.unlink(missing_ok=True)
                dropped += 1
        self._note(FILES, {case.erasure.number: Counter({"places of imports": dropped}) for case in cases})

    def _drop_fills(self, texts: set[str]) -> None:
        """The decide loop took her out of them. Where something lingers, what was counted is read from the log."""
        few = len(texts) <= SEARCHED_MAX
        for path in self._path(FILLS_FOLDER).glob("*"):
            if not few or sweeping.occurrences(path, texts):
                path.unlink(missing_ok=True)

    def _sweep_file(self, name: str, texts: set[str], cases: Sequence[_Case]) -> bool:
        path, few = self._path(name), len(texts) <= SEARCHED_MAX
        if not sweeping.truncate(path):
            return False  # Somebody reads from the write-ahead log just now.
        if few and not sweeping.occurrences(path, texts):
            return True
        if path.stat().st_size > REWRITE_BYTES_MAX and not self._is_quiet_hour():
            return False
        sweeping.rewrite(path)
        # She came back, or somebody else's record speaks of her: that is theirs.
        left = sweeping.occurrences(path, texts, whole=True) if few else 0
        swept = Counter({f"{name} written anew": 1, f"mentions left in {name}": left})
        self._note(FILES, {case.erasure.number: swept for case in cases})
        return sweeping.truncate(path)

    def _is_quiet_hour(self) -> bool:
        return to_datetime(self._parts.clock.now()).hour == self._parts.settings.retention.hour

    def _largest(self) -> int:
        files = [self._path(name) for name in _DATABASES]
        return max((path.stat().st_size for path in files if path.exists()), default=0)

    def _path(self, name: str) -> Path:
        return self._parts.data / name

    def _note(self, place: str, counts: dict[int, Counter[str]]) -> None:
        now = self._parts.clock.now()
        for number, of_one in counts.items():
            self._parts.privacy.destroy(number, place, of_one, now)


def order(number: int, customer: str, at: int) -> Event:
    """The control event that has the decide loop forget somebody; appending it twice changes nothing."""
    return Event(
        id=f"erasure-{number}",
        source="habitue",
        type="control",
        name=CUSTOMER_ERASED,
        occurred_at=at,
        properties={"customer": customer, "erasure": number},
    )


def _cases(parts: Parts) -> list[_Case]:
    """Those whom the decide loop has forgotten for certain: the commit, not only the note before it, was made."""
    waiting = [(erasure, forgotten_of(erasure)) for erasure in parts.privacy.open(PEOPLE_MAX)]
    if not any(person for _, person in waiting):
        return []
    position = parts.store.position()
    return [_Case(one, person) for one, person in waiting if person is not None and person.position <= position]
