"""Forgets a person at one place in the log: what was hers goes, and whoever comes later under her ids begins anew.

The decide loop does its part in one commit. Before that it says whom it is about to forget, so that those who clean the
log, the deliveries and the archive know her ids when nothing of her is left in the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from habitue.decide.naming import ASIDE, aside, ids_claimed
from habitue.decide.profile.interests import interests
from habitue.decide.profile.joining import IDS_MAX, MERGED_MAX
from habitue.model.customer import Customer, customer_id
from habitue.model.event import CUSTOMER_ERASED, Event, Record, erased
from habitue.model.identifier import IDENTIFIERS
from habitue.model.instant import Instant
from habitue.run.batch import row
from habitue.run.people import People
from habitue.run.ports import Commit, Interest, Place, Store


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the decide loop forgot at a position, and what the state held of her. Kept until all others are done."""

    erasure: int
    position: int
    at: Instant
    customers: list[str]
    """Her customer id and every one that led to her."""
    spelled: list[str]
    """Her ids, addresses and numbers as clients send them."""
    ordinal: int
    """What was decided about her has ids up to this number; a person who begins anew has higher ones."""
    positions: list[int]
    """Where her events stand in the log."""
    places: dict[str, int]
    """How many rows the state held of her, by what they are."""
    others: list[str]
    """People whose records or decisions named her, and do not any more: replay cannot tell why they are as they are."""


def forget(store: Store, people: People, record: Record, version: int) -> tuple[Forgotten, Commit]:
    """What to note, and then to commit. The note is to be durable before the commit is made."""
    properties = record.event.properties
    asked = properties.get("customer")
    if not isinstance(asked, str):  # Forgotten everywhere by now; only the numbers go on.
        return _nobody(record, properties, version)
    people.bring([asked])
    person = people.living(asked) or Customer(id=asked)
    ids = _ids(store, people, person)
    found = store.belongings(ids)
    ordinal = max([people.ordinal, *(known.ordinal for one in ids if (known := people.row(one)) is not None)])
    apart = _name_no_more(people, person, ids)
    halves = [known for one in ids if (known := people.row(one)) is not None]
    runs = [(half.id, run) for half in halves for run in half.runs]
    liked = [Interest(half.id, kind, key, None) for half in halves for kind, key in interests(half)]
    forgotten = Forgotten(
        erasure=_whole(properties.get("erasure")),
        position=record.position,
        at=record.received_at,
        customers=ids,
        spelled=spelled(person),
        ordinal=ordinal,
        positions=found.positions,
        places={**found.places, "runs": len(runs), "interests": len(liked)},
        others=sorted({*found.others, *(one.id for one in apart)}),
    )
    return forgotten, Commit(
        position=record.position,
        now=record.received_at,
        version=version,
        customers=[row(one) for one in apart],
        places=[Place(one, run.id, run.journey, run.version, run.key, None, run.since, None) for one, run in runs],
        interests=liked,
        forgotten=ids,
        ordinal=ordinal,
    )


class Cleaned(msgspec.Struct, frozen=True):
    """What becomes of a record. `owner`: whose it is, where it loses more than a device's name and is another's."""

    event: Event
    owner: str | None = None


