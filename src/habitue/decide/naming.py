"""Whom an event names: the customer ids behind its user id, its anonymous id and its other identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from habitue.model.customer import customer_id
from habitue.model.event import Event
from habitue.model.identifier import IDENTIFIERS, USER
from habitue.model.trust import PREVIOUS, PUBLIC
from habitue.playbook.playbook import IdentityRules

_NOTHING: tuple[Named, ...] = ()
_CLAIMABLE = (USER, *(kind for kind, identifier in IDENTIFIERS.items() if identifier.strong))
"""The most telling first."""
CLAIMED = "claimed"
"""The kind of a customer known by a claim alone."""
ASIDE = "aside"
"""Among claims, where what was claimed has been erased: the customer the event was put aside for."""


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
    claimed: tuple[tuple[str, str], ...] = ()
    """(kind, value) of what a public source named without proof. It leads to nobody."""
    aside: str | None = None
    """Whose the event is where a claim speaks against the device's owner, or nothing but claims or a device names
    anybody: a customer whom nothing else leads to."""
    proven: bool = True
    """Whether the source may take a device from whoever was there last. To prove who one is proves no device."""

    def ids(self) -> Iterator[str]:
        for one in self[:5]:
            if isinstance(one, str):
                yield one
        for named in (*self.strong, *self.weak):
            yield named.id
        if self.aside is not None:
            yield self.aside


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
        *(_claims(event, rules, anonymous, weak) if event.level in PUBLIC else _BELIEVED),
    )


_BELIEVED: tuple[tuple[tuple[str, str], ...], str | None, bool] = ((), None, True)


def _claims(
    event: Event, rules: IdentityRules, anonymous: str | None, weak: tuple[Named, ...]
) -> tuple[tuple[tuple[str, str], ...], str | None, bool]:
    """What was claimed, whose that makes the event, and whether the event says anything by proof."""
    said = event.claims
    named = event.user_id is not None or any(IDENTIFIERS[kind].strong for kind in event.identifiers)
    proven = named and not event.proof  # A public source that needs no proof: the shop believes its pages.
    if ASIDE in said:
        return ((USER, ""),), said[ASIDE], proven
    claimed = tuple((kind, said[kind]) for kind in _CLAIMABLE if kind in said and _allowed(rules, kind, said[kind]))
    if not claimed:
        # A device that a page names, and nothing else: whoever a server knows on that device is not joined with it.
        alone = anonymous is None and not named
        return (), _aside(None, weak[0].kind, weak[0].value) if alone and weak else None, proven
    return claimed, _aside(anonymous, *claimed[0]), proven


def _aside(anonymous: str | None, kind: str, value: str) -> str:
    return customer_id(CLAIMED, f"{anonymous or ''}\n{kind}:{value}")


def aside(event: Event) -> str:
    """Whose an event with claims is, where it is not the device owner's."""
    if ASIDE in event.claims:
        return event.claims[ASIDE]
    first = next((kind for kind in _CLAIMABLE if kind in event.claims), None)
    return "" if first is None else _aside(event.anonymous_id, first, event.claims[first])


def ids_claimed(event: Event) -> Iterator[str]:
    """The customer ids that its claims would lead to, if they led to anybody."""
    for kind, value in event.claims.items():
        if kind in _CLAIMABLE:
            yield customer_id(kind, value)
        elif kind == PREVIOUS:
            yield customer_id("user", value)
            yield customer_id("anonymous", value)


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
