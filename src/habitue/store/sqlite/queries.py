"""Reads the `.sql` files: named queries, each with one sentence above it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_HERE = Path(__file__).parent
_QUERY = re.compile(r"^-- :(?P<name>\w+)\n-- (?P<sentence>[^\n]+)\n(?P<text>(?:(?!-- :).*\n?)+)", re.MULTILINE)


class Queries(Mapping[str, str]):
    """The queries of one file by name; `sentences` holds what each is for."""

    def __init__(self, file: str) -> None:
        found = list(_QUERY.finditer((_HERE / file).read_text("utf-8")))
        self._texts = {one["name"]: one["text"].strip().removesuffix(";") for one in found}
        self.sentences = {one["name"]: one["sentence"] for one in found}

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
