"""Whether a text names somebody: her ids and addresses as whole words, and short ids only as JSON spells a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_ALONE_FROM = 5
"""A shorter id, such as the number 7, stands in texts that have nothing to do with her."""


def naming(spelled: Iterable[str]) -> Callable[[str], bool]:
    """A question to ask of many texts."""
    texts = sorted({one for one in spelled if one}, key=len, reverse=True)
    alone = "|".join(re.escape(one) for one in texts if len(one) >= _ALONE_FROM)
    quoted = "|".join(re.escape(one) for one in texts if len(one) < _ALONE_FROM)
    choices = [rf"(?<![\w@.+-])(?:{alone})(?![\w@-])"] if alone else []
    choices += [rf'"(?:{quoted})"'] if quoted else []
    if not choices:
        return lambda text: False
    found = re.compile("|".join(choices), re.IGNORECASE).search
    return lambda text: found(text) is not None
