"""Consent and suppression as she carries them: the latest word on each, and what two halves of her come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from habitue.model.address import spelled, spellings
from habitue.model.consent import ADS, CATEGORY
from habitue.model.customer import Consent, Customer
from habitue.model.event import Event
from habitue.model.identifier import EMAIL
from habitue.model.instant import Instant
from habitue.model.message import CHANNELS

from .addresses import covers
from .text import text
from .traits import email

CONSENTS_MAX = 100
"""Of one address, and as many of none by name."""
ADDRESSES_MAX = 20
ADDRESSED = frozenset({"email"})
"""Channels whose words belong to the address they were said of."""
SUPPRESSED_MAX = 50
WHOLE = frozenset({*CHANNELS, CATEGORY})
"""Where so many topics were refused that no more can be kept, all of these is."""

ENDS_WRITING = frozenset({"Email Bounced", "Email Marked as Spam"})
"""Events that may."""


class Suppression(NamedTuple):
    """An address that must not be written to again."""

    channel: str
    address: str
    why: str


def put_bounced(customer: Customer, event: Event, position: int) -> None:
    _suppress(customer, event)


def put_marked_as_spam(customer: Customer, event: Event, position: int) -> None:
    _suppress(customer, event)


def word(customer: Customer, key: str, address: str) -> Consent | None:
    """The latest word on a channel (`email`) or a topic of it (`email:offers`) as it holds for one address.

    What was said of the address itself, and what was said of no address by name: a no of that kind is about every
    address, and a yes about those the person had by then, so that a new one begins without.
    """
    whole = customer.consents.get(key)
    if not _has_addresses(key):
        return whole
    if whole is not None and not whole.is_refused and not covers(customer, address, _spoken_at(whole)):
        whole = Consent(False, whole.refused_at, "", refused_at=whole.refused_at) if whole.refused_at else None
    own = customer.addressed.get(spelled(address), {}).get(key)
    return own if whole is None else later_consent(whole, own)


def words(customer: Customer, address: str) -> dict[str, Consent]:
    """Every word that holds for one address, as `word` has it."""
    keys = sorted({*customer.consents, *customer.addressed.get(spelled(address), ())})
    return {key: said for key in keys if (said := word(customer, key, address)) is not None}


def all_words(customer: Customer) -> Iterator[tuple[str, str, Consent]]:
    """(address, key, word) of all that holds: first for the address they have now, then for every other of theirs.

    What has no address, such as a word about the site, stands under an empty one.
    """
    current = spelled(email(customer))
    for key, said in words(customer, current).items():
        yield current if _has_addresses(key) else "", key, said
    for address in sorted({*customer.addresses, *customer.addressed} - {current}):
        for key, said in words(customer, address).items():
            if _has_addresses(key):
                yield address, key, said


def _has_addresses(key: str) -> bool:
    return key.split(":", 1)[0] in ADDRESSED


def _spoken_at(consent: Consent) -> Instant:
    return consent.at if consent.granted else consent.requested_at


def keep_consent(customer: Customer, key: str, said: Consent, address: str = "") -> None:
    """Keep what was said, of one address or of none by name."""
    if not address or not _has_addresses(key):
        _keep(customer.consents, key, said)
        return
    known = customer.addressed.get(address)
    if known is None and len(customer.addressed) >= ADDRESSES_MAX:
        open_to_all = [one for one, its in customer.addressed.items() if not _refuses(its)]
        if not open_to_all:
            # A refusal is not forgotten: it is one of all addresses.
            if said.is_refused:
                _keep(customer.consents, key, said)
            return
        del customer.addressed[min(open_to_all, key=lambda one: (_latest(customer.addressed[one]), one))]
    _keep(customer.addressed.setdefault(address, {}), key, said)


def _latest(said: Mapping[str, Consent]) -> Instant:
    return max((max(one.at, one.requested_at) for one in said.values()), default=0)


def _keep(consents: dict[str, Consent], key: str, said: Consent) -> None:
    """Where no more can be kept, a grant gives way: to forget one never sends more. A refusal is not forgotten."""
    if key not in consents and len(consents) >= CONSENTS_MAX:
        others = [known for known, consent in consents.items() if not consent.is_refused]
        if others:
            del consents[min(others, key=lambda known: (consents[known].at, known))]
        else:
            channel = key.split(":", 1)[0]
            if not said.is_refused or channel not in WHOLE:
                return
            key = channel
    consents[key] = later_consent(said, consents.get(key))


def later_consent(one: Consent, other: Consent | None) -> Consent:
    """The later word counts; at the same instant the refusal does. A wish to be confirmed is no word yet."""
    if other is None:
        return one
    said = max(one, other, key=lambda consent: (consent.is_spoken, consent.at, not consent.granted, consent.source))
    return Consent(
        said.granted,
        said.at,
        said.source,
        max(one.requested_at, other.requested_at),
        max(one.confirmed_at, other.confirmed_at),
        max(_refused_at(one), _refused_at(other)),
    )


def _refused_at(consent: Consent) -> Instant:
    """A refusal kept by an earlier version says no more than that it is one, and since when."""
    return consent.refused_at or (consent.at if consent.is_refused else 0)


def join_consents(into: Customer, other: Customer) -> None:
    """The stricter half wins: a no on either side, however old, counts more than a yes on the other.

    Who refused a channel on one side keeps no topic of it that was allowed on the other; who opted out on one keeps no
    leave to share. A no of one address ends a yes on the other side that was of that address, or of none by name.
    Joining more halves, in any order, comes to the same.
    """
    mine, theirs = _open(into, other), _open(other, into)
    into.consents = _both(mine.pop(""), theirs.pop(""))
    into.addressed = {}
    found = {address: _both(mine.get(address, {}), theirs.get(address, {})) for address in sorted({*mine, *theirs})}
    for address in sorted(found, key=lambda one: (not _refuses(found[one]), -_latest(found[one]), one)):
        if len(into.addressed) < ADDRESSES_MAX:
            into.addressed[address] = found[address]
        else:
            for key, said in found[address].items():
                keep_consent(into, key, said, address)
    opted_out = [at for at in (into.opted_out_at, other.opted_out_at) if at is not None]
    into.opted_out_at = min(opted_out, default=None)


def _open(half: Customer, other: Customer) -> dict[str, dict[str, Consent]]:
    """What of a half the other half's refusals leave: by address, under "" what was said of none by name."""
    everywhere = _closed(other)
    refused = {key for its in other.addressed.values() for key, one in its.items() if one.is_refused}
    left = {"": _without(half.consents, everywhere | refused)}
    for address, its in half.addressed.items():
        theirs = other.addressed.get(address, {})
        left[address] = _without(its, everywhere | {key for key, one in theirs.items() if one.is_refused})
    return left


