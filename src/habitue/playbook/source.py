"""A YAML file as nodes that know their place.

A playbook is written by hand, so only the plain part of YAML is taken: mappings, lists and text. Anchors and aliases
are refused (a few lines of them unfold into gigabytes), and so are YAML's tags. Scalars stay text until a field says
what it wants, so `08:00` is a time and `on` is a word, whatever YAML 1.1 thinks of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from habitue.playbook.problem import Problem

TEXT_MAX = 300_000
DEPTH_MAX = 60

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_INTEGER = re.compile(r"[-+]?\d{1,18}")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class SourceError(Exception):
    """The text is not the YAML that a playbook is written in. Carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class _Refused(yaml.MarkedYAMLError):
    """Raised inside the composer for YAML that is legal but not taken here."""


class _Composer(yaml.SafeLoader):
    """PyYAML's reader, minus aliases, anchors, tags, double keys and bottomless nesting."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # types-PyYAML leaves the reader's own parts open.
        refused = self._refused(event)
        if refused is not None:
            raise _Refused(problem=refused, problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refused(self, event: Any) -> str | None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return "anchors and aliases (& and *) are not taken here; write it out"
        if getattr(event, "tag", None):
            return f"tags such as {event.tag} are not taken here; leave it out"
        return f"nested deeper than {DEPTH_MAX} levels" if self.depth >= DEPTH_MAX else None


def compose(file: str, text: str) -> yaml.Node:
    """The root node of one YAML document. Raises SourceError."""
    if len(text) > TEXT_MAX:
        raise SourceError(Problem(file, 1, 1, f"the file has {len(text):,} characters; at most {TEXT_MAX:,} are taken"))
    try:
        loader = _Composer(text)
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise SourceError(_problem(file, error)) from error
    except (yaml.YAMLError, ValueError) as error:  # Characters YAML does not allow have no mark; neither has "\x00".
        raise SourceError(Problem(file, *_first_bad_character(text), "a character that YAML does not allow")) from error
    if root is None:
        raise SourceError(Problem(file, 1, 1, "the file is empty"))
    return root


def _problem(file: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    text = error.problem or error.context or "this is not YAML"
    if "\\t" in text:
        text = "a tab; YAML is indented with spaces"
    elif "expected a single document" in (error.context or ""):
        text = 'a second document starts here ("---"); one file holds one'
    elif text == "mapping values are not allowed here":
        text = 'a colon where none may be; put the text in quotes, or on its own lines after "|"'
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(file, line, column, text)


def _first_bad_character(text: str) -> tuple[int, int]:
    bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
    before = text[: bad.start()] if bad else ""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def position(node: yaml.Node) -> tuple[int, int]:
    """Line and column of a node, counted from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def plain(node: yaml.Node) -> Any:
    """The node as plain data: mappings, lists, text, numbers, true, false and null, as YAML 1.2 reads them."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return scalar(node) if isinstance(node, yaml.ScalarNode) else None


def scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """What a scalar stands for. Quoted or block text is always text."""
    text: str = node.value
    if node.style is not None:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def place_in(node: yaml.ScalarNode, offset: int, source: str) -> tuple[int, int]:
    """Line and column, in the file, of the character at `offset` of a scalar's value.

    Folding and indentation change only white space, so the n-th visible character of the value is the n-th visible
    character of the source. That holds for plain, quoted and block text alike; escapes count as the one they stand for.
    """
    wanted = sum(1 for character in node.value[:offset] if not character.isspace())
    last = position(node)
    for seen, (line, column) in enumerate(_visible(node, source)):
        if seen == wanted:
            return line, column
        last = (line, column + 1)
    return last  # Past the end: just behind the last visible character.


def _visible(node: yaml.ScalarNode, source: str) -> Iterator[tuple[int, int]]:
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):  # The line with the indicator is not part of the value.
        newline = source.find("\n", start)
        start = end if newline < 0 else newline + 1
    elif node.style in ("'", '"'):
        start, end = start + 1, end - 1
    line = source.count("\n", 0, start) + 1
    line_start = source.rfind("\n", 0, start) + 1
    index = start
    while index < end:
        width = 2 if _is_escape(node.style, source, index) else 1
        character = source[index + width - 1]
        if character == "\n":
            line, line_start = line + 1, index + width
        elif not character.isspace() and not (width == 2 and node.style == '"' and character in "ntr"):
            yield line, index - line_start + 1
        index += width


def _is_escape(style: str | None, source: str, index: int) -> bool:
    return (style == "'" and source.startswith("''", index)) or (style == '"' and source[index] == "\\")
