"""Forgets customers in `state.db`: every row that is theirs, and their ids where others' decisions mention them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import msgspec

from habitue.model.reason import Reason
from habitue.run.ports import Belongings

from .queries import Queries
from .trails import decode_trail

SQL = Queries("erasing.sql")
VIEW = Queries("view.sql")
NAMELESS = "erased"
"""Stands where a decision named somebody who was erased."""
NAMING = [
    reason.value
    for reason in (Reason.MERGED, Reason.PARTED, Reason.TWO_KNOWN_USERS, Reason.KEPT_APART, Reason.IDENTIFIER_LIMIT)
]


def belongings(connection: sqlite3.Connection, ids: Sequence[str]) -> Belongings:
    """What there is of these customer ids."""
    named, numbers = json.dumps(ids), json.dumps(_numbers(connection, ids))
    chunks, positions, sequences = _trails(connection, ids)
    positions += [row[0] for row in connection.execute(SQL["skipped_of"], (named,))]
    return Belongings(
        positions=sorted(set(positions)),
        places={
            "customers": len(json.loads(numbers)),
            "timeline": len(chunks),
            "decisions": len(set(sequences)),
            "effects": sum(_count(connection, "effects_of", one) for one in ids),
            "memberships": _count(connection, "memberships", named),
            "consents": _count(connection, "consents_of", named),
        },
        others=sorted({customer for _, customer, _ in _mentions(connection, ids)} - set(ids)),
    )


def forget(connection: sqlite3.Connection, ids: Sequence[str], ordinal: int) -> None:
    """Runs and interests go by the batch itself, which knows their keys. Numbers that they had are not given again."""
    connection.execute(SQL["raise_floors"], (ordinal,))
    named, numbers = json.dumps(ids), json.dumps(_numbers(connection, ids))
    chunks, _, sequences = _trails(connection, ids)
    connection.execute(SQL["drop_decisions"], (json.dumps(sequences),))
    connection.execute(SQL["drop_chunks"], (json.dumps(chunks),))
    for sequence, _, body in _mentions(connection, ids):
        connection.execute(SQL["rewrite_decision"], (body, sequence))
    for one in ids:
        connection.execute(SQL["drop_effects_of"], (one,))
    _leave_segments(connection, named)
    for query in ("drop_consents", "drop_parked", "drop_skipped"):
        connection.execute(SQL[query], (named,))
    for query in ("drop_words", "drop_people", "drop_customers"):
        connection.execute(SQL[query], (numbers,))


def prune(connection: sqlite3.Connection, decision: int, effect: int) -> None:
    """Let go of the ledger and of effects up to these sequence numbers."""
    connection.execute(SQL["raise_floors"], (0,))
    connection.execute(SQL["prune_decisions"], (decision,))
    connection.execute(SQL["prune_effects"], (effect,))


def _numbers(connection: sqlite3.Connection, ids: Sequence[str]) -> list[int]:
    return [number for _, number in connection.execute(SQL["numbers"], (json.dumps(ids),))]


def _trails(connection: sqlite3.Connection, ids: Sequence[str]) -> tuple[list[int], list[int], list[int]]:
    """(chunks, positions of events, sequence numbers of decisions)"""
    chunks: list[int] = []
    positions: list[int] = []
    sequences: list[int] = []
    for one in ids:
        row = connection.execute(VIEW["trail"], (one,)).fetchone()
        chunk = row[0] if row else 0
        while chunk:
            chunks.append(chunk)
            chunk, _, body = connection.execute(VIEW["chunk"], (chunk,)).fetchone()
            steps, decided = decode_trail(body)
            positions += [position for position, _ in steps]
            sequences += decided
    return chunks, positions, sequences


def _leave_segments(connection: sqlite3.Connection, named: str) -> None:
    for (segment,) in connection.execute(SQL["segments"]).fetchall():
        gone = connection.execute(SQL["drop_members"], (segment, named)).rowcount
        if gone:
            connection.execute("UPDATE segment_sizes SET size = size - ? WHERE segment = ?", (gone, segment))


def _mentions(connection: sqlite3.Connection, ids: Sequence[str]) -> list[tuple[int, str, bytes]]:
    """(sequence, whose decision, its body without these ids)"""
    found: dict[int, bytes] = {}
    for one in ids:
        for sequence, body in connection.execute(SQL["mentions"], (json.dumps(NAMING), one.encode())).fetchall():
            found[sequence] = found.get(sequence, body).replace(one.encode(), NAMELESS.encode())
    rows = []
    for sequence, body in sorted(found.items()):
        customer = msgspec.json.decode(body)[1]
        if customer != NAMELESS:  # Her own lines go whole.
            rows.append((sequence, customer, body))
    return rows


def _count(connection: sqlite3.Connection, query: str, asked: str) -> int:
    return int(connection.execute(SQL[query], (asked,)).fetchone()[0])
