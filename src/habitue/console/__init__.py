"""The console: pages for people, each in a folder of its own. `routes` is all that others need of it."""

from __future__ import annotations

from .accounts import Accounts
from .backtests import Shelf
from .drafts import Drafts
from .ports import Count, Move, Overlap, Past, Planning, Preview, Privacy, Services, Standing, Superseded, Vocabulary
from .site import routes

__all__ = [
    "Accounts",
    "Count",
    "Drafts",
    "Move",
    "Overlap",
    "Past",
    "Planning",
    "Preview",
    "Privacy",
    "Services",
    "Shelf",
    "Standing",
    "Superseded",
    "Vocabulary",
    "routes",
]
