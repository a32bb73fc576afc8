"""What `state.db` tells of the past: whose each record is, who was ever met, and who was joined into whom."""

from __future__ import annotations

from habitue.run.ports import Attribution, Met

from .database import Database
from .queries import Queries
from .trails import decode_trail

SQL = Queries("past.sql")


class SqlitePast:
    """A `Trails`. Every question reads one snapshot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def position(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(SQL["position"]).fetchone()[0])

    def attributions(self, after: int, limit: int) -> list[Attribution]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["attributions"], (after, limit)).fetchall()
        return [
            Attribution(chunk, until, customer, [position for position, _ in decode_trail(body)[0]])
            for chunk, until, customer, body in rows
        ]

    def queued(self, after: int, until: int) -> list[tuple[int, str]]:
        with self._database.read() as connection:
            return connection.execute(SQL["queued"], (after, until)).fetchall()

    def met(self, after: int, limit: int) -> list[Met]:
        with self._database.read() as connection:
            return [Met(*row) for row in connection.execute(SQL["met"], (after, limit))]
