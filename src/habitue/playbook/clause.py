"""Conditions and filters inside playbook files: parsed in place, so that a mistake points into the file."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from habitue.playbook.conditions import Condition, ConditionError, parse
from habitue.playbook.conditions.condition import Kind
from habitue.playbook.form import Page, Schema
from habitue.playbook.kinds import text_of


@dataclass(frozen=True)
class Clause:
    """`condition`: about a customer. `filter`: about the properties of one event."""

    kind: Kind = "condition"

    def read(self, node: yaml.Node, page: Page) -> Condition | None:
        text = text_of(node, page, f"a {self.kind}")
        if text is None:
            return None
        try:
            return parse(text, kind=self.kind, entry_event=page.entry_event, names=page.names)
        except ConditionError as error:
            page.problem(node, error.message, offset=error.offset)
            return None

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}
