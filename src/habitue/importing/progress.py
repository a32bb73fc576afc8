"""How far an import has come, kept in the data directory, so that one that was cut off goes on where it was."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

import msgspec

from habitue.errors import HabitueError

from .mapping import Mapping

_BYTES = 65_536


class Counts(msgspec.Struct, kw_only=True):
    """What an import came to."""

    rows: int = 0
    made: dict[str, int] = {}
    """Name of the event → how many; products under `products`."""
    added: int = 0
    known: int = 0
    """Events that were in the log before, products that were already as described."""
    rejected: dict[str, int] = {}
    """Reason → how many rows."""
    skipped: dict[str, int] = {}
    """Why rows were left out → how many."""

    def count(self, which: dict[str, int], name: str) -> None:
        which[name] = which.get(name, 0) + 1

    @property
    def rejected_rows(self) -> int:
        return sum(self.rejected.values())


class Place(msgspec.Struct, kw_only=True):
    """A place in a file: everything before it is dealt with."""

    file: str
    fingerprint: str
    counts: Counts
    rejected_bytes: int
    waiting: bytes = b""


def fingerprint(path: Path, mapping: Mapping) -> str:
    """Stands for the file's content and the mapping: when either changes, an import begins anew."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_BYTES)
        file.seek(max(0, size - _BYTES))
        tail = file.read(_BYTES)
    said = repr((size, mapping)).encode()
    return blake2b(head + tail + said, digest_size=12).hexdigest()


class Bookmark:
    """The file in `imports/` that holds the place, one for each file and kind."""

    def __init__(self, folder: Path, path: Path, kind: str) -> None:
        self._file = path.resolve()
        self.name = blake2b(f"{kind}:{self._file}".encode(), digest_size=8).hexdigest()
        self._path = folder / f"{self.name}.place"

    def read(self, fingerprint: str) -> Place | None:
        """Where an earlier attempt at the same content stopped, or None."""
        try:
            place = msgspec.msgpack.decode(self._path.read_bytes(), type=Place)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise HabitueError(
                f"{self._path}: cannot be read: {error}. Delete it: the import then begins anew and adds nothing twice."
            ) from None
        return place if place.fingerprint == fingerprint else None

    def write(self, fingerprint: str, counts: Counts, rejected_bytes: int, waiting: bytes) -> None:
        place = Place(
            file=str(self._file),
            fingerprint=fingerprint,
            counts=counts,
            rejected_bytes=rejected_bytes,
            waiting=waiting,
        )
        draft = self._path.with_suffix(".draft")
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            # Rows that wait are customers' data.
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.msgpack.encode(place))
            draft.replace(self._path)
        except OSError as error:
            raise HabitueError(
                f"{self._path}: cannot be written ({error.strerror}); make room, and start the import again: it goes "
                "on where it was, and adds nothing twice"
            ) from None

    def remove(self) -> None:
        """The import is over."""
        self._path.unlink(missing_ok=True)
