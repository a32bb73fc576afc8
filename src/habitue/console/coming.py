"""What is not everywhere yet: segments that a new version of the playbook fills with one person after the other."""

from __future__ import annotations

from habitue.console.visit import Visit
from habitue.errors import HabitueError
from habitue.playbook.diff import diff


def filling(visit: Visit) -> frozenset[str]:
    """Segments whose size does not say how many will be in them: some have not been looked at with the new version."""
    view, book = visit.services.view, visit.book
    behind = [row.before for row in view.adopting()]
    if view.version() < book.version:  # The decide process has not come to it.
        behind.append(view.version())
    if not behind:
        return frozenset()
    oldest = min(behind)
    try:
        before = visit.services.load_playbook(oldest) if oldest else None
    except HabitueError:  # An old version that cannot be read any more tells nothing.
        return frozenset()
    return frozenset(edit.name for edit in diff(before, book).of("segment") if edit.how != "removed")
