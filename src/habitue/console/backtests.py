"""Backtests that were run, each a file: who asked for what, when, and the report; nobody in it by name or id."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from habitue.model.instant import Instant
from habitue.run.backtest import Comparison, Report

KEPT_MAX = 50
_ID = re.compile(r"[0-9a-f]{12}")


class Heading(msgspec.Struct, kw_only=True):
    """What a list shows. `playbook` and `against` are how they were chosen: "version 3", "the draft"."""

    id: str
    at: Instant
    by: str
    playbook: str
    against: str = ""
    journey: str | None = None
    since: Instant
    until: Instant


class Kept(Heading, kw_only=True):
    """`report` is that of the playbook; `comparison` is there when it was held against another."""

    report: Report
    comparison: Comparison | None = None


class Shelf:
    """The newest fifty, in a folder. The folder is made with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, kept: Kept) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(kept.id)
        half = path.with_suffix(".half")
        half.write_bytes(msgspec.json.encode(_nameless(kept)))
        os.replace(half, path)
        for old in self.all()[KEPT_MAX:]:
            self.remove(old.id)

    def get(self, identity: str) -> Kept | None:
        if not _ID.fullmatch(identity):
            return None
        try:
            return msgspec.json.decode(self._path(identity).read_bytes(), type=Kept)
        except (FileNotFoundError, msgspec.DecodeError):  # One of an earlier Habitue may say other things.
            return None

    def all(self) -> list[Heading]:
        """Newest first; one that cannot be read is not among them."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=Heading))
            except (FileNotFoundError, msgspec.DecodeError):
                continue
        return sorted(found, key=lambda one: -one.at)

    def remove(self, identity: str) -> None:
        if _ID.fullmatch(identity):
            self._path(identity).unlink(missing_ok=True)

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity}.json"


def _nameless(kept: Kept) -> Kept:
    """Without the examples: whoever is erased must not live on in a report."""
    comparison = kept.comparison
    if comparison is not None:
        people = msgspec.structs.replace(comparison.people, examples_more=[], examples_fewer=[])
        comparison = msgspec.structs.replace(
            comparison, one=_plain(comparison.one), other=_plain(comparison.other), people=people
        )
    return msgspec.structs.replace(kept, report=_plain(kept.report), comparison=comparison)


def _plain(report: Report) -> Report:
    return msgspec.structs.replace(report, examples=[], failure="")
