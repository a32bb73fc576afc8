"""The words a condition may be written with: for completion while typing, and for the lists of the builder's fields."""

from __future__ import annotations

from typing import Any

from habitue.console.visit import Visit
from habitue.model.message import CHANNELS
from habitue.playbook.conditions import KNOWN_EVENTS
from habitue.playbook.conditions.facts import AFFINITIES, FACTS, STAGES
from habitue.playbook.conditions.language import functions
from habitue.playbook.conditions.paths import CALLS
from habitue.playbook.conditions.shapes import RFM_FIELDS
from habitue.playbook.lifecycle import STAGES as LIFECYCLE

FUNCTIONS = {function.name: (function.example, function.says) for function in functions()}
"""Function → (an example, what it is)"""
SPANS = ("1h", "1d", "7d", "14d", "30d", "90d", "180d", "365d")


def words(visit: Visit) -> dict[str, Any]:
    """Everything the builder's script offers, as plain data."""
    book = visit.edited
    return {
        "functions": [[name, *FUNCTIONS[name]] for name in CALLS],
        "lists": {
            "events": _events(visit),
            "known": _known(visit),
            "segments": [[name, segment.title] for name, segment in book.segments.items()],
            "channels": [[name, ""] for name in CHANNELS],
            "topics": [[name, topic.title] for name, topic in book.topics.items()],
            "zones": [[zone, ""] for zone in dict.fromkeys((book.shop.timezone, "UTC"))],
            "occasions": [[name, ""] for name in book.known_occasions],
            "spans": [[span, ""] for span in SPANS],
            "affinities": [[name, ""] for name in AFFINITIES],
        },
        "values": {
            "rfm.group": list(book.rfm.groups),
            "lifecycle": list(LIFECYCLE),
            "visit.stage": list(STAGES),
            "visit.deepest": list(STAGES),
            "last_visit.stage": list(STAGES),
            "last_visit.deepest": list(STAGES),
        },
    }


def _events(visit: Visit) -> list[list[str]]:
    """The shop's own events first, then the common vocabulary."""
    own = {event for segment in visit.edited.segments.values() for event in segment.condition.events}
    return [[name, ""] for name in (*sorted(own - KNOWN_EVENTS), *sorted(KNOWN_EVENTS))]


def _known(visit: Visit) -> list[list[str]]:
    traits = {trait for segment in visit.edited.segments.values() for trait in segment.condition.traits}
    facts = [[f"{of}.{field}", word.said] for of, fields in FACTS.items() for field, word in fields.items()]
    return [
        *([f"trait.{name}", "a trait"] for name in sorted(traits | {"country", "city", "email"})),
        *facts,
        *([f'affinity("{of}")', f"the favourite {of}"] for of in AFFINITIES),
        *([f"rfm.{field}", "recency, frequency and money"] for field in RFM_FIELDS),
        ["lifecycle", "the stage of their life with the shop"],
        ['score("intent")', "a score"],
    ]
