"""Counts beforehand what a new version of the playbook asks for, out of the archive, so that the decide loop need not.

`python -m habitue.wire.filling DATA` does it in a process of its own, for whoever has other things to do meanwhile: it
takes the files and the instant as JSON, and says the fill's name.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

import msgspec
import structlog

from habitue.decide.adopt import new_leaves
from habitue.decide.conditions import Leaf
from habitue.decide.plan import Plan, Program
from habitue.model.event import CUSTOMER_ERASED, CUSTOMER_RETRIED
from habitue.model.instant import Instant
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.collector import uncollected
from habitue.store.failures import StoreError

from .parts import ARCHIVE_FOLDER, Parts, create

if TYPE_CHECKING:
    from habitue.analyze.history import History

RECORDS_MIN = 50_000
"""Of a shorter log, everybody's records are read within seconds while the loop goes on."""
MEMORY_LIMIT = "2GB"

Progress = Callable[[int, int], None]
Filler = Callable[[Parts, Playbook, Instant, Progress], str]
"""(parts, playbook, since when it is being applied, told of steps done and steps in all) → the fill's name, or ""."""


_say = structlog.get_logger("habitue.filling")


class _Order(msgspec.Struct):
    files: dict[str, str]
    began: Instant


def fill_beforehand(parts: Parts, playbook: Playbook, began: Instant, progress: Progress) -> str:
    """Count for everybody what is new in the playbook; the name under which it is kept, empty where nothing is."""
    return _fill(parts, playbook, began, progress) if _is_worth_it(parts, playbook) else ""


def fill_apart(parts: Parts, playbook: Playbook, began: Instant, progress: Progress) -> str:
    """The same, in a process of its own."""
    if not _is_worth_it(parts, playbook):
        return ""
    order = msgspec.json.encode(_Order(dict(playbook.files), began))
    command = [sys.executable, "-m", "habitue.wire.filling", str(parts.data)]
    done = subprocess.run(command, input=order, stdout=subprocess.PIPE, check=False)  # noqa: S603  # It is ourselves.
    return done.stdout.decode().strip() if done.returncode == 0 else ""


def _is_worth_it(parts: Parts, playbook: Playbook) -> bool:
    return parts.store.position() >= RECORDS_MIN and bool(_new_leaves(parts, playbook))


def _fill(parts: Parts, playbook: Playbook, began: Instant, progress: Progress) -> str:
    """A fill saves time and nothing else: where it cannot be made, the version comes into force all the same."""
    import duckdb

    from habitue.analyze.history import History, HistoryBusy

    start, parked = parts.store.position(), parts.store.parked_ids()
    try:
        with History(parts.data / ARCHIVE_FOLDER, parts.log, parts.view, memory_limit=MEMORY_LIMIT) as history:
            left_out = parked | parts.store.parked_ids()
            name = _write(parts, history, _new_leaves(parts, playbook), began, left_out, progress)
    except (duckdb.Error, HistoryBusy, StoreError, OSError) as error:
        _say.warning("not_counted_beforehand", error=str(error), instead="the decide loop reads it from the log")
        return ""
    return name if _still_holds(parts, start, name) else ""


def _new_leaves(parts: Parts, playbook: Playbook) -> list[Leaf]:
    before = parts.playbook(parts.store.version())
    plan = Plan(Program(playbook))
    fresh = new_leaves(plan, Program(before) if before is not None else None)
    return [leaf for one, leaf in sorted(plan.current.leaves.items()) if one in fresh]


def _write(
    parts: Parts, history: History, leaves: list[Leaf], began: Instant, left_out: set[str], progress: Progress
) -> str:
    from habitue.analyze.fill import fill

    name = f"{began}-{history.position}"
    needs = {leaf.id: leaf.need for leaf in leaves}
    with _ending_at_once(history), uncollected(), parts.fills.draft(name, history.position, began, needs) as draft:
        for rows in fill(history, leaves, began, left_out, progress):
            draft.add(rows)
    return name


@contextmanager
def _ending_at_once(history: History) -> Iterator[None]:
    """Ctrl-C ends the question that is asked. By itself DuckDB lets other threads finish their part of it."""

    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True
        history.connection.interrupt()
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or current_thread() is not main_thread():
        yield  # Somebody else sees to it.
        return
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Exception as error:
        if stopped:  # DuckDB makes an error of its own of it.
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _still_holds(parts: Parts, start: int, name: str) -> bool:
    """Whether nobody was erased, and nobody went on, while it was counted. From here on the decide loop sees to it."""
    log = parts.log
    if not log.named([CUSTOMER_ERASED, CUSTOMER_RETRIED], start, log.position()):
        return True
    parts.fills.drop(name)
    return False


def main(data: Path, order: _Order) -> str:
    parts = create(data)
    try:
        return _fill(parts, load(order.files), order.began, lambda done, total: None)
    finally:
        parts.close()


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1]), msgspec.json.decode(sys.stdin.buffer.read(), type=_Order)))
