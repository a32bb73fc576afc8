"""Whom an event names: the customer ids behind its user id, its anonymous id and its other identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from habitue.model.customer import customer_id
from habitue.model.event import Event
from habitue.model.identifier import IDENTIFIERS
from habitue.playbook.playbook import IdentityRules

_NOTHING: tuple[Named, ...] = ()


class Named(NamedTuple):
    """One identifier of an event, and the customer id it stands for."""

    kind: str
    value: str
    id: str


class Names(NamedTuple):
    """The customer ids an event speaks of; each may be absent."""

    known: str | None
    anonymous: str | None
    previous_known: str | None
    previous_anonymous: str | None
    named: str | None
    """Our own events name the customer outright."""
    strong: tuple[Named, ...] = ()
    """Shared by nobody else: e-mail, phone, the shop's own number. The most telling first."""
    weak: tuple[Named, ...] = ()
    """Devices and push tokens: whoever was there last."""

    def ids(self) -> Iterator[str]:
        for one in self[:5]:
            if isinstance(one, str):
                yield one
        for named in (*self.strong, *self.weak):
            yield named.id


def names(event: Event, rules: IdentityRules) -> Names:
    """What the event says, without what the playbook says stands for nobody."""
    user, anonymous, previous = event.user_id, event.anonymous_id, event.previous_id
    if rules.blocked:
        user = _allowed(rules, "user", user)
        anonymous = _allowed(rules, "anonymous", anonymous)
        previous = _allowed(rules, "user", _allowed(rules, "anonymous", previous))
    named = event.context.get("customer_id") if event.source == "habitue" else None
    strong, weak = _identifiers(event.identifiers, rules) if event.identifiers else (_NOTHING, _NOTHING)
    return Names(
        customer_id("user", user) if user else None,
        customer_id("anonymous", anonymous) if anonymous else None,
        customer_id("user", previous) if previous else None,
        customer_id("anonymous", previous) if previous else None,
        named if isinstance(named, str) else None,
        strong,
        weak,
    )


def _identifiers(said: Mapping[str, str], rules: IdentityRules) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    found = [
        Named(kind, said[kind], customer_id(kind, said[kind]))
        for kind in IDENTIFIERS
        if kind in said and _allowed(rules, kind, said[kind])
    ]
    strong = tuple(one for one in found if IDENTIFIERS[one.kind].strong and one.kind in rules.join_on)
    weak = tuple(one for one in found if not IDENTIFIERS[one.kind].strong)
    return strong, weak


def _allowed(rules: IdentityRules, kind: str, value: str | None) -> str | None:
    return None if value is not None and value.lower() in rules.blocked.get(kind, ()) else value
