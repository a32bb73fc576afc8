"""Forms: what may stand in a playbook file, said once, and read two ways: by the loader and as JSON Schema.

A kind reads one YAML node. When the node is wrong it notes a problem on the page and answers None; reading goes on, so
that an author sees everything there is to put right at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import yaml

from habitue.playbook import source
from habitue.playbook.conditions import Names
from habitue.playbook.problem import Problem, unknown

Schema = dict[str, Any]
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Mention(msgspec.Struct, frozen=True):
    """A name used in a file, to be looked up when all files have been read."""

    what: str
    name: str
    file: str
    line: int
    column: int

    def problem(self, text: str) -> Problem:
        return Problem(self.file, self.line, self.column, text)


class Template(msgspec.Struct, frozen=True):
    """A Liquid template found in a file; `node` is None when the file is nothing but the template."""

    text: str
    file: str
    node: yaml.Node | None = None


@dataclass
class Page:
    """One file being read: its text, and what reading it brought to light."""

    file: str
    text: str
    problems: list[Problem] = field(default_factory=list)
    files: Mapping[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    entry_event: bool = False
    """Whether conditions here may speak of the event a run began with."""
    mentions: list[Mention] = field(default_factory=list)
    templates: dict[str, Template] = field(default_factory=dict)
    """By the field they stand in, such as `email.subject`."""

    def problem(self, node: yaml.Node, text: str, offset: int | None = None) -> None:
        """Note what is wrong with a node, or with the character at `offset` of its value."""
        if offset is not None and isinstance(node, yaml.ScalarNode):
            line, column = source.place_in(node, offset, self.text)
        else:
            line, column = source.position(node)
        self.problems.append(Problem(self.file, line, column, text))

    def mention(self, what: str, name: str, node: yaml.Node) -> None:
        self.mentions.append(Mention(what, name, self.file, *source.position(node)))


class Kind(Protocol[T_co]):
    """How one sort of value is read and described."""

    def read(self, node: yaml.Node, page: Page) -> T_co | None: ...

    def schema(self) -> Schema: ...


@dataclass(frozen=True)
class Field:
    """One property of a form. `says` is its sentence in editors and in the documentation."""

    name: str
    kind: Kind[Any]
    says: str
    required: bool = False


class Values(dict[str, Any]):
    """A form's values by property; `page` and `nodes` say where each came from."""

    page: Page
    node: yaml.Node
    nodes: dict[str, yaml.Node]

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the values that stand in the file, ready to be passed on by keyword."""
        return {name: self[name] for name in names if name in self}

    def problem(self, name: str, text: str) -> None:
        self.page.problem(self.nodes.get(name, self.node), text)


@dataclass(frozen=True)
class Form(Generic[T]):
    """A mapping with known properties. `build` gets the values when all of them were right."""

    title: str
    fields: tuple[Field, ...]
    build: Callable[[Values], T | None]

    def read(self, node: yaml.Node, page: Page) -> T | None:
        before = len(page.problems)
        values = Values()
        values.page, values.node, values.nodes = page, node, {}
        known = {entry.name: entry for entry in self.fields}
        for name, _, value in entries(node, page, self.title):
            if name not in known:
                page.problem(_, unknown("field", name, known))
                continue
            values.nodes[name] = value
            values[name] = known[name].kind.read(value, page)
        for entry in self.fields:
            if entry.required and entry.name not in values.nodes and isinstance(node, yaml.MappingNode):
                page.problem(node, f'{self.title} needs the field "{entry.name}": {entry.says}')
        return self.build(values) if len(page.problems) == before else None

    def schema(self) -> Schema:
        result: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {entry.name: described(entry.kind.schema(), entry.says) for entry in self.fields},
        }
        required = [entry.name for entry in self.fields if entry.required]
        return result | {"required": required} if required else result


def described(schema: Schema, says: str) -> Schema:
    """The schema with its sentence. Beside a `$ref` older editors ignore it, hence the `allOf`."""
    return {"description": says, "allOf": [schema]} if "$ref" in schema else {**schema, "description": says}


def entries(node: yaml.Node, page: Page, what: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """(name, key's node, value's node) of a mapping, in order; a key that stands twice is a problem."""
    if not isinstance(node, yaml.MappingNode):
        page.problem(node, f"expected {what} with fields here, found {found(node)}")
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            page.problem(key, "expected a name before the colon")
        elif key.value in seen:
            page.problem(key, f'"{key.value}" stands here already, in line {seen[key.value]}; keep one of them')
        else:
            seen[key.value] = key.start_mark.line + 1
            yield key.value, key, value


def found(node: yaml.Node) -> str:
    """What stands there, for the sentence "expected …, found …"."""
    if isinstance(node, yaml.MappingNode):
        return "fields"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if node.value == "":
        return "nothing"
    text = node.value if len(node.value) <= 60 else node.value[:57] + "…"
    return f'"{" ".join(text.split())}"'
