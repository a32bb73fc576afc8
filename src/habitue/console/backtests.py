"""Backtests, each a file: who asked for what, when, and the report once it is there; nobody in it by name or id."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TypeVar

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


H = TypeVar("H", bound=Heading)


class Kept(Heading, kw_only=True):
    """`report` is that of the playbook; `comparison` is there when it was held against another."""

    report: Report
    comparison: Comparison | None = None


class Unfinished(Heading, kw_only=True):
    """One that has no report: under way, cut off when the server ended, or failed, and then `problem` says of what."""

    problem: str = ""


class Shelf:
    """The newest fifty, in a folder. The folder is made with the first one.

    What is asked lies there from the start (`.asked`) until its report takes its place (`.json`), so that one which a
    restart cut off is not lost without a word.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, asked: Unfinished) -> None:
        """Keep what is asked, or what became of it."""
        self._write(self._asked(asked.id), asked)
        for old in self.unfinished()[KEPT_MAX:]:
            self._asked(old.id).unlink(missing_ok=True)

    def put(self, kept: Kept) -> None:
        """Keep the report, in the place of what was asked."""
        self._write(self._path(kept.id), _nameless(kept))
        self._asked(kept.id).unlink(missing_ok=True)
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
        """Those with a report, newest first; one that cannot be read is not among them."""
        return self._read_all("*.json", Heading)

    def unfinished(self) -> list[Unfinished]:
        """Those without one, newest first."""
        return self._read_all("*.asked", Unfinished)

    def remove(self, identity: str) -> None:
        if _ID.fullmatch(identity):
            self._path(identity).unlink(missing_ok=True)
            self._asked(identity).unlink(missing_ok=True)

    def _write(self, path: Path, what: Heading) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = path.with_name(f"{path.name}.half")
        half.write_bytes(msgspec.json.encode(what))
        os.replace(half, path)

    def _read_all(self, pattern: str, type_: type[H]) -> list[H]:
        found = []
        for path in self._folder.glob(pattern):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=type_))
            except (FileNotFoundError, msgspec.DecodeError):
                continue
        return sorted(found, key=lambda one: -one.at)

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity}.json"

    def _asked(self, identity: str) -> Path:
        return self._folder / f"{identity}.asked"


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
