"""Edits in the text of a playbook's files, as its author would make them: only what changes is written anew.

The text is cut where the YAML reader says that a value begins and ends. Comments, order, quotes and layout of all the
rest stay as they are, to the byte; a writer of YAML would lay the whole file out afresh, and lose the comment that
stands behind what is removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import yaml

from habitue.errors import HabitueError
from habitue.playbook import source
from habitue.playbook.built_in import BUILT_IN, GIVEN
from habitue.playbook.load import SEGMENTS_FILE

FIELDS = ("title", "description", "condition")
"""A segment's fields, in the order a new one is written."""


class EditError(HabitueError):
    """The file is laid out in a way that cannot be edited from outside."""


class _Cut(NamedTuple):
    """What comes instead of a stretch of the text."""

    start: int
    end: int
    text: str


def put_segment(
    files: Mapping[str, str], name: str, title: str, condition: str, description: str = ""
) -> dict[str, str]:
    """The files with the segment written anew, or added at the end of `segments.yaml`. Raises SourceError, EditError.

    Whether the condition can be understood, loading says.
    """
    wanted = {"title": title.strip(), "description": description.strip(), "condition": condition.strip()}
    text = files.get(SEGMENTS_FILE, "")
    root = _root(text)
    segment = _pairs(root).get(name)
    if segment is None:
        edited = _with_new(text, root, name, wanted)
    elif isinstance(segment[1], yaml.MappingNode):
        edited = _applied(text, _field_cuts(text, segment[1], wanted))
    elif root is not None and not _flows(root) and source.plain(segment[1]) == BUILT_IN:
        if wanted == GIVEN[name]._asdict():
            return dict(files)
        edited = _applied(text, [_written_out(root, *segment, wanted)])
    else:
        raise EditError(_by_hand(name))
    return _checked(files, edited, name, {field: said for field, said in wanted.items() if said})


def remove_segment(files: Mapping[str, str], name: str) -> dict[str, str]:
    """The files without the segment, and without the comment that stands right above it. Raises as `put_segment`."""
    text = files.get(SEGMENTS_FILE, "")
    root = _root(text)
    found = _pairs(root).get(name)
    if root is None or found is None:
        raise EditError(f'{SEGMENTS_FILE} holds no segment "{name}"')
    edited = _applied(text, [_without_pair(text, root, name) if _flows(root) else _without_lines(text, *found)])
    if len(root.value) == 1 and not _flows(root):
        edited = f"{edited}{{}}\n"  # Nothing but comments is no YAML that can be read.
    return _checked(files, edited, name, None)


# --- fields of a segment that is there ------------------------------------------------------------------------------


def _field_cuts(text: str, segment: yaml.MappingNode, wanted: Mapping[str, str]) -> list[_Cut]:
    pairs, flows = _pairs(segment), _flows(segment)
    cuts = []
    for field, said in wanted.items():
        node = pairs[field][1] if field in pairs else None
        if isinstance(node, yaml.ScalarNode) and node.value.strip() == said:
            continue
        if node is not None and said:
            cuts += _value_cuts(text, field, pairs[field][0], node, said, flows)
        elif node is not None:
            cuts.append(_without_pair(text, segment, field) if flows else _without_lines(text, *pairs[field]))
        elif said:
            cuts += _new_field(text, segment, field, said, flows)
    return cuts


def _written_out(root: yaml.MappingNode, key: yaml.Node, node: yaml.Node, wanted: Mapping[str, str]) -> _Cut:
    """A built-in segment that is to mean something of its own."""
    column = root.start_mark.column + 2
    lines = [_written(field, wanted[field], column) for field in FIELDS if wanted[field]]
    return _Cut(key.end_mark.index, node.end_mark.index, ":\n" + "\n".join(lines))


def _value_cuts(text: str, field: str, key: yaml.Node, node: yaml.Node, said: str, flows: bool) -> list[_Cut]:
    """The new value as the old one was written: in its quotes, in its block."""
    start, end = node.start_mark.index, _end(text, node)
    style = node.style if isinstance(node, yaml.ScalarNode) else None
    if field == "condition" and not flows and ("\n" in said or style in ("|", ">")):
        comment = text[start : _line_end(text, start)].partition("#")
        header = f"|  #{comment[2]}" if style in ("|", ">") and comment[1] else "|"
        block = "\n" + _indented(said, key.start_mark.column + 2)
        line_end = _line_end(text, end)
        return [_Cut(start, end, header), _Cut(line_end, line_end, block)]
    return [_Cut(start, end, _scalar(said, style, flows))]


def _new_field(text: str, segment: yaml.MappingNode, field: str, said: str, flows: bool) -> list[_Cut]:
    """Behind the field it comes after in a new segment, or behind the first one."""
    pairs = _pairs(segment)
    earlier = [name for name in FIELDS[: FIELDS.index(field)] if name in pairs]
    if not pairs:
        raise EditError(_by_hand("it"))
    key, value = pairs[earlier[-1]] if earlier else next(iter(pairs.values()))
    end = _end(text, value)
    if flows:
        return [_Cut(end, end, f", {field}: {_scalar(said, None, flows)}")]
    line_end = _line_end(text, end)
    written = _written(field, said, key.start_mark.column)
    return [_Cut(line_end, line_end, f"\n{written}")]


# --- segments that come and go --------------------------------------------------------------------------------------


