"""Refusals in a row: one refused recipient is that recipient's affair, many different ones are ours."""

from __future__ import annotations

import re

IN_A_ROW_MAX = 10
"""So many different recipients are refused, none taken in between, before somebody is told."""

_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]+")


class Refusals:
    """The different recipients a channel refused since it last took a message. Forgotten at a restart."""

    def __init__(self) -> None:
        self._rows: dict[str, set[str]] = {}

    def refused(self, channel: str, address: str) -> bool:
        """Whether there were too many before this one: what is refused now is likely to be about us."""
        row = self._rows.setdefault(channel, set())
        too_many = len(row) >= IN_A_ROW_MAX
        if not too_many:
            row.add(address)
        return too_many

    def taken(self, channel: str) -> bool:
        """The channel took a message; True if there had been too many refusals until now."""
        return len(self._rows.pop(channel, ())) >= IN_A_ROW_MAX


def without_addresses(answer: str) -> str:
    """What a server said, for people who are to know of trouble and not of customers."""
    return _ADDRESS.sub("…", answer)
