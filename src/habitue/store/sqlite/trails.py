"""Trails: what each batch did to a customer, as a chain of chunks from the newest to the oldest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from habitue.model.instant import Instant

from .queries import Queries

SQL = Queries("view.sql")

decode_trail = msgspec.msgpack.Decoder(tuple[list[tuple[int, Instant]], list[int]]).decode
"""A chunk's body: steps as (position, occurred_at), and decision sequences."""


def chunks(connection: sqlite3.Connection, customer: str) -> Iterator[tuple[int, list[tuple[int, Instant]], list[int]]]:
    """(highest position in older chunks, steps, decision sequences), newest chunk first."""
    row = connection.execute(SQL["trail"], (customer,)).fetchone()
    chunk = row[0] if row else 0
    while chunk:
        chunk, top_before, body = connection.execute(SQL["chunk"], (chunk,)).fetchone()
        yield top_before, *decode_trail(body)


def steps(connection: sqlite3.Connection, customer: str) -> Iterator[tuple[int, Instant]]:
    """(position, occurred_at) of all her records, in no order."""
    for _, some, _ in chunks(connection, customer):
        yield from some


def positions_after(connection: sqlite3.Connection, chunk: int, after: int) -> dict[int, int]:
    """Positions later than one, of a trail that begins at a chunk, each with the newest chunk that has it."""
    found: dict[int, int] = {}
    top = after + 1
    while chunk and top > after:  # Older chunks are not read.
        previous, top, body = connection.execute(SQL["chunk"], (chunk,)).fetchone()
        for position, _ in decode_trail(body)[0]:
            if position > after:
                found.setdefault(position, chunk)
        chunk = previous
    return found