class Cleaning:
    """What is to become of the log's records when some people were forgotten. Pure."""

    def __init__(self, people: Iterable[Forgotten]) -> None:
        self._people = list(people)
        self._until = {one: person for person in self._people for one in person.customers}
        self._positions = {position: person for person in self._people for position in person.positions}
        self._orders = {person.position: person for person in self._people}

    def __call__(self, record: Record) -> Cleaned | None:
        """None: it stays as it is."""
        event = record.event
        order = self._orders.get(record.position)
        if order is not None and event.name == CUSTOMER_ERASED:
            return Cleaned(msgspec.structs.replace(event, properties=_bare(order)))
        if event.type == "control":
            named = [self._gone(record, event.properties.get(key)) for key in ("customer", "part")]
            return Cleaned(erased(record.received_at)) if any(named) else None
        if record.position in self._positions or self._is_hers(record) or self._told_late(record) is not None:
            return Cleaned(erased(record.received_at))
        return self._without_names(record)

    def person(self, record: Record) -> Forgotten | None:
        """Whom a record that is cleaned was about, for the receipt."""
        if record.position in self._positions:
            return self._positions[record.position]
        order = self._orders.get(record.position)
        event = record.event
        ids = [*_ids_said(event), *(str(event.properties.get(key)) for key in ("customer", "part"))]
        order = order or self._told_late(record)
        return order or next((self._until[one] for one in ids if self._gone(record, one)), None)

    def _told_late(self, record: Record) -> Forgotten | None:
        """What became of an old message of hers, told by the outbox before it knew that she was forgotten."""
        event = record.event
        delivery = event.properties.get("delivery_id") if event.source == "habitue" else None
        if not isinstance(delivery, str):
            return None
        customer, _, ordinal = delivery.rpartition(".")
        person = self._until.get(customer)
        return person if person is not None and ordinal.isdigit() and int(ordinal) <= person.ordinal else None

    def _gone(self, record: Record, one: object) -> bool:
        """Whether an id was hers then. What came after she was forgotten is of somebody new."""
        person = self._until.get(one) if isinstance(one, str) else None
        return person is not None and record.position < person.position

    def _is_hers(self, record: Record) -> bool:
        event = record.event
        if event.user_id:
            return self._gone(record, customer_id("user", event.user_id))
        if event.claims:
            return False  # Else it is among their positions: a claim on their device may make it somebody else's.
        strong = [customer_id(kind, one) for kind, one in event.identifiers.items() if _is_strong(kind)]
        if strong:
            return any(self._gone(record, one) for one in strong)
        return any(self._gone(record, one) for one in _ids_said(event))

    def _without_names(self, record: Record) -> Cleaned | None:
        """Somebody else's record that names her, such as one from a tablet they shared."""
        event, changes = record.event, dict[str, Any]()
        if event.anonymous_id and self._gone(record, customer_id("anonymous", event.anonymous_id)):
            changes["anonymous_id"] = None
        previous = event.previous_id
        if previous and any(self._gone(record, customer_id(kind, previous)) for kind in ("user", "anonymous")):
            changes["previous_id"] = None
        kept = {k: one for k, one in event.identifiers.items() if not self._gone(record, customer_id(k, one))}
        if len(kept) < len(event.identifiers):
            changes["identifiers"] = kept
        if event.claims and (changes or any(self._gone(record, one) for one in ids_claimed(event))):
            changes["claims"] = {ASIDE: aside(event)}
        if not changes:
            return None
        owner = next(_ids_said(event), None) if changes.keys() - {"anonymous_id", "claims"} else None
        return Cleaned(msgspec.structs.replace(event, **changes), owner)


def _ids_said(event: Event) -> Iterator[str]:
    if event.user_id:
        yield customer_id("user", event.user_id)
    for kind, value in event.identifiers.items():
        yield customer_id(kind, value)
    if event.anonymous_id:
        yield customer_id("anonymous", event.anonymous_id)
    named = event.context.get("customer_id") if event.source == "habitue" else None
    if isinstance(named, str):
        yield named


def _is_strong(kind: str) -> bool:
    return kind in IDENTIFIERS and IDENTIFIERS[kind].strong


def _bare(person: Forgotten) -> dict[str, Any]:
    return {"erasure": person.erasure, "ordinal": person.ordinal}


def pruning(record: Record, version: int) -> Commit:
    """What lets go of decisions and effects up to the numbers that the record names."""
    decision, effect = (_whole(record.event.properties.get(name)) for name in ("decisions", "effects"))
    return Commit(position=record.position, now=record.received_at, version=version, pruned=(decision, effect))


def spelled(person: Customer) -> list[str]:
    """Her ids and addresses as clients send them, and as people would search for them."""
    texts: list[Any] = [person.user_id, *person.anonymous_ids, person.traits.get("email"), person.traits.get("phone")]
    texts += [value for values in person.identifiers.values() for value in values]
    texts += [key.partition(":")[2] for key in person.suppressed]
    return list(dict.fromkeys(text for text in texts if isinstance(text, str) and text))


def _nobody(record: Record, properties: dict[str, Any], version: int) -> tuple[Forgotten, Commit]:
    ordinal = _whole(properties.get("ordinal"))
    forgotten = Forgotten(
        erasure=_whole(properties.get("erasure")),
        position=record.position,
        at=record.received_at,
        customers=[],
        spelled=[],
        ordinal=ordinal,
        positions=[],
        places={},
        others=[],
    )
    return forgotten, Commit(position=record.position, now=record.received_at, version=version, ordinal=ordinal)


def _ids(store: Store, people: People, person: Customer) -> list[str]:
    """Her id, and all whose tombstones lead to her: those her state lists, or where it lists no more, all there are."""
    listed = [*person.merged_ids, *(customer_id("anonymous", one) for one in person.anonymous_ids)]
    listed += [customer_id(kind, one) for kind, values in person.identifiers.items() for one in values]
    if person.user_id is not None:
        listed.append(customer_id("user", person.user_id))
    if len(person.merged_ids) >= MERGED_MAX or len(person.anonymous_ids) >= IDS_MAX:
        listed += store.leading_to(person.id)
    people.bring(listed)
    hers = {one for one in listed if people.row(one) is not None and people.living(one) is person}
    return [person.id, *sorted(hers - {person.id})]


def _name_no_more(people: People, person: Customer, ids: Iterable[str]) -> list[Customer]:
    """Those who were said not to be her need not be kept apart from nobody."""
    people.bring(person.apart)
    gone = set(ids)
    changed = []
    for one in person.apart:
        other = people.living(one)
        if other is not None and other is not person and gone & other.apart.keys():
            other.apart = {name: since for name, since in other.apart.items() if name not in gone}
            changed.append(other)
    return changed


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
