"""A conversation file as text: stories of blocks, each some lines of action and what is expected after them.

    ana looks at "Red Mug" (P1, 4.95, Mugs) at 21:40
    clock +25m
    ----
    enters browse_abandonment · email browse_reminder

Stories are parted by a line of `====`; what stands behind it, or in a first comment, is the story's title. `#` begins a
comment line. A blank line ends what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from habitue.errors import HabitueError

CHECK = re.compile(r"-{4,}\s*")
PART = re.compile(r"={4,}\s*(.*)")
LINES_MAX = 20_000


class ConversationError(HabitueError):
    """A line of a conversation that cannot be understood. `line` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        self.text = text
        super().__init__(f"line {line}: {text}")


class Action(msgspec.Struct, frozen=True):
    """One line of what happens."""

    line: int
    text: str


class Block(msgspec.Struct, frozen=True):
    """Actions, and the lines expected after them. `check` is the line of the dashes; None: a story's unchecked end."""

    actions: tuple[Action, ...]
    check: int | None
    expected: tuple[str, ...]


class Story(msgspec.Struct, frozen=True):
    title: str
    line: int
    blocks: tuple[Block, ...]


def read_script(text: str) -> list[Story]:
    """The stories of a file. Raises ConversationError."""
    lines = text.splitlines()
    if len(lines) > LINES_MAX:
        raise ConversationError(LINES_MAX, f"the file has {len(lines):,} lines; at most {LINES_MAX:,} are taken")
    stories = []
    for start, end, title in _parts(lines):
        blocks = tuple(_blocks(lines, start, end))
        if blocks:
            stories.append(Story(title or _first_comment(lines[start:end]) or f"line {start + 1}", start + 1, blocks))
    return stories


def _parts(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first line, line after the last, title) of each story, counted from 0."""
    start, title = 0, ""
    for number, line in enumerate(lines):
        part = PART.fullmatch(line)
        if part:
            yield start, number, title
            start, title = number + 1, part[1].strip()
    yield start, len(lines), title


def _first_comment(lines: Sequence[str]) -> str:
    return next((line[1:].strip() for line in lines if line.startswith("#")), "")


def _blocks(lines: Sequence[str], start: int, end: int) -> Iterator[Block]:
    actions: list[Action] = []
    number = start
    while number < end:
        line = lines[number].strip()
        if CHECK.fullmatch(line):
            expected = _expected(lines, number + 1, end)
            yield Block(tuple(actions), number + 1, tuple(one.strip() for one in expected))
            actions = []
            number += len(expected)
        elif line and not line.startswith("#"):
            actions.append(Action(number + 1, line))
        number += 1
    if actions:
        yield Block(tuple(actions), None, ())


def _expected(lines: Sequence[str], start: int, end: int) -> list[str]:
    found = []
    for line in lines[start:end]:
        if not line.strip():
            break
        found.append(line)
    return found


def rewritten(text: str, stories: Sequence[Story], told: Sequence[Sequence[Sequence[str]]]) -> str:
    """The text with what is expected replaced by what was told, where it is otherwise; the rest stays to the byte."""
    lines = text.splitlines()
    # From the end, so that the numbers of earlier lines stay true.
    for story, answers in reversed(list(zip(stories, told, strict=True))):
        for block, answer in reversed(list(zip(story.blocks, answers, strict=True))):
            if block.check is None:
                last = block.actions[-1].line
                lines[last:last] = ["----", *answer, ""] if last < len(lines) else ["----", *answer]
            elif block.expected != tuple(answer):
                indent = _indent(lines[block.check - 1])
                lines[block.check : block.check + len(block.expected)] = [indent + line for line in answer]
    if lines == text.splitlines():
        return text
    return "\n".join(lines) + "\n"


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
