"""What a password must be: long, and not what others would try first. No rules about what letters it is made of."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LENGTH_MIN = 12
LENGTH_MAX = 500
STRENGTH_MIN = 8
"""In characters that nobody can foresee. A common word counts as two of them: there are some ten thousand."""

_COMMON = Path(__file__).parent / "common_passwords" / "common-passwords.txt.gz"
_OURS = ("habitue", "console", "shop", "store", "marketing", "owner", "admin", "demo", "welcome", "secret")
_WORD_LENGTH_MIN = 3
_RUN_LENGTH_MIN = 3
_ROWS: tuple[str, ...] = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_PIECE_LENGTH_MAX = 36
_SPOKEN_LIKE = str.maketrans("@4310!$57", "aaeioisst")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SEPARATORS = re.compile(r"[\s._-]+")
_BETWEEN_NAMES = re.compile(r"[\W_]+")


def trouble(password: str, about: Iterable[str] = ()) -> str | None:
    """Why the password will not do, as a sentence; None when it will. `about`: names that belong to the account."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        return f"the password has {len(password)} characters; it needs {LENGTH_MIN} to {LENGTH_MAX}"
    if strength(password, about) < STRENGTH_MIN:
        return (
            "the password is made of what others would try first: common words, names of this account or the product, "
            "rows of keys, years, repetitions; take four words that have nothing to do with each other, or a password "
            "manager's suggestion"
        )
    return None


def strength(password: str, about: Iterable[str] = ()) -> int:
    """How many characters of the password nobody can foresee, at best for whoever guesses.

    The password is cut into pieces a guesser knows, in the way that leaves least to guess: the idea of zxcvbn
    (D. Wheeler, USENIX Security 2016), with whole numbers in place of logarithms.
    """
    whole = unicodedata.normalize("NFKC", password).lower()
    known = _common() | {part for word in (*about, *_OURS) for part in _parts(word)}
    return min(_least(_SEPARATORS.sub("", spelling), known) for spelling in {whole, whole.translate(_SPOKEN_LIKE)})


def _least(text: str, known: frozenset[str] | set[str]) -> int:
    least = list(range(len(text) + 1))
    cut: list[tuple[str, ...]] = [()] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        least[end], cut[end] = least[end - 1] + 1, (*cut[end - 1], text[end - 1])
        for start in range(max(0, end - _PIECE_LENGTH_MAX), end):
            piece = text[start:end]
            cost = 0 if piece in cut[start] and len(piece) > 1 else _cost(piece, known)
            if least[start] + cost < least[end]:
                least[end], cut[end] = least[start] + cost, (*cut[start], piece)
    return least[-1]


def _cost(piece: str, known: frozenset[str] | set[str]) -> int:
    if len(piece) >= _WORD_LENGTH_MIN and (piece in known or piece[::-1] in known):
        return 2
    if len(piece) >= _RUN_LENGTH_MIN and (len(set(piece)) == 1 or _is_row(piece)):
        return 2
    return 2 if _YEAR.fullmatch(piece) else _PIECE_LENGTH_MAX


def _is_row(piece: str) -> bool:
    return any(piece in row or piece in row[::-1] for row in _ROWS)


def _parts(word: str) -> set[str]:
    """`Ana.Demir@shop.example` → ana, demir, shop, example, anademirshopexample."""
    parts = [part for part in _BETWEEN_NAMES.split(word.lower()) if part]
    return {part for part in (*parts, "".join(parts)) if len(part) >= _WORD_LENGTH_MIN}


@cache
def _common() -> frozenset[str]:
    """The twenty thousand most common passwords; most are words, with or without digits."""
    return frozenset(gzip.decompress(_COMMON.read_bytes()).decode("utf-8").split())
