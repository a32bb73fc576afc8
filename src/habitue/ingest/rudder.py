"""What RudderStack's clients have besides Segment's dialect: a pixel, a header with the id, a source to ask for."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

PIXEL = b64decode(b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent point, as GIF."""

_FIELDS_MAX = 500
_LEVELS_MAX = 8


def pixel_item(query: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The event a pixel's address describes: `properties.price=9.5` is the property `price`. All values are texts."""
    item: dict[str, Any] = {"channel": "web"}
    for name, value in list(query)[:_FIELDS_MAX]:
        if name != "writeKey":
            _put(item, name.split(".", _LEVELS_MAX), value)
    return item


def _put(item: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        below = item.setdefault(step, {})
        if not isinstance(below, dict):  # Both `a=1` and `a.b=2`: the first word stands.
            return
        item = below
    item.setdefault(path[-1], value)


def anonymous_id(header: str | None) -> str | None:
    """The visitor's id as the browser client's header says it, in base64; None for anything else."""
    if not header or len(header) > 1_000:
        return None
    try:
        return b64decode(header, validate=True).decode() or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def source_config(write_key: str, source: str) -> dict[str, Any]:
    """What the browser client must be told before it sends: a source that is switched on, and nobody to pass on to."""
    silent = {"enabled": False}
    return {
        "source": {
            "id": source,
            "name": source,
            "writeKey": write_key,
            "enabled": True,
            "workspaceId": "habitue",
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "config": {"statsCollection": {"errors": silent, "metrics": silent}},
            "destinations": [],
            "dataplanes": {},
            "connections": [],
        },
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "consentManagementMetadata": {},
    }
