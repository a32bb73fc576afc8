"""The whole system on one machine: the data directory prepared, the port taken, the processes supervised."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from habitue import logs, private
from habitue.errors import HabitueError
from habitue.run import clock
from habitue.run.lock import Lock
from habitue.run.supervisor import SYSTEM, Supervisor

from . import inventory
from .parts import Parts, create
from .watch import Watch

ROLES = ("http", "decide", "outbox", "catalog", "archive")
"""The processes. The first takes work in from outside, and is the first to stop."""


class Serving:
    """`habitue serve` without the command line, so that `habitue demo` and tests start the very same thing.

    The port is taken when this is made, so `address` is known before anything runs. Raises HabitueError when the data
    directory is in use, a setting is wrong, a store is too new or damaged, or the port is taken.
    """

    def __init__(
        self,
        data: Path,
        config: Path | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
        speed: float = 1.0,
    ) -> None:
        os.umask(private.UMASK)
        self._data = data
        self._environment = dict(os.environ)
        # Flags win over file and environment, here and in the processes, by being the last word in the environment.
        if host is not None:
            self._environment["HABITUE_HTTP__HOST"] = host
        parts = create(data, config, self._environment)
        http = parts.settings.http
        logs.configure(parts.settings.log, "supervisor")
        if Lock(data, SYSTEM).is_held():
            raise HabitueError(f"a system runs in {data} already. Stop it, or choose another directory with --data.")
        self._prepare(parts)
        self._socket = _listen(http.host, http.port if port is None else port)
        self.port = int(self._socket.getsockname()[1])
        self._environment["HABITUE_HTTP__PORT"] = str(self.port)
        shown = "127.0.0.1" if http.host in ("0.0.0.0", "::") else http.host  # noqa: S104 – compared, not listened on
        self.address = f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"
        clock.start(data, speed, known=self._known)
        self._roles = list(ROLES)
        self._config = config

    def _prepare(self, parts: Parts) -> None:
        """Make and migrate every file now: an error is said once, here, and not by four processes over and over."""
        for part in (
            parts.log,
            parts.store,
            parts.deliveries,
            parts.keys,
            parts.api,
            parts.accounts,
            parts.catalog,
            parts.secret,
            parts.suppressions,
            parts.privacy,
        ):
            assert part is not None
        latest = parts.log.read(parts.log.position() - 1, 1)
        self._known = latest[-1].received_at if latest else 0
        parts.close()
        inventory.write_down(self._data)

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGTERM or SIGINT; `ready` is called once, when every process is."""
        commands = {role: self._command(role) for role in self._roles}
        parts = create(self._data, self._config, self._environment)
        watch = Watch(parts, config=self._config)
        supervisor = Supervisor(
            self._data,
            commands,
            descriptors={"http": [self._socket.fileno()]},
            tick=watch.tick,
            ready=ready,
            environment=self._environment,
            alarms=parts.alarms,
            clock=parts.clock,
        )
        try:
            supervisor.run()
        finally:
            watch.close()
            self._socket.close()

    def _command(self, role: str) -> list[str]:
        command = [sys.executable, "-m", "habitue.wire.process", role, str(self._data)]
        if self._config is not None:
            command += ["--config", str(self._config)]
        if role == "http":
            command += ["--socket-fd", str(self._socket.fileno())]
        return command


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket. The supervisor keeps it: while http starts again, clients wait and are not refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise HabitueError(
            f"cannot listen on {host} port {port}: {error}. Another program may have it; choose another with --port."
        ) from None
    listening.listen(2048)
    return listening
