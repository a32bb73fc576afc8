"""Keeps Liquid safe from MJML and HTML parsers, which would move, escape or reject it.

A `{% for %}` between table rows is thrown out of the table by every HTML parser, and `{% if a < b %}` is no XML. So a
piece of Liquid is swapped for something the parsers carry faithfully, and put back when they are done: a comment where
markup is expected, since comments may stand anywhere, and a plain word in attributes, in comments, and for output.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from habitue.errors import HabitueError


class LostLiquid(HabitueError):
    """A tag vanished, was doubled, or changed places. `line` is where it was written."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.line = line
        self.said = said


class Protected(NamedTuple):
    text: str
    pieces: list[str]
    lines: list[int]


_EDGE = re.compile(r"\{\{|\{%|<!--|-->|[<>\"']")
PLACEHOLDER = re.compile(r"(?:<!--|&lt;!--)?lqd(\d+)dql(?:-->|--&gt;)?")


def protect(text: str) -> Protected:
    """The text with every piece of Liquid swapped for a placeholder."""
    out: list[str] = []
    pieces: list[str] = []
    lines: list[int] = []
    place = _Place()
    position = 0
    while edge := _EDGE.search(text, position):
        mark, start = edge.group(), edge.start()
        out.append(text[position:start])
        position = edge.end()
        if mark not in ("{{", "{%"):
            place.pass_by(mark, text[position : position + 1])
            out.append(mark)
            continue
        closing = text.find("}}" if mark == "{{" else "%}", position)
        line = text.count("\n", 0, start) + 1
        if closing < 0:
            raise LostLiquid(line, f'"{mark}" is never closed')
        position = closing + 2
        word = f"lqd{len(pieces)}dql"
        out.append(f"<!--{word}-->" if mark == "{%" and place.is_markup else word)
        pieces.append(text[start:position])
        lines.append(line)
    out.append(text[position:])
    return Protected("".join(out), pieces, lines)


def restore(text: str, protected: Protected) -> str:
    """The Liquid back in its places. Raises LostLiquid if a tag is not there exactly once and in order."""
    seen: list[int] = []

    def put_back(match: re.Match[str]) -> str:
        number = int(match[1])
        if number >= len(protected.pieces):
            return match[0]
        seen.append(number)
        return protected.pieces[number]

    restored = PLACEHOLDER.sub(put_back, text)
    _raise_when_lost(seen, protected)
    return restored


def line_at(offset: int, protected: Protected) -> int:
    """The line of the original text that the offset in the protected text stands for."""
    before = protected.text[:offset]
    hidden = sum(protected.pieces[int(match[1])].count("\n") for match in PLACEHOLDER.finditer(before))
    return before.count("\n") + hidden + 1


def _raise_when_lost(seen: list[int], protected: Protected) -> None:
    tags = [number for number in seen if protected.pieces[number].startswith("{%")]
    wanted = [number for number, piece in enumerate(protected.pieces) if piece.startswith("{%")]
    if tags == wanted:
        return
    odd = next((number for number in wanted if tags.count(number) != 1), wanted[0])
    raise LostLiquid(
        protected.lines[odd],
        f"{protected.pieces[odd]} cannot stand here: MJML would drop or move it; put it into <mj-raw> or <mj-text>",
    )


class _Place:
    """Where in the markup the scan stands: between tags, inside one, in a quoted attribute, in a comment."""

    def __init__(self) -> None:
        self.quote = ""
        self.in_tag = False
        self.in_comment = False

    @property
    def is_markup(self) -> bool:
        return not (self.in_tag or self.in_comment)

    def pass_by(self, mark: str, following: str) -> None:
        if self.in_comment:
            self.in_comment = mark != "-->"
        elif self.quote:
            if mark == self.quote:
                self.quote = ""
        elif self.in_tag:
            self._within_tag(mark)
        elif mark == "<!--":
            self.in_comment = True
        elif mark == "<" and (following.isalpha() or following == "/"):
            self.in_tag = True

    def _within_tag(self, mark: str) -> None:
        if mark in ('"', "'"):
            self.quote = mark
        elif mark.endswith(">"):
            self.in_tag = False
