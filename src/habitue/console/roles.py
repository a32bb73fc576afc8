"""Roles: what each kind of account may open. Every door names the roles it opens for; the gate asks."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    OWNER = "owner"
    MARKETER = "marketer"
    AGENT = "agent"
    ANALYST = "analyst"


EVERYONE = frozenset(Role)
WITH_PEOPLE = frozenset({Role.OWNER, Role.MARKETER, Role.AGENT})
"""Who may see who somebody is. An analyst sees the same figures without names."""
WITH_ENGINE = frozenset({Role.OWNER, Role.MARKETER})
"""Who looks after what comes in: sources, rejected events, the catalogue's feeds."""
WITH_PLAYBOOK = frozenset({Role.OWNER, Role.MARKETER})
"""Who may change what is defined: segments, and what is put in force."""
WITH_FIGURES = frozenset({Role.OWNER, Role.MARKETER, Role.ANALYST})
"""Who may ask the history: counts, grids, backtests. An analyst gets them without names."""
OWNERS = frozenset({Role.OWNER})

SENTENCES: dict[Role, str] = {
    Role.OWNER: "Everything, accounts, keys and erasing people included.",
    Role.MARKETER: "People, the playbook and its results, what comes in and what goes out.",
    Role.AGENT: "People and what was said to them; nothing of the engine.",
    Role.ANALYST: "Figures without names: segments, RFM, journeys, messages, backtests, plans; nobody's own page.",
}
