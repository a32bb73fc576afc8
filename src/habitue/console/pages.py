"""The console's pages in the order of its menu: place, title, icon, and the key that goes there after g."""

from __future__ import annotations

from typing import NamedTuple


class Page(NamedTuple):
    place: str
    title: str
    icon: str
    key: str
    group: str


PAGES: tuple[Page, ...] = (
    Page("", "Home", "home", "h", ""),
    Page("people", "People", "users", "p", ""),
    Page("segments", "Segments", "chart-pie", "s", "Playbook"),
    Page("journeys", "Journeys", "route", "j", "Playbook"),
    Page("messages", "Messages", "mail", "m", "Playbook"),
    Page("ledger", "Ledger", "list-details", "l", "What happened"),
    Page("deliveries", "Deliveries", "send", "d", "What happened"),
    Page("dead-letters", "Dead letters", "inbox-off", "x", "What happened"),
)
