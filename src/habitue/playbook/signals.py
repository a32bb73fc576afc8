"""Events as journeys name them: `Order Completed`, or `{event: Product Viewed, where: price > 20}`."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from habitue.playbook.clause import Clause
from habitue.playbook.conditions.error import slip_for
from habitue.playbook.form import Field, Form, Page, Schema
from habitue.playbook.journey import Signal
from habitue.playbook.kinds import Listed, Text

EXPECTED = "the name of an event, such as Order Completed"


@dataclass(frozen=True)
class EventName:
    """An event's name. Shops have names of their own; only a slip of the pen for a known one is refused."""

    def read(self, node: yaml.Node, page: Page) -> str | None:
        name = Text(EXPECTED).read(node, page)
        meant = slip_for(name, page.names.events) if name is not None else None
        if meant is not None:
            page.problem(node, f'unknown event "{name}". Did you mean "{meant}"?')
            return None
        return name

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


EVENT_NAME = EventName()
WHERE = Field("where", Clause("filter"), "Only events whose properties fit, such as price > 20.")

SIGNAL = Form(
    "an event",
    (Field("event", EVENT_NAME, "The event's name.", required=True), WHERE),
    lambda values: Signal(**values),
)


@dataclass(frozen=True)
class SignalKind:
    """An event by name, or by name and filter."""

    def read(self, node: yaml.Node, page: Page) -> Signal | None:
        if isinstance(node, yaml.MappingNode):
            return SIGNAL.read(node, page)
        name = EVENT_NAME.read(node, page)
        return None if name is None else Signal(event=name)

    def schema(self) -> Schema:
        return {"anyOf": [EVENT_NAME.schema(), SIGNAL.schema()]}


SIGNALS = Listed(SignalKind(), or_one=True)
