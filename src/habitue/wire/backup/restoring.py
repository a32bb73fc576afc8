"""Putting a backup in place: checked before, whole or not at all, nothing sent twice, nobody erased brought back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from habitue import private
from habitue.model.instant import Instant
from habitue.secret import data_secret
from habitue.store.sqlite.privacy import PrivacyFile

from .. import privacy
from ..forgetting import mark_of
from ..parts import PRIVACY_FILE, SUPPRESSIONS_FILE, open_existing
from .manifest import BackupProblem, Manifest, verify

RESTORED_FILE = "restored.json"
ACTOR = "restore"
_LATEST_EFFECT = "SELECT max(coalesce((SELECT max(sequence) FROM effects), 0), effect) FROM floors"


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `erased_again`: how many who had asked to be erased after the backup are erased once more."""

    manifest: Manifest
    at: Instant
    erased_again: int | None
    """None: nothing that survived was given, so nobody knows who was erased since."""


class _Note(msgspec.Struct, frozen=True):
    at: Instant
    made_at: Instant


def restore(folder: Path, data: Path, *, survivor: Path | None = None, nothing_sent_since: bool = False) -> Restored:
    """Put a backup where a data directory shall be, which must not be there yet, or be empty.

    `survivor`: what is left of the data directory the backup is of, or a later backup: from its `privacy.db` and
    `suppressions.db` those are known who asked to be erased, or not to be written to, after this backup was made.
    `nothing_sent_since`: the system has not run since then, so what waits may go out.
    """
    os.umask(private.UMASK)
    manifest = verify(folder)
    _require_free(data)
    draft = data.with_name(f".{data.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        private.folder(draft)
        for file in manifest.files:
            shutil.copy(folder / file.name, draft / file.name)
            (draft / file.name).chmod(private.FILE_MODE)
        _look_again(draft)
        now = _now(draft)
        if not nothing_sent_since:
            # Before it stands where it is served from: killed in between, what went out would go out again.
            (draft / RESTORED_FILE).write_bytes(msgspec.json.encode(_Note(now, manifest.made_at)))
        if data.exists():
            data.rmdir()
        draft.replace(data)
    except OSError as error:
        raise BackupProblem(f"{data}: the backup cannot be put there: {error.strerror}; nothing was changed") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Restored(manifest=manifest, at=now, erased_again=None if survivor is None else _erase_again(data, survivor))


def _now(data: Path) -> Instant:
    """By the data directory's own clock, which may run faster than the world's."""
    parts = open_existing(data)
    try:
        return parts.clock.now()
    finally:
        parts.close()


def sent_until(data: Path) -> Instant:
    """Messages wanted before this may have gone out after the backup this data directory comes from; 0: none has."""
    try:
        return msgspec.json.decode((data / RESTORED_FILE).read_bytes(), type=_Note).at
    except FileNotFoundError:
        return 0
    except (OSError, msgspec.DecodeError) as error:
        raise BackupProblem(
            f"{data / RESTORED_FILE}: cannot be read: {error}. It says which messages may have gone out already; "
            "restore the backup again, or delete it where none has"
        ) from None


def _require_free(data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupProblem(
            f"{data} is not empty: a backup is put where nothing is. Stop the system, move what is there away (it may "
            "know who was erased since: see --survivor), and restore again"
        )


def _look_again(draft: Path) -> None:
    """The outbox asks the state anew from where the state stood: effects after that come in another order."""
    state, deliveries = draft / "state.db", draft / "deliveries.db"
    if not (state.exists() and deliveries.exists()):
        return
    with closing(sqlite3.connect(state)) as connection:
        (latest,) = connection.execute(_LATEST_EFFECT).fetchone()
    with closing(sqlite3.connect(deliveries)) as connection, connection:
        connection.execute("UPDATE progress SET cursor = min(cursor, ?)", (latest,))


def _erase_again(data: Path, survivor: Path) -> int:
    """Whoever a surviving receipt is of, and still stands in the backup, is asked to be erased anew."""
    kept, suppressed = survivor / PRIVACY_FILE, survivor / SUPPRESSIONS_FILE
    if not kept.is_file():
        raise BackupProblem(
            f"{survivor} has no {PRIVACY_FILE}, so nobody can say who was erased since; the backup is in place all the "
            "same: erase them with `habitue people erase` before you start"
        )
    if suppressed.is_file():
        _copy_sound(suppressed, data / SUPPRESSIONS_FILE)
    copy = data / f".survivor-{PRIVACY_FILE}"
    _copy_sound(kept, copy)
    surviving = PrivacyFile(copy)
    parts = open_existing(data)
    try:
        marks = {one.mark for one in surviving.list(1 << 40)}
        secret = data_secret(data)
        found = [one for one in parts.store.customer_ids() if mark_of(secret, one) in marks]
        people = {living.id for one in found if (living := privacy.load(parts, one)) is not None}
        for one in sorted(people):
            privacy.request_erasure(parts, one, ACTOR)
        return len(people)
    finally:
        parts.close()
        surviving.close()
        for path in data.glob(f"{copy.name}*"):
            path.unlink()


def _copy_sound(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=30)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)
    except sqlite3.Error as error:
        raise BackupProblem(f"{source}: cannot be read: {error}") from None
