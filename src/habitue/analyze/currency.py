"""Amounts in the shop's currency: what live evaluation does, for DuckDB to call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from habitue.decide.profile.exchange import exchanged
from habitue.model.instant import Instant
from habitue.playbook.playbook import Shop

_read = msgspec.json.Decoder(dict[str, Any]).decode
_write = msgspec.json.Encoder().encode


def told_in(shop: Shop) -> Callable[[str, Instant], str]:
    """A function of an event's properties and when it occurred. It costs some microseconds an event."""

    def told(properties: str, at: Instant) -> str:
        given = _read(properties)
        found = exchanged(shop, given, at)
        return properties if found is given else _write(found).decode()

    return told