def _with_new(text: str, root: yaml.MappingNode | None, name: str, wanted: Mapping[str, str]) -> str:
    fields = [field for field in FIELDS if wanted[field]]
    if root is not None and _flows(root) and root.value:
        flowing = ", ".join(f"{field}: {_scalar(wanted[field], None, flows=True)}" for field in fields)
        end = _end(text, root.value[-1][1])
        return f"{text[:end]}, {name}: {{{flowing}}}{text[end:]}"
    column, width = 0, 2
    if root is not None and not _flows(root):
        column = root.start_mark.column
        inner = [value for _, value in root.value if isinstance(value, yaml.MappingNode) and not _flows(value)]
        width = inner[0].start_mark.column - column if inner else width
    if root is not None and _flows(root):
        text = text[: root.start_mark.index] + text[_end(text, root) :]
    lines = [" " * column + f"{name}:", *(_written(field, wanted[field], column + width) for field in fields)]
    before = text.rstrip()
    return (f"{before}\n\n" if before else "") + "\n".join(lines) + "\n"


def _without_lines(text: str, key: yaml.Node, value: yaml.Node) -> _Cut:
    """The lines of a key and its value, the comment right above, and the blank lines that parted it from the next."""
    column = key.start_mark.column
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    if text[start : key.start_mark.index].strip():
        raise EditError(_by_hand(str(key.value)))
    end = _after_line(text, _end(text, value))
    while end < len(text) and _is_comment(text, end, column + 1):  # Below its last field, and indented like it.
        end = _after_line(text, end)
    above = start
    while above and _is_comment(text, text.rfind("\n", 0, above - 1) + 1, column, column):
        above = text.rfind("\n", 0, above - 1) + 1
    if above:  # At the very top of the file it may speak of all that follows.
        start = above
    if column == 0:
        while end < len(text) and not text[end : _line_end(text, end)].strip():
            end = _after_line(text, end)
    return _Cut(start, end, "")


def _without_pair(text: str, mapping: yaml.MappingNode, name: str) -> _Cut:
    """One pair of a mapping in braces, with the comma that parted it from its neighbour."""
    names = list(_pairs(mapping))
    index = names.index(name)
    key, value = mapping.value[index]
    if index:
        return _Cut(_end(text, mapping.value[index - 1][1]), _end(text, value), "")
    following = mapping.value[1][0].start_mark.index if len(names) > 1 else _end(text, value)
    return _Cut(key.start_mark.index, following, "")


# --- text ------------------------------------------------------------------------------------------------------------


def _written(field: str, said: str, column: int) -> str:
    """A field as a new line or lines, without the last line's end."""
    indent = " " * column
    if "\n" in said and field == "condition":
        return f"{indent}{field}: |\n{_indented(said, column + 2)}"
    return f"{indent}{field}: {_scalar(said, None, flows=False)}"


def _indented(said: str, column: int) -> str:
    return "\n".join(" " * column + line.rstrip() if line.strip() else "" for line in said.splitlines())


def _scalar(said: str, style: str | None, flows: bool) -> str:
    """Text on one line: in the quotes it had, else as plain as YAML takes it."""
    if style == '"' or not said.isprintable():
        escaped = said.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped) + '"'
    if style != "'" and _may_be_plain(said, flows):
        return said
    doubled = said.replace("'", "''")
    return f"'{doubled}'"


def _may_be_plain(said: str, flows: bool) -> bool:
    try:
        root = source.compose("", f"{{k: {said}}}" if flows else f"k: {said}")
    except source.SourceError:
        return False
    found: dict[str, object] = source.plain(root)
    return found == {"k": said}


def _root(text: str) -> yaml.MappingNode | None:
    """What the file holds; None: nothing but comments, or nothing at all."""
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return None
    root = source.compose(SEGMENTS_FILE, text)
    if not isinstance(root, yaml.MappingNode):
        raise EditError(f"{SEGMENTS_FILE} does not hold segments by name; put it right by hand first")
    return root


def _pairs(node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {str(key.value): (key, value) for key, value in pairs}


def _flows(node: yaml.Node) -> bool:
    """Whether it stands in braces."""
    return bool(getattr(node, "flow_style", False))


def _end(text: str, node: yaml.Node) -> int:
    """Just behind the last character of a value. The reader's own mark of a block lies before what comes next."""
    if isinstance(node, yaml.MappingNode) and not _flows(node) and node.value:
        return _end(text, node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not _flows(node) and node.value:
        return _end(text, node.value[-1])
    start = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _after_line(text: str, index: int) -> int:
    return min(_line_end(text, index) + 1, len(text))


def _is_comment(text: str, start: int, column_min: int, column_max: int = 1_000) -> bool:
    line = text[start : _line_end(text, start)]
    return line.lstrip().startswith("#") and column_min <= len(line) - len(line.lstrip()) <= column_max


def _applied(text: str, cuts: list[_Cut]) -> str:
    # From the end, so that earlier places stay true; where two begin at one place, the longer goes last.
    for cut in sorted(cuts, key=lambda cut: (cut.start, cut.end), reverse=True):
        text = text[: cut.start] + cut.text + text[cut.end :]
    return text


def _checked(files: Mapping[str, str], edited: str, name: str, wanted: Mapping[str, str] | None) -> dict[str, str]:
    """The edit read again: the segment says what was wanted, and all others what they said. Or EditError."""
    before = {one: source.plain(pair[1]) for one, pair in _pairs(_root(files.get(SEGMENTS_FILE, ""))).items()}
    try:
        after = {one: source.plain(pair[1]) for one, pair in _pairs(_root(edited)).items()}
    except source.SourceError as error:
        raise EditError(_by_hand(name)) from error
    said = after.pop(name, None)
    before.pop(name, None)
    if isinstance(said, dict):
        said = {field: str(value).strip() for field, value in said.items() if field in FIELDS}
    if after != before or said != (dict(wanted) if wanted is not None else None):
        raise EditError(_by_hand(name))
    return {**files, SEGMENTS_FILE: edited}


def _by_hand(name: str) -> str:
    return f'{SEGMENTS_FILE}: "{name}" is laid out in a way that cannot be edited from here; edit the file by hand'
