"""Currencies: whether amounts came in one that the playbook has no rate for."""

from __future__ import annotations

from collections.abc import Iterator

from habitue.model.instant import DAY, MINUTE
from habitue.wire import Parts

from .finding import Finding

LOOKS_BACK = 30 * DAY


def look(parts: Parts) -> Iterator[Finding]:
    since = max(0, parts.clock.now() - LOOKS_BACK) // MINUTE
    unrated = sorted((tally.name, tally.count) for tally in parts.view.totals("unrated", since))
    if not unrated:
        yield Finding("ok", "currencies", "every amount of the last 30 days has a rate")
        return
    said = ", ".join(f"{code} ({count:,} events)" for code, count in unrated)
    yield Finding("note", "currencies", f"no rate for {said}: their amounts are in no sum; add them to shop.rates")
