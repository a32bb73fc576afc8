"""The versions of the playbook that are kept: what each changed, and its files."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from habitue.model.instant import Instant
from habitue.playbook.diff import diff
from habitue.playbook.playbook import Playbook
from habitue.playbook.problem import PlaybookError

from .parts import NoData, Parts


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """`summary`: what it means otherwise than the one before, such as `1 segment changed`."""

    version: int
    name: str
    applied_at: Instant
    author: str
    note: str
    summary: str


def kept_versions(parts: Parts, limit: int = 50, before: int | None = None) -> list[Version]:
    """Newest first; `before` is the number to page on from."""
    rows = [row for row in parts.playbooks.playbooks() if before is None or row["version"] < before]
    return [Version(**row, summary=_summary(parts, row["version"])) for row in rows[:limit]]


def version_in_force(parts: Parts) -> int:
    """Its number; 0 before the first is applied."""
    versions = parts.playbooks.playbooks()
    return int(versions[0]["version"]) if versions else 0


def read_version(parts: Parts, version: int) -> Playbook | None:
    """None for one there is not, or that cannot be read: a later Habitue may refuse what an earlier one took."""
    try:
        return parts.playbook(version)
    except PlaybookError:
        return None


def files_of(parts: Parts, version: int) -> dict[str, str]:
    """A version's files. Raises NoData for one that there is not."""
    known = version_in_force(parts)
    files = parts.playbooks.playbook(version) if version <= known else None
    if files is None:
        there_is = f"there are 1 to {known}; `habitue versions` lists them" if known else "none was applied yet"
        raise NoData(f"there is no version {version} of the playbook: {there_is}")
    return files


def files_of_all(parts: Parts) -> Iterator[dict[str, str]]:
    """The files of every version, newest first."""
    for row in parts.playbooks.playbooks():
        yield files_of(parts, row["version"])


def _summary(parts: Parts, version: int) -> str:
    after = read_version(parts, version)
    if after is None:
        return "cannot be read any more"
    if version == 1:
        return "the first"
    return diff(read_version(parts, version - 1), after).summary() or "layout and comments"
