"""All connections of the process: how many there may be, whose, and a look at each about once a second."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from .bounds import Bounds, peer_of
from .connection import Connection

LOOK_SECONDS = 1.0


class Keeper:
    """Give `protocol` to uvicorn as its `http`."""

    def __init__(
        self, bounds: Bounds, now: Callable[[], float] = time.monotonic, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self.bounds = bounds
        self.now = now
        self._look_seconds = look_seconds
        self.turned_away = 0
        """How many connections were closed because there were too many."""
        self._inside: dict[Connection, str] = {}
        self._per_peer: Counter[str] = Counter()
        self._looking: asyncio.TimerHandle | None = None

    @property
    def protocol(self) -> Any:
        return partial(Connection, self)

    def let_in(self, connection: Connection) -> bool:
        """Whether there is room for one more; a full house shows out whoever has been waiting to say something."""
        peer = self._peer(connection)
        self._inside[connection] = peer
        self._per_peer[peer] += 1
        if self._looking is None:
            self._look_later(connection.loop)
        if peer and self._per_peer[peer] > self.bounds.connections_per_peer_max:
            self.turned_away += 1
            return False
        return len(self._inside) <= self.bounds.connections_max or self._make_room(connection)

    def gone(self, connection: Connection) -> None:
        peer = self._inside.pop(connection, None)
        if peer is None:
            return
        self._per_peer[peer] -= 1
        if not self._per_peer[peer]:
            del self._per_peer[peer]

    def look(self) -> None:
        """Close what has taken longer than it may."""
        now = self.now()
        for connection in list(self._inside):
            connection.look(now)

    def _peer(self, connection: Connection) -> str:
        """Whom it counts for; nobody for a proxy, which brings many people's."""
        host = connection.client[0] if connection.client else ""
        return "" if not host or self.bounds.exempts(host) else peer_of(host)

    def _make_room(self, newcomer: Connection) -> bool:
        """Idle and half-said ones are worth less than one that may have something to say."""
        self.turned_away += 1
        oldest = next((each for each in self._inside if each is not newcomer and each.is_waiting), None)
        if oldest is None:
            return False
        oldest.transport.abort()
        self.gone(oldest)
        return True

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        def look() -> None:
            self._looking = None
            self.look()
            if self._inside:  # An idle process is not woken.
                self._look_later(loop)

        self._looking = loop.call_later(self._look_seconds, look)
