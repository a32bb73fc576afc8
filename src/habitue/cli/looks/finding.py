"""What a look of the doctor found."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing looked at. `level` is `ok`, `note` (works, but know it) or `bad`."""

    level: str
    what: str
    text: str
