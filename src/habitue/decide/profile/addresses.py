"""Email addresses of one person: since when each is known, and whether anybody proved that it is theirs.

Anybody can type a stranger's address into a page. So what a public key tells is remembered as told, and no more. Since
an address keeps the earliest moments it was told and proven at, the order of arrival does not matter.
"""

from __future__ import annotations

from habitue.model.address import spelled
from habitue.model.customer import Address, Customer, moment
from habitue.model.event import IDENTIFIED, Event
from habitue.model.identifier import EMAIL
from habitue.model.instant import Instant
from habitue.model.trust import PUBLIC

from .text import text
from .traits import email

ADDRESSES_MAX = 50
LINK_OPENED = "Email Link Clicked"


def put_addresses(customer: Customer, event: Event) -> None:
    """What an event tells of addresses. To be called before its traits are written."""
    told = _told(event)
    if not told:
        return
    _remember_earlier(customer, told)
    proven_at = None if event.level in PUBLIC else event.occurred_at
    for address in told:
        _keep(customer, address, Address(event.occurred_at, proven_at))


def _told(event: Event) -> set[str]:
    named = [event.identifiers.get(EMAIL), event.traits.get("email") if event.name == IDENTIFIED else None]
    return {address for one in named if isinstance(one, str) and (address := spelled(one))}


def put_link_opened(customer: Customer, event: Event, position: int) -> None:
    """A person opened a link of ours, which only the owner of the address had. A mail filter is not its owner."""
    if event.source == "habitue" and event.properties.get("machine") is False:
        prove(customer, text(event.properties, "email"), event.occurred_at)


def prove(customer: Customer, address: str, at: Instant) -> None:
    """Somebody showed that they read what is sent to the address."""
    spelling = spelled(address)
    if spelling:
        _remember_earlier(customer, set())
        _keep(customer, spelling, Address(at, at))


def is_proven(customer: Customer, address: str) -> bool:
    spelling = spelled(address)
    known = customer.addresses.get(spelling)
    if not spelling:
        return False  # What is no address cannot have been proven.
    # Somebody from before addresses were remembered: what was sent to then is not held back now.
    return not customer.addresses if known is None else known.proven_at is not None


def covers(customer: Customer, address: str, said_at: Instant) -> bool:
    """Whether words that named no address, said then, are about this one.

    They are about the addresses the person had by then; where there was none yet, about the first they came to have.
    """
    if not customer.addresses:
        return True
    known = customer.addresses.get(spelled(address))
    if known is None:
        return False
    return known.since <= said_at or known.since == min(one.since for one in customer.addresses.values())


def join_addresses(into: Customer, other: Customer) -> None:
    _remember_earlier(into, set())
    _remember_earlier(other, set())
    for address in sorted(other.addresses):
        _keep(into, address, other.addresses[address])


def _remember_earlier(customer: Customer, told: set[str]) -> None:
    """States from before addresses were remembered have them in traits and identifiers only. `told`: new just now."""
    if customer.addresses:
        return
    known = dict(customer.identifiers.get(EMAIL, {}))
    current = email(customer)
    if current:
        known.setdefault(spelled(current), moment(customer.trait_times.get("email", 0))[0])
    for address, at in known.items():
        if address not in told:
            customer.addresses[address] = Address(at, at)


def _keep(customer: Customer, address: str, told: Address) -> None:
    addresses = customer.addresses
    known = addresses.get(address)
    if known is not None:
        proven = [at for at in (known.proven_at, told.proven_at) if at is not None]
        addresses[address] = Address(min(known.since, told.since), min(proven, default=None))
        return
    addresses[address] = told
    if len(addresses) > ADDRESSES_MAX:
        del addresses[_least(addresses)]


def _least(addresses: dict[str, Address]) -> str:
    """Which gives way: never the first, else words said before it would be about another; then the latest unproven,
    so that whoever tells many drives out none that is proven."""
    others = sorted(addresses, key=lambda one: (addresses[one].since, one))[1:]
    unproven = [one for one in others if addresses[one].proven_at is None]
    return unproven[-1] if unproven else others[0]
