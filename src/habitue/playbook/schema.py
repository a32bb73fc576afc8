"""JSON Schema of the playbook's files, for editors: read from the forms of the loader, so the two cannot disagree."""

from __future__ import annotations

from typing import Any

from habitue.playbook.form import Kind, Schema
from habitue.playbook.journeys import JOURNEY
from habitue.playbook.messages import MESSAGE
from habitue.playbook.segments import SEGMENTS
from habitue.playbook.shop import PLAYBOOK
from habitue.playbook.steps import StepKind, Steps
from habitue.playbook.tables import MEASURED

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: dict[str, Kind[Any]] = {
    "playbook": PLAYBOOK,
    "segments": SEGMENTS,
    "journey": JOURNEY,
    "message": MESSAGE,
    "measured": MEASURED,
}
"""What a file holds → its form. The names are those of `load.kind_of`."""


def schema(kind: str | None = None) -> Schema:
    """The schema of one kind of file (`playbook`, `segments`, `journey`, `message`), or of any of them."""
    if kind is None:
        top: Schema = {"anyOf": [form.schema() for form in FILES.values()]}
    else:
        top = FILES[kind].schema()
    return {"$schema": DIALECT, "title": f"Habitue {kind or 'playbook file'}", **top, "$defs": _parts()}


def _parts() -> dict[str, Schema]:
    """What holds itself, and therefore needs a name: steps within steps."""
    return {
        "step": StepKind().schema(),
        "steps": Steps().schema(),
        "journey_steps": Steps(empty=False).schema(),
    }
