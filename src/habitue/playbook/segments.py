"""`segments.yaml`: groups of customers by condition."""

from __future__ import annotations

import msgspec

from habitue.playbook.clause import Clause
from habitue.playbook.form import Field, Form, Values
from habitue.playbook.kinds import Name, Table, Text
from habitue.playbook.playbook import Segment


def _segment(values: Values) -> Segment:
    return Segment(name="", file=values.page.file, **values)


def _named(name: str, segment: Segment, line: int) -> Segment:
    return msgspec.structs.replace(segment, name=name, line=line)


SEGMENT = Form(
    "a segment",
    (
        Field("title", Text(), "What the console calls it.", required=True),
        Field("condition", Clause(), "Who belongs to it.", required=True),
        Field("description", Text(), "What it is for, in a sentence."),
    ),
    _segment,
)

SEGMENTS = Table("segments", SEGMENT, _named, key=Name(), empty=True)
