"""What is to be erased, what was, who did it: `privacy.db`. Whoever is erased leaves nothing here but a keyed hash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from habitue.model.instant import Instant
from habitue.model.privacy import Act, Destroyed

from .database import Database
from .queries import Queries

SQL = Queries("privacy.sql")
_NO_END = (1 << 63) - 1


class Erasure(msgspec.Struct, frozen=True):
    """A wish to be erased, and how far it has come. `customer` and `whose` are gone when it is finished."""

    number: int
    mark: str
    requested_at: Instant
    actor: str
    finished_at: Instant | None
    customer: str | None
    position: int | None
    whose: bytes | None


class Request(msgspec.Struct, frozen=True):
    """What somebody asked for by way of the shop, at its place in the log."""

    position: int
    kind: str
    received_at: Instant
    source: str
    customer: str | None


class PrivacyFile:
    """Written by every process; each line of a receipt by the one that did the work."""

    def __init__(self, path: Path | str) -> None:
        self._database = Database(path, "privacy")

    # --- erasures --------------------------------------------------------------------------------------------------

    def request(self, mark: str, customer: str, actor: str, now: Instant) -> int:
        """The number of the erasure; one that waits for the decide loop already is the same."""
        with self._database.write() as connection:
            known = connection.execute(SQL["requested"], (customer,)).fetchone()
            if known is not None:
                return int(known[0])
            number = connection.execute(SQL["request"], (mark, now, actor, customer)).lastrowid
            assert number is not None
            return number

    def note_forgotten(self, number: int, mark: str, position: int, at: Instant, customer: str, whose: bytes) -> None:
        with self._database.write() as connection:
            connection.execute(SQL["adopt"], (number, mark, at, customer))
            connection.execute(SQL["forgotten"], (position, whose, number))

    def open(self, limit: int = 1_000) -> Sequence[Erasure]:
        """Not finished, oldest first."""
        with self._database.read() as connection:
            return [Erasure(*row) for row in connection.execute(SQL["open"], (limit,))]

    def list(self, limit: int = 100, before: int | None = None) -> Sequence[Erasure]:
        """Newest first."""
        with self._database.read() as connection:
            asked = (_NO_END if before is None else before, limit)
            return [Erasure(*row) for row in connection.execute(SQL["list"], asked)]

    def get(self, number: int) -> Erasure | None:
        with self._database.read() as connection:
            row = connection.execute(SQL["get"], (number,)).fetchone()
        return None if row is None else Erasure(*row)

    def destroyed(self, number: int) -> Sequence[Destroyed]:
        with self._database.read() as connection:
            return [Destroyed(*row) for row in connection.execute(SQL["destroyed"], (number,))]

    def destroy(self, number: int, place: str, counts: Mapping[str, int], now: Instant) -> None:
        """Note how much a place held, before it is destroyed. Noted again after a crash, the larger count stays."""
        with self._database.write() as connection:
            connection.executemany(
                SQL["destroy"], [(number, place, what, count, now) for what, count in counts.items() if count]
            )

    def mark_done(self, number: int, place: str) -> None:
        with self._database.write() as connection:
            connection.execute(SQL["mark_done"], (number, place))

    def done(self, number: int) -> set[str]:
        with self._database.read() as connection:
            return {row[0] for row in connection.execute(SQL["done"], (number,))}

    def finish(self, number: int, customers: Sequence[str], now: Instant) -> None:
        with self._database.write() as connection:
            connection.execute(SQL["finish"], (now, number))
            connection.execute(SQL["drop_done"], (number,))
            connection.execute(SQL["drop_other"], (json.dumps(customers),))
            connection.execute(SQL["close_requests_of"], (now, json.dumps(customers)))

    def keep_others(self, customers: Iterable[str]) -> None:
        with self._database.write() as connection:
            connection.executemany(SQL["keep_other"], [(one,) for one in customers])

    def others(self) -> frozenset[str]:
        with self._database.read() as connection:
            return frozenset(row[0] for row in connection.execute(SQL["others"]))

    # --- requests --------------------------------------------------------------------------------------------------

    def position(self, name: str) -> int:
        """How far the log was read for something; -1 at the beginning."""
        with self._database.read() as connection:
            row = connection.execute(SQL["position"], (name,)).fetchone()
        return -1 if row is None else int(row[0])

    def add_requests(self, name: str, position: int, requests: Iterable[Request]) -> None:
        """What was found, and how far the log was read, at once."""
        with self._database.write() as connection:
            rows = [(one.position, one.kind, one.received_at, one.source, one.customer) for one in requests]
            connection.executemany(SQL["add_request"], rows)
            connection.execute(SQL["set_position"], (name, position))

    def requests(self) -> Sequence[Request]:
        """Open ones, oldest first."""
        with self._database.read() as connection:
            return [Request(*row) for row in connection.execute(SQL["requests"])]

    def close_request(self, position: int, now: Instant) -> bool:
        with self._database.write() as connection:
            return bool(connection.execute(SQL["close_request"], (now, position)).rowcount)

    # --- retention and audit ---------------------------------------------------------------------------------------

    def retention(self, name: str) -> tuple[Instant, Instant]:
        """(everything of this class from before that moment is gone, when it was last looked at)"""
        with self._database.read() as connection:
            row: tuple[Instant, Instant] | None = connection.execute(SQL["retention"], (name,)).fetchone()
        return row or (0, 0)

    def set_retention(self, name: str, until: Instant, ran_at: Instant) -> None:
        with self._database.write() as connection:
            connection.execute(SQL["set_retention"], (name, until, ran_at))

    def note(self, at: Instant, actor: str, what: str, subject: str = "", detail: str = "") -> None:
        """Lines are only ever added; the file itself refuses anything else."""
        with self._database.write() as connection:
            connection.execute(SQL["note"], (at, actor, what, subject, detail))

    def audit(self, limit: int = 100, before: int | None = None) -> Sequence[Act]:
        """Newest first."""
        with self._database.read() as connection:
            return [
                Act(*row) for row in connection.execute(SQL["audit"], (_NO_END if before is None else before, limit))
            ]

    def close(self) -> None:
        self._database.close()
