"""The console's pages in the order of its menu: place, title, icon, and the key that goes there after g."""

from __future__ import annotations

from typing import NamedTuple

from habitue.console.roles import EVERYONE, OWNERS, WITH_ENGINE, WITH_FIGURES, WITH_PEOPLE, Role


class Page(NamedTuple):
    place: str
    title: str
    icon: str
    key: str
    group: str
    roles: frozenset[Role]


PAGES: tuple[Page, ...] = (
    Page("", "Home", "home", "h", "", EVERYONE),
    Page("people", "People", "users", "p", "", WITH_PEOPLE),
    Page("segments", "Segments", "chart-pie", "s", "Playbook", EVERYONE),
    Page("rfm", "RFM", "star", "r", "Playbook", WITH_FIGURES),
    Page("journeys", "Journeys", "route", "j", "Playbook", EVERYONE),
    Page("messages", "Messages", "mail", "m", "Playbook", EVERYONE),
    Page("backtest", "Backtest", "hourglass", "b", "Playbook", WITH_FIGURES),
    Page("plan", "Plan", "checks", "n", "Playbook", WITH_FIGURES),
    Page("versions", "Versions", "history", "e", "Playbook", EVERYONE),
    Page("sources", "Sources", "bolt", "i", "What comes in", WITH_ENGINE),
    Page("catalogue", "Catalogue", "package", "c", "What comes in", EVERYONE),
    Page("dead-letters", "Dead letters", "inbox-off", "x", "What comes in", WITH_ENGINE),
    Page("ledger", "Ledger", "list-details", "l", "What happened", WITH_PEOPLE),
    Page("deliveries", "Deliveries", "send", "d", "What happened", WITH_PEOPLE),
    Page("privacy", "Privacy", "shield-check", "v", "What happened", OWNERS),
)
