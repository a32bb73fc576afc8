"""What operators order while a system runs: control events, which take effect at one place in the log for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from habitue.model.event import CUSTOMER_RETRIED, CUSTOMER_SPLIT, PLAYBOOK_APPLIED, Event
from habitue.model.instant import Instant
from habitue.model.trust import Level
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.lock import Lock, Occupied
from habitue.run.ports import Appended
from habitue.store.failures import StoreBusy, StoreError

from .filling import Filler, Progress, fill_beforehand
from .parts import Parts

APPLYING = "applying"
WAIT_SECONDS = 30.0


def checked(files: Mapping[str, str]) -> Playbook:
    """The playbook in these files, templates included. Raises PlaybookError with everything that is wrong with them."""
    # Templates and phone numbers are 15 MB of library; whoever only starts a process needs neither.
    from habitue.content.check import check_message, note_hearsay

    return load(files, check_message=check_message, note_message=note_hearsay)


def apply_playbook(
    parts: Parts,
    files: Mapping[str, str],
    author: str,
    note: str = "",
    base: int | None = None,
    progress: Progress = lambda done, total: None,
    filler: Filler = fill_beforehand,
) -> int:
    """Keep the files as a version and put it in force at the end of the log; the same files again change nothing.

    What its conditions ask for that nothing has counted yet is counted first, which takes a minute on a large archive;
    `progress` is told of steps done and steps in all.
    Raises PlaybookError with everything that is wrong with them, and VersionMoved when another version than `base` is
    in force. Whatever it ends with, the fill is whole and belongs to the version, or there is none.
    """
    playbook = checked(files)
    began = parts.clock.now()
    fill = filler(parts, playbook, began, progress)
    try:
        with _one_after_the_other(parts):
            version = parts.playbooks.save_playbook(playbook.name, files, parts.clock.now(), author, note, base)
            appended = _tell(parts, _applied(version, author, began, fill), version)
    except BaseException:
        parts.fills.drop(fill)
        raise
    if not appended.accepted:
        parts.fills.drop(fill)
    return version


@contextmanager
def _one_after_the_other(parts: Parts) -> Iterator[None]:
    """Between keeping a version and telling of it nobody may tell of a later one, which would then be overruled."""
    lock = Lock(parts.data, APPLYING)
    try:
        lock.hold(WAIT_SECONDS)
    except Occupied:
        raise StoreBusy("somebody else puts a playbook in force just now; try again, nothing was changed") from None
    try:
        yield
    finally:
        lock.release()


def _tell(parts: Parts, applied: Event, version: int) -> Appended:
    try:
        return parts.log.append([applied])
    except StoreError as error:
        raise type(error)(
            f"version {version} is kept, but did not come into force: apply these files again. {error}"
        ) from error


def _applied(version: int, author: str, began: Instant, fill: str) -> Event:
    """`began` is part of what is decided: what has left a window by then is not counted for anybody."""
    properties: dict[str, Any] = {"version": version, "author": author}
    return Event(
        id=f"playbook-{version}",
        source="habitue",
        type="control",
        name=PLAYBOOK_APPLIED,
        occurred_at=began,
        properties=properties | {"fill": fill} if fill else properties,
    )


def retry_customer(parts: Parts, customer: str) -> None:
    """Ask the decide process to let a parked customer go on with the records that queue behind her."""
    now = parts.clock.now()
    parts.log.append(
        [
            Event(
                id=f"retry-{customer}-{now}",
                source="habitue",
                type="control",
                name=CUSTOMER_RETRIED,
                occurred_at=now,
                properties={"customer": customer},
            )
        ]
    )


def split_customer(parts: Parts, customer: str, part: str, actor: str) -> None:
    """Ask the decide process to make `part`, which was joined into `customer`, a person of its own again."""
    now = parts.clock.now()
    parts.log.append(
        [
            Event(
                id=f"split-{part}-{now}",
                source="habitue",
                type="control",
                name=CUSTOMER_SPLIT,
                occurred_at=now,
                properties={"customer": customer, "part": part, "actor": actor},
            )
        ]
    )


def taker(parts: Parts, source: str) -> Callable[[dict[str, Any]], Appended]:
    """Takes batches in as ingest would from a client of this source, for imports: same road, no network."""
    from habitue.ingest.envelope import receive_batch

    limits = parts.ingest_settings

    def take(batch: dict[str, Any]) -> Appended:
        received = receive_batch(batch, source, Level.OPERATOR, parts.clock.now(), limits)
        return parts.log.append(received.events, received.dead)

    return take
