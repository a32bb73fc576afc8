"""What a runner needs of others. Owned here; every implementation passes one contract suite. A file per office."""

from __future__ import annotations

from .alarms import NO_ALARMS, Alarm, Alarms
from .catalog import Catalog, Put
from .fill import NO_FILLS, Fill, Fills
from .log import Appended, Clock, DeadLetter, Log
from .recording import Recording, Stretch
from .sending import (
    HARD_REASONS,
    SUPPRESSION_REASONS,
    Accepted,
    Channel,
    Content,
    Deliveries,
    Handover,
    Judge,
    Refused,
    Start,
    Suppressions,
    Uncertain,
)
from .store import Adopting, Belongings, Commit, CustomerRow, Interest, Membership, Parked, Place, Store, Tally
from .trails import Attribution, Met, Trails
from .view import Interested, PersonRow, View

__all__ = [
    "HARD_REASONS",
    "NO_ALARMS",
    "NO_FILLS",
    "SUPPRESSION_REASONS",
    "Accepted",
    "Adopting",
    "Alarm",
    "Alarms",
    "Appended",
    "Attribution",
    "Belongings",
    "Catalog",
    "Channel",
    "Clock",
    "Commit",
    "Content",
    "CustomerRow",
    "DeadLetter",
    "Deliveries",
    "Fill",
    "Fills",
    "Handover",
    "Interest",
    "Interested",
    "Judge",
    "Log",
    "Membership",
    "Met",
    "Parked",
    "PersonRow",
    "Place",
    "Put",
    "Recording",
    "Refused",
    "Start",
    "Store",
    "Stretch",
    "Suppressions",
    "Tally",
    "Trails",
    "Uncertain",
    "View",
]
