"""Whom a text names: by ids and addresses as whole words, and by short ids only where they stand alone in quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

_ALONE_FROM = 5
"""A shorter id, such as the number 7, stands in texts that have nothing to do with her."""
_WORD = re.compile(r"[\w@.+:-]+")


def naming(spelled: Mapping[int, Iterable[str]]) -> Callable[[str], int | None]:
    """A question to ask of many texts: which of these numbers one of its words stands for, if any.

    However many people are asked for, a text is read once.
    """
    numbers = {text.lower(): number for number, texts in spelled.items() for text in texts}
    # What is no word by itself, such as an id with a space, is looked for as it is.
    odd = {text: number for text, number in numbers.items() if len(text) >= _ALONE_FROM and not _WORD.fullmatch(text)}

    def named(text: str) -> int | None:
        text = text.lower()
        for match in _WORD.finditer(text):
            word = match[0].strip(".")
            for part in (word, word.rpartition(":")[2]):
                if part in numbers and (len(part) >= _ALONE_FROM or _is_quoted(text, match)):
                    return numbers[part]
        return next((number for one, number in odd.items() if one in text), None)

    return named


def _is_quoted(text: str, match: re.Match[str]) -> bool:
    return text[match.start() - 1 : match.start()] == '"' == text[match.end() : match.end() + 1]
