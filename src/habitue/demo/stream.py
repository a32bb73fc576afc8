"""Lets the simulated visitors loose: their events go to ingest by HTTP, at the shop's pace, in clients' form."""

from __future__ import annotations

import heapq
import http.client
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import orjson
import structlog

from .visitors import Item, Visitors

SESSIONS_PER_MINUTE = 24.0
"""In the wall's time, however fast the shop's runs: some four events a second, which every machine can bear."""

_WAITING_MAX = 2_000
_BATCH_MAX = 200
_REST_SECONDS = 0.2
_RETRY_SECONDS_MAX = 5.0
_SILENCE_SECONDS_MAX = 30.0

log = structlog.get_logger(__name__)


class Stream:
    """A thread that plays one visit after another and waits when the server is not there."""

    def __init__(
        self,
        visitors: Visitors,
        *,
        host: str,
        port: int,
        write_key: str,
        speed: float = 1.0,
        sessions_per_minute: float = SESSIONS_PER_MINUTE,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """`wait` rests so many seconds and says whether to stop; the default ends early when `stop` is called."""
        self._visitors = visitors
        self._address = (host, port)
        self._authorization = "Basic " + b64encode(f"{write_key}:".encode()).decode()
        self._speed = speed
        self._between = 60.0 / sessions_per_minute
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._thread = threading.Thread(target=self._run, name="visitors", daemon=True)
        self.sent = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        due: list[tuple[float, int, Item]] = []
        order = count()
        next_session = time.monotonic()
        while not self._wait(_REST_SECONDS):
            now = time.monotonic()
            while next_session <= now:
                at = next_session
                for step in self._visitors.session():
                    at += step.after / self._speed
                    heapq.heappush(due, (at, next(order), step.item))
                next_session += self._between
            ready: list[Item] = []
            while due and due[0][0] <= now and len(ready) < _BATCH_MAX:
                ready.append(heapq.heappop(due)[2])
            if ready and not self._send_until_taken(ready):
                return
            # After a long silence the visits of that time did not take place.
            if time.monotonic() - now > _SILENCE_SECONDS_MAX or len(due) > _WAITING_MAX:
                due.clear()
                next_session = time.monotonic()

    def _send_until_taken(self, items: list[Item]) -> bool:
        """Send again and again, with the same ids, until the server has them; False when told to stop meanwhile."""
        rest = 0.2
        while not self._sent(items):
            if self._wait(rest):
                return False
            rest = min(rest * 2, _RETRY_SECONDS_MAX)
        self.sent += len(items)
        return True

    def _sent(self, items: list[Item]) -> bool:
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = orjson.dumps({"batch": [item | {"timestamp": stamp} for item in items], "sentAt": stamp})
        connection = http.client.HTTPConnection(*self._address, timeout=10)
        try:
            connection.request(
                "POST", "/v1/batch", body, {"Authorization": self._authorization, "Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status == 400:  # Sending it again would be refused again.
            log.warning("visitors' events were refused", status=answer.status)
            return True
        return answer.status == 200
