"""What can go wrong in a store, in words for the person who can fix it."""

from __future__ import annotations

from habitue.errors import HabitueError


class StoreError(HabitueError):
    """A store could not do what it was asked."""


class StoreBusy(StoreError):
    """Somebody else held the right to write for longer than the busy timeout."""


class StoreFull(StoreError):
    """The disk is full, or the files may not be written."""


class StoreDamaged(StoreError):
    """A file is not a database, or not one of ours any more."""


class StoreTooNew(StoreError):
    """A file was written by a newer version of Habitue."""


class VersionMoved(StoreError):
    """Another playbook came into force since somebody looked at what he was about to change."""


def version_moved(base: int, found: int) -> VersionMoved:
    return VersionMoved(
        f"these changes were planned against version {base}, and version {found} is in force now: somebody else "
        "applied a playbook meanwhile. Look at the plan again (`habitue plan`); nothing was changed"
    )


class OutOfOrder(StoreError):
    """A commit lies before what is committed already: somebody else decides over the same state."""


def out_of_order(found: int, committed: int) -> OutOfOrder:
    return OutOfOrder(
        f"a commit up to position {found} came after one up to {committed}; "
        "is another decide process working on the same data? Stop it and start again: nothing was changed"
    )
