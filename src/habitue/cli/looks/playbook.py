"""Playbook: is one in force?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    versions = parts.playbooks.playbooks()
    if not versions:
        yield Finding("note", "playbook", "none in force: events are kept, nothing is sent; `habitue apply FOLDER`")
    else:
        yield Finding("ok", "playbook", f"{versions[0]['name']}, version {versions[0]['version']}")
