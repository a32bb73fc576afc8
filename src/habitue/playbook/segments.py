"""`segments.yaml`: groups of customers by condition."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import yaml

from habitue.playbook import source
from habitue.playbook.built_in import BUILT_IN, GIVEN
from habitue.playbook.clause import Clause
from habitue.playbook.conditions import ConditionError, parse
from habitue.playbook.form import Field, Form, Page, Schema, Values, entries, found
from habitue.playbook.kinds import Name, Text
from habitue.playbook.playbook import Segment
from habitue.playbook.problem import unknown


def _segment(values: Values) -> Segment:
    return Segment(name="", file=values.page.file, **values)


SEGMENT = Form(
    "a segment",
    (
        Field("title", Text(), "What the console calls it.", required=True),
        Field("condition", Clause(), "Who belongs to it.", required=True),
        Field("description", Text(), "What it is for, in a sentence."),
    ),
    _segment,
)


@dataclass(frozen=True)
class Segments:
    """Every segment by name: written out, or `built_in`, which takes what Habitue has under that name."""

    kind = SEGMENT

    def read(self, node: yaml.Node, page: Page) -> dict[str, Segment] | None:
        before = len(page.problems)
        result: dict[str, Segment] = {}
        for name, key, value in entries(node, page, "segments"):
            if Name().read(key, page) is None:
                continue
            segment = _given(name, value, page) if isinstance(value, yaml.ScalarNode) else SEGMENT.read(value, page)
            if segment is not None:
                result[name] = msgspec.structs.replace(segment, name=name, line=source.position(key)[0])
        return result if len(page.problems) == before else None

    def schema(self) -> Schema:
        written: Schema = {"anyOf": [{"const": BUILT_IN}, SEGMENT.schema()]}
        return {"type": "object", "additionalProperties": written, "propertyNames": Name().schema()}


def _given(name: str, node: yaml.ScalarNode, page: Page) -> Segment | None:
    if node.value != BUILT_IN:
        page.problem(node, f"expected a title and a condition, or {BUILT_IN}; found {found(node)}")
        return None
    if name not in GIVEN:
        page.problem(node, unknown("built-in segment", name, GIVEN))
        return None
    title, description, text = GIVEN[name]
    try:
        condition = parse(text, names=page.names)
    except ConditionError as error:
        page.problem(node, f"the built-in segment does not fit this playbook; write it out: {error.message}")
        return None
    return Segment(name=name, title=title, description=description, condition=condition, file=page.file)


SEGMENTS = Segments()
