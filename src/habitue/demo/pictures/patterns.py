"""What is printed on the thing: dots, stripes, roses; taken from the name, and left to chance where it says nothing."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from habitue.demo.chance import pick

# Plain twice: a shelf where everything is printed on looks like a fair.
_ANY = ("plain", "plain", "dots", "diagonal", "flowers", "leaves")


def pattern_for(code: str, name: str) -> str:
    """An SVG pattern with the id `s`, coloured by the class names of `style.css`."""
    for pattern, words in _words():
        if words.search(name):
            return _drawn(pattern)
    return _drawn(pick(_ANY, "pattern", code))


@cache
def _drawn(pattern: str) -> str:
    return files("habitue.demo.pictures").joinpath(f"patterns/{pattern}.svg").read_text("utf-8").strip()


@cache
def _words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads(files("habitue.demo.pictures").joinpath("patterns.toml").read_text("utf-8"))["words"]
    return tuple(
        (pattern, re.compile(r"\b(?:" + "|".join(words.split()).replace("_", " ") + r")\b", re.IGNORECASE))
        for pattern, words in table.items()
    )
