"""Moves a draft onto a version that came into force meanwhile: what only one side changed is taken from that side."""

from __future__ import annotations

from collections.abc import Mapping

from habitue.playbook.editing import put_segment, remove_segment
from habitue.playbook.load import SEGMENTS_FILE
from habitue.playbook.playbook import Playbook, Segment


def rebase(base: Playbook, draft: Playbook, force: Playbook) -> tuple[dict[str, str], list[str]]:
    """The draft's changes upon the version in force, and what both changed, which somebody must decide."""
    files: dict[str, str] = {}
    clashes: list[str] = []
    for path in sorted({*base.files, *draft.files, *force.files}):
        first, mine, theirs = (book.files.get(path) for book in (base, draft, force))
        kept = theirs if mine == first else mine
        if mine not in (first, theirs) and theirs != first:
            if path == SEGMENTS_FILE:
                continue  # Two may edit different segments of one file.
            clashes.append(path)
        if kept is not None:
            files[path] = kept
    if SEGMENTS_FILE not in files and SEGMENTS_FILE in force.files:
        files[SEGMENTS_FILE] = force.files[SEGMENTS_FILE]
        if draft.files.get(SEGMENTS_FILE) is not None:
            files, more = _segments(files, base, draft, force)
            clashes += more
    return files, clashes


def _segments(
    files: Mapping[str, str], base: Playbook, draft: Playbook, force: Playbook
) -> tuple[dict[str, str], list[str]]:
    result, clashes = dict(files), []
    for name in sorted({*base.segments, *draft.segments}):
        first, mine, theirs = (_said(book.segments.get(name)) for book in (base, draft, force))
        if mine in (first, theirs):
            continue
        if theirs != first:
            clashes.append(f'the segment "{name}"')
        elif mine is None:
            result = remove_segment(result, name)
        else:
            title, condition, description = mine
            result = put_segment(result, name, title, condition, description)
    return result, clashes


def _said(segment: Segment | None) -> tuple[str, str, str] | None:
    return None if segment is None else (segment.title, segment.condition.text.strip(), segment.description)
