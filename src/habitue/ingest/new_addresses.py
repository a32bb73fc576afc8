"""How many email addresses one place may bring that it has not brought before.

A person has a few. Whoever brings many types in those of others, so that the shop writes to them. Beyond the limit the
address is left out of the event, and what the visitor did is kept.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict
from threading import Lock

from habitue.model.address import spelled
from habitue.model.identifier import EMAIL
from habitue.model.instant import HOUR, Instant, Span
from habitue.model.trust import PUBLIC
from habitue.run.ports import NO_ALARMS, Alarms

from .draft import Draft

WINDOW: Span = HOUR
PLACES_MAX = 20_000
"""So many network addresses are remembered; whoever changes them faster still meets the limit of the key."""
LEFT_OUT = "address_left_out"
"""The word of an event's context that says so."""
MANY = "many_addresses"


class NewAddresses:
    """Held by the process that answers HTTP; any thread of it may ask. A limit of 0 is none."""

    def __init__(self, per_ip: int, per_key: int, alarms: Alarms = NO_ALARMS) -> None:
        self._per_ip = per_ip
        self._per_key = per_key
        self._alarms = alarms
        self._places: OrderedDict[str, OrderedDict[bytes, Instant]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, draft: Draft) -> None:
        """Leave the addresses out of what a public key says, where there were too many new ones."""
        reception = draft.reception
        if reception.level not in PUBLIC:
            return
        named = _named(draft)
        if named and not all(
            self._may_bring(one, reception.source, reception.ip, reception.received_at) for one in named
        ):
            _leave_out(draft)

    def _may_bring(self, address: str, source: str, ip: str | None, now: Instant) -> bool:
        digest = hashlib.blake2b(address.encode("utf-8", "replace"), digest_size=12).digest()
        with self._lock:
            places = [(f"key {source}", self._per_key)]
            if ip:
                places.append((f"ip {network_of(ip)}", self._per_ip))
            full = next((place for place, limit in places if not self._has_room(place, limit, digest, now)), None)
            if full is None:
                for place, limit in places:
                    if limit:
                        self._keep(place, digest, now)
        if full is not None:
            said = (
                f"more than {dict(places)[full]} new addresses within an hour by the {full}; those beyond are left out"
            )
            self._alarms.sound(MANY, source, said, now)
        return full is None

    def _has_room(self, place: str, limit: int, digest: bytes, now: Instant) -> bool:
        known = self._places.get(place)
        if known is None or not limit:
            return True
        while known and next(iter(known.values())) <= now - WINDOW:
            known.popitem(last=False)
        return digest in known or len(known) < limit

    def _keep(self, place: str, digest: bytes, now: Instant) -> None:
        known = self._places.setdefault(place, OrderedDict())
        known.setdefault(digest, now)
        self._places.move_to_end(place)
        while len(self._places) > PLACES_MAX:
            oldest = next(one for one in self._places if one.startswith("ip "))
            del self._places[oldest]


def network_of(ip: str) -> str:
    """The address, or the network of it that one subscriber has: with IPv6 they have 2^64 of them."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip[:60]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _named(draft: Draft) -> set[str]:
    said = (
        draft.traits.get("email"),
        draft.properties.get("email"),
        draft.identifiers.get(EMAIL),
        draft.claims.get(EMAIL),
    )
    return {address for one in said if isinstance(one, str) and (address := spelled(one))}


def _leave_out(draft: Draft) -> None:
    draft.traits = {name: value for name, value in draft.traits.items() if name != "email"}
    draft.properties = {name: value for name, value in draft.properties.items() if name != "email"}
    draft.identifiers = {kind: value for kind, value in draft.identifiers.items() if kind != EMAIL}
    draft.claims = {kind: value for kind, value in draft.claims.items() if kind != EMAIL}
    draft.context[LEFT_OUT] = True
