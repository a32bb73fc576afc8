"""One process of `habitue serve`: `python -m habitue.wire.process ROLE DATA`. Started by the supervisor, not by people.

Apart from the command line, so that four processes need not each carry what makes terminals pretty.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

import structlog

from habitue import logs, private
from habitue.errors import HabitueError
from habitue.run.bell import DECIDE, OUTBOX, Bell, Ear
from habitue.run.lifeline import Lifeline
from habitue.run.lock import Lock
from habitue.run.supervisor import DRAIN_SECONDS, TRY_LATER
from habitue.store.failures import StoreDamaged

from .parts import Parts, create
from .room import causes, speaks_of_full_disk
from .serving import ROLES
from .soundness import damaged_file

log = structlog.get_logger()


def main(arguments: list[str]) -> int:
    """Run one role until told to stop; the exit code says whether it ended well."""
    options = _read(arguments)
    os.umask(private.UMASK)
    line = Lifeline(options.ready_fd, options.lifeline_fd)
    line.stop_on_signals()
    parts = None
    try:
        parts = create(options.data, options.config)
        logs.configure(parts.settings.log, options.role)
        # A process of the run before may still be finishing what it began: two of a kind would undo each other's work.
        Lock(options.data, options.role).hold(wait_seconds=DRAIN_SECONDS + 5)
        _work(options.role, parts, line, options.socket_fd)
        parts.close()
    except Exception as error:  # noqa: BLE001 – whatever it was, the supervisor begins again
        return _ended(options.role, parts, error)
    return 0


def _ended(role: str, parts: Parts | None, error: Exception) -> int:
    """The exit code, after saying what it was in the log, and as an alarm where an operator has to do something."""
    if isinstance(error, HabitueError):
        log.error("process cannot go on", error=str(error))
    else:
        log.error("process failed", exc_info=error)
    full = speaks_of_full_disk(error)
    if parts is not None:
        with suppress(HabitueError, OSError):
            now = parts.clock.now()
            if full:
                parts.alarms.sound("disk_full", str(parts.data), f"the process {role} could not write", now)
            for one in causes(error):
                if isinstance(one, StoreDamaged):
                    parts.alarms.sound("file_damaged", damaged_file(one), str(one), now)
    return TRY_LATER if full else 1


def _work(role: str, parts: Parts, line: Lifeline, socket_fd: int | None) -> None:
    # Each role imports what it needs and no more: memory is counted over all processes.
    match role:
        case "http":
            from .site import serve

            assert socket_fd is not None, "the supervisor hands over the listening socket"
            serve(parts, line, socket.socket(fileno=socket_fd))
        case "decide":
            from habitue.run.embedded import decide

            crank, ear, bell = parts.crank(), Ear(parts.data / DECIDE), Bell(parts.data / OUTBOX)
            line.say_ready()
            decide(crank, parts.clock, line, parts.settings.limits.decide_records_max, ear, bell.ring)
        case "outbox":
            from .sending import send

            send(parts, line)
        case "catalog":
            from .cataloguing import catalogue

            catalogue(parts, line)
        case "archive":
            from .archiving import archive

            archive(parts, line)
        case _:
            raise HabitueError(f'there is no process "{role}"; expected one of: {", ".join(ROLES)}')


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="habitue.wire.process", description=__doc__)
    parser.add_argument("role")
    parser.add_argument("data", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--socket-fd", type=int)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--lifeline-fd", type=int)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
