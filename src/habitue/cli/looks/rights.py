"""Rights: may other accounts of this machine read what customers did?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue import private
from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    found = private.readable_by_others(parts.data)
    if not found:
        yield Finding("ok", "rights", "other accounts of this machine can read nothing of it")
        return
    some = ", ".join(str(path.relative_to(parts.data.parent)) for path in found[:3])
    yield Finding(
        "bad",
        "rights",
        f"other accounts of this machine may read {len(found):,} files and folders, such as {some}; "
        f"`chmod -R go= {parts.data}` takes that away",
    )
