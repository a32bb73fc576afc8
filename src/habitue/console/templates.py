"""The console's templates: each lies beside the page it belongs to, and everything put into one is escaped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from habitue.console import wording
from habitue.model.reached import MEANINGS, reached_of

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def pretty(value: Any) -> str:
    """JSON as people read it. What JSON cannot hold is written as text: a page must never fail over a detail."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def compact(value: Any) -> str:
    """JSON for a data attribute, which autoescape then quotes."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


TEMPLATES.filters |= {"pretty": pretty, "compact": compact, "titled": wording.titled, "sentence": wording.sentence_case}
TEMPLATES.globals |= {
    "initials": wording.initials,
    "tint": wording.tint,
    "OUTCOMES": wording.OUTCOMES,
    "REACHED": wording.REACHED,
    "MEANINGS": MEANINGS,
    "reached_of": reached_of,
    "CHANNEL_TITLES": wording.CHANNEL_TITLES,
    "event_sign": wording.event_sign,
    "decision_sign": wording.decision_sign,
}
