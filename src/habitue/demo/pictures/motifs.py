"""Which thing is drawn: `motifs.toml` maps the words of a name to a motif; every category has one to fall back on."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

Words = tuple[tuple[str, re.Pattern[str]], ...]

_COUNT = re.compile(r"^(?:SET|BOX|PACK|BUNDLE|PAIR|ROLL|TUBE) OF (?:\d+ )?")
_ASIDE = re.compile(r"(?:,| WITH | IN | FOR | ON | AND | DESIGN| \+ | - )")


def motif_for(name: str, category: str) -> str:
    """The motif of the thing itself, else of what is printed on it, else the category's."""
    head = _ASIDE.split(_COUNT.sub("", name.upper()))[0]
    for table, text in (("things", head), ("things", name.upper()), ("prints", name.upper())):
        if found := _last(_words(table), text):
            return found
    return _fallbacks().get(category, "gift")


def _last(motifs: Words, text: str) -> str | None:
    """English puts the thing last: a Tin Opener opens, a Cake Tin holds. At one end the longer words know better."""
    found = [(match.end(), len(match[0]), motif) for motif, words in motifs for match in words.finditer(text)]
    return max(found)[2] if found else None


@cache
def _words(table: str) -> Words:
    return tuple(
        (motif, re.compile(r"\b(?:" + "|".join(words.split()).replace("_", " ") + r")\b"))
        for motif, words in _data()[table].items()
    )


@cache
def _fallbacks() -> dict[str, str]:
    return dict(_data()["categories"])


@cache
def _data() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("habitue.demo.pictures").joinpath("motifs.toml").read_text("utf-8"))
