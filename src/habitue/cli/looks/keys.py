"""Keys: may anybody send events, and may anybody open the console?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    used = [key.source for key in parts.keys.all() if key.revoked_at is None]
    if used:
        yield Finding("ok", "write keys", ", ".join(used))
    else:
        yield Finding(
            "bad", "write keys", "none: every event is refused; `habitue key create shop --kind browser` makes one"
        )
    if not parts.accounts.users():
        yield Finding("note", "console", "no accounts; `habitue user create EMAIL` makes one")