def _both(mine: dict[str, Consent], theirs: dict[str, Consent]) -> dict[str, Consent]:
    for key, consent in theirs.items():
        known = mine.get(key)
        mine[key] = consent if known is None else _stricter(known, consent)
    kept: dict[str, Consent] = {}
    # Refusals first, then what is newest: should there be more than are kept, what gives way does not depend on order.
    for key in sorted(mine, key=lambda key: (not mine[key].is_refused, -mine[key].at, key)):
        if len(kept) < CONSENTS_MAX or mine[key].is_refused:
            _keep(kept, key, mine[key])
    return kept


def _refuses(said: Mapping[str, Consent]) -> bool:
    return any(one.is_refused for one in said.values())


def _closed(customer: Customer) -> set[str]:
    """What was refused as a whole, and what was refused of no address by name."""
    refused = {key for key, one in customer.consents.items() if one.is_refused}
    closed = {key for key in refused if ":" not in key or _has_addresses(key)}
    return closed if customer.opted_out_at is None else {*closed, ADS}


def _without(consents: Mapping[str, Consent], closed: set[str]) -> dict[str, Consent]:
    return {
        key: one
        for key, one in consents.items()
        if one.is_refused or (key not in closed and key.split(":", 1)[0] not in closed)
    }


def _stricter(one: Consent, other: Consent) -> Consent:
    ranks = _rank(one), _rank(other)
    if ranks[0] == ranks[1]:
        return later_consent(one, other)
    return one if ranks[0] > ranks[1] else other


def _rank(consent: Consent) -> int:
    """A refusal is stricter than anything; a wish that awaits its confirmation takes no leave away."""
    return 2 if consent.is_refused else 1 if consent.granted else 0


def suppression_of(customer: Customer, event: Event) -> Suppression | None:
    """The address this event ends writing to, if it is such an event and an address is known."""
    if event.name == "Email Marked as Spam":
        why = "complained"
    elif event.name == "Email Bounced" and event.properties.get("permanent") is True:
        why = "bounced"
    else:
        return None
    return Suppression("email", spelled(text(event.properties, "email") or email(customer)), why)


def suppression_for_all(customer: Customer, event: Event) -> Suppression | None:
    """The same, where it may end writing to whoever has the address.

    Any browser can say that an address bounced. It is believed of the address of whom it speaks, not of a stranger's.
    """
    bad = suppression_of(customer, event)
    if bad is None or not bad.address:
        return None
    theirs = {spelled(one) for one in (email(customer), *customer.identifiers.get(EMAIL, ()))}
    return bad if event.source == "habitue" or bad.address in theirs else None


_WORDS = {"bounced": "bounced for good", "complained": "marked as spam"}


def _suppress(customer: Customer, event: Event) -> None:
    bad = suppression_of(customer, event)
    if bad is None:
        return
    key = f"email:{bad.address}" if bad.address else "email"
    if key not in customer.suppressed and len(customer.suppressed) >= SUPPRESSED_MAX:
        key = "email"  # So many addresses gone bad: no further one of theirs is believed.
    said = (event.occurred_at, f"{bad.address} {_WORDS[bad.why]}".strip())
    customer.suppressed[key] = min(said, customer.suppressed.get(key, said))


def join_suppressed(into: Customer, other: Customer) -> None:
    for key, known in other.suppressed.items():
        into.suppressed[key] = min(known, into.suppressed.get(key, known))


def is_suppressed(customer: Customer, channel: str, address: str) -> str | None:
    """Why the address is suppressed, or None. A new address of the same person starts afresh; an old one does not."""
    known = customer.suppressed.get(channel)
    for spelling in spellings(address):
        known = known or customer.suppressed.get(f"{channel}:{spelling}")
    return known[1] if known is not None else None
