"""What making a key or sending an event amounts to, in scopes: nobody does through another what they may not do."""

from __future__ import annotations

from collections.abc import Iterable

from .api_key import Scope
from .event import IDENTIFIED

SAYS: frozenset[Scope] = frozenset({Scope.EVENTS_WRITE, Scope.CUSTOMERS_WRITE, Scope.CONSENTS_WRITE})
"""What whoever holds an ordinary write key says: events, who customers are, what they agreed to."""

OF_SOURCE: dict[str, frozenset[Scope]] = {
    "browser": SAYS,
    "app": SAYS,
    "server": SAYS,
    "ga4": SAYS,
    "clevertap": SAYS,
    "shopify": SAYS | {Scope.CATALOGUE_WRITE, Scope.PRIVACY_WRITE},
    "woocommerce": SAYS | {Scope.CATALOGUE_WRITE, Scope.PRIVACY_WRITE},
}
"""Kind of source → what it says once it is made. A signed shop tells of products and has people erased, too.

By what a kind can say at most, not by what it is believed: that may change, and keys live long.
"""

KEY_IS_SECRET: frozenset[str] = frozenset({"server", "ga4", "clevertap"})
"""Kinds whose key alone lets one speak and is in no page: to read it is to have it."""

BEYOND_EVENTS: dict[str, Scope] = {
    IDENTIFIED: Scope.CUSTOMERS_WRITE,
    "Customer Deleted": Scope.CUSTOMERS_WRITE,
    "Consent Granted": Scope.CONSENTS_WRITE,
    "Consent Requested": Scope.CONSENTS_WRITE,
    "Consent Withdrawn": Scope.CONSENTS_WRITE,
    "Segment Consent Preference Updated": Scope.CONSENTS_WRITE,
    "Messages Paused": Scope.CONSENTS_WRITE,
    "Messages Resumed": Scope.CONSENTS_WRITE,
    "Unsubscribed": Scope.CONSENTS_WRITE,
    "Email Bounced": Scope.CONSENTS_WRITE,
    "Email Marked as Spam": Scope.CONSENTS_WRITE,
    "Erasure Requested": Scope.PRIVACY_WRITE,
    "Data Requested": Scope.PRIVACY_WRITE,
}
"""Events that are more than something that happened → the scope they need besides `events:write`."""


def of_event(name: str) -> frozenset[Scope]:
    """What an event needs besides `events:write`. Saying whose it is, by address or phone too, is part of that."""
    return frozenset({BEYOND_EVENTS[name]}) if name in BEYOND_EVENTS else frozenset()


def lacking(needed: Iterable[Scope], held: Iterable[Scope]) -> list[Scope]:
    """What of this is not held, in the order of the scopes."""
    missing = set(needed) - set(held)
    return [scope for scope in Scope if scope in missing]
