"""The state in SQLite: `state.db`, written by the one process that decides."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

import msgspec

from habitue.model.effect import Effect
from habitue.model.instant import Instant
from habitue.run.ports import Adopting, Belongings, Commit
from habitue.store.commits import fingerprint
from habitue.store.failures import StoreBusy, out_of_order

from . import erasing
from .batch import Batch, Kinds
from .database import Database
from .playbooks import SqlitePlaybooks
from .queries import Queries
from .sums import check_state
from .trails import positions_after, steps

SQL = Queries("state.sql")
STATE_FILE, PLAYBOOK_FILE, LOCK_FILE = "state.db", "playbook.db", "state.lock"
_PAGE = 5_000

_decode_effect = msgspec.json.Decoder(Effect).decode


def state_database(directory: Path | str, *, cache_kib: int = 8_000) -> Database:
    # 20,000 pages: at full speed a batch dirties about 3,000, and most of them again a few batches later.
    return Database(Path(directory) / STATE_FILE, "state", cache_kib=cache_kib, checkpoint_pages=20_000)


class SqliteStore:
    """A `Store`. May be read from anywhere; the first commit claims the directory for this process."""

    def __init__(self, directory: Path | str) -> None:
        self._directory = Path(directory)
        self._database = state_database(directory, cache_kib=32_000)
        self._playbooks = SqlitePlaybooks(self._directory / PLAYBOOK_FILE)
        self._claim: int | None = None
        self._kinds = Kinds()

    def position(self) -> int:
        with self._database.own() as connection:
            return int(connection.execute(SQL["progress"]).fetchone()[0])

    def version(self) -> int:
        with self._database.own() as connection:
            return int(connection.execute(SQL["progress"]).fetchone()[1])

    def adopting(self) -> list[Adopting]:
        with self._database.own() as connection:
            return [Adopting(*row) for row in connection.execute(SQL["adopting"])]

    def ordinal(self) -> int:
        with self._database.own() as connection:
            return int(connection.execute(erasing.SQL["ordinal"]).fetchone()[0])

    def leading_to(self, customer: str) -> list[str]:
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(erasing.SQL["leading_to"], (customer.encode(),))]

    def belongings(self, ids: Sequence[str]) -> Belongings:
        with self._database.read() as connection:
            return erasing.belongings(connection, ids)

    def load(self, ids: Sequence[str]) -> dict[str, bytes]:
        with self._database.own() as connection:
            rows = connection.execute(SQL["load"], (json.dumps(ids),)).fetchall()
        for customer, state, known_sum in rows:
            check_state(customer, state, known_sum)
        return {customer: state for customer, state, _ in rows}

    def commit(self, commit: Commit) -> None:
        self._claim_directory()
        mark = fingerprint(commit)
        try:
            with self._database.write() as connection:
                position, _, last_mark = connection.execute(SQL["progress"]).fetchone()
                if commit.position < position:
                    raise out_of_order(commit.position, position)
                if mark == last_mark:
                    return
                Batch(connection, self._kinds).write(commit)
                connection.execute(SQL["advance"], (commit.position, commit.version, mark))
        except BaseException:
            self._kinds = Kinds()  # It may know kinds that were rolled back.
            raise

    def _claim_directory(self) -> None:
        """Two processes deciding over one state would each undo what the other did."""
        if self._claim is not None:
            return
        claim = os.open(self._directory / LOCK_FILE, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            flock(claim, LOCK_EX | LOCK_NB)
        except OSError:
            os.close(claim)
            raise StoreBusy(
                f"{self._directory}: another process decides here already; expected one; "
                "stop it first, or choose another data directory"
            ) from None
        self._claim = claim

    def due(self, until: Instant, limit: int) -> list[str]:
        with self._database.own() as connection:
            return [row[0] for row in connection.execute(SQL["due"], (until, limit))]

    def next_due(self) -> Instant | None:
        with self._database.own() as connection:
            found: Instant | None = connection.execute(SQL["next_due"]).fetchone()[0]
            return found

    def parked_ids(self) -> set[str]:
        with self._database.own() as connection:
            return {row[0] for row in connection.execute(SQL["parked_ids"])}

    def skipped(self, customer: str) -> list[int]:
        with self._database.own() as connection:
            return [row[0] for row in connection.execute(SQL["skipped"], (customer,))]

    def effects(self, after: int, limit: int) -> list[tuple[int, Effect]]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["effects"], (after, limit)).fetchall()
        return [(sequence, _decode_effect(body)) for sequence, body in rows]

    def trail(self, customers: Sequence[str]) -> list[int]:
        with self._database.read() as connection:
            return sorted({position for one in customers for position, _ in steps(connection, one)})

    def trails(self, customers: Sequence[str], after: int) -> dict[str, dict[int, int]]:
        with self._database.own() as connection:
            heads = connection.execute(SQL["trails_after"], (json.dumps(customers), after)).fetchall()
            return {one: positions_after(connection, chunk, after) for one, chunk in heads}

    def customer_ids(self) -> Iterator[str]:
        last = 0
        while True:
            with self._database.read() as connection:
                page = connection.execute(SQL["customers_after"], (last, _PAGE)).fetchall()
            if not page:
                return
            yield from (customer for _, customer in page)
            last = page[-1][0]

    def save_playbook(
        self, name: str, files: Mapping[str, str], at: Instant, author: str, note: str = "", base: int | None = None
    ) -> int:
        return self._playbooks.save_playbook(name, files, at, author, note, base)

    def playbook(self, version: int) -> dict[str, str] | None:
        return self._playbooks.playbook(version)

    def playbooks(self) -> list[dict[str, Any]]:
        return self._playbooks.playbooks()

    def close(self) -> None:
        self._database.close()
        self._playbooks.close()
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None
