"""Whose an event is: the customer its identifiers lead to, joined first with everyone she turns out to be."""

from __future__ import annotations

from habitue.decide import identity
from habitue.decide.naming import Named, Names
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan
from habitue.decide.step import TICK, step
from habitue.model.customer import Customer, customer_id
from habitue.model.event import Record
from habitue.model.identifier import IDENTIFIERS, SHOP
from habitue.model.reason import Reason
from habitue.run.batch import Batch
from habitue.run.people import People
from habitue.run.poison import Poison


def home(people: People, said: Names) -> Customer | None:
    """The customer an event falls to as things stand, or None when nobody is known by what it says.

    A user id is the last word; then the strong identifiers, the most telling first; then the visitor, then the device.
    """
    if said.known is not None:
        return people.living(said.known)
    for named in said.strong:
        if (found := _fitting(people, named.id, said)) is not None:
            return found
    if said.anonymous is not None and (found := _fitting(people, said.anonymous, said)) is not None:
        return _or_aside(people, found, said)
    for named in said.weak:
        if (found := _fitting(people, named.id, said)) is not None and (said.proven or not identity.is_known(found)):
            return _or_aside(people, found, said)
    return people.living(said.named) if said.named is not None else None


def _or_aside(people: People, found: Customer, said: Names) -> Customer | None:
    """Not theirs what somebody else is claimed to have done on their device: two people must not be mixed."""
    if said.aside is None or not identity.speaks_against(found, said.claimed):
        return found
    return people.living(said.aside)


def _fitting(people: People, one: str, said: Names) -> Customer | None:
    """Whoever the id leads to, unless the event names another account of a shop where she has one."""
    found = people.living(one)
    if found is None or not said.strong or said.strong[0].kind != SHOP:
        return found
    return None if identity.has_two_accounts(found.identifiers.get(SHOP, {}), (said.strong[0].value,)) else found


def _first_id(people: People, said: Names) -> str | None:
    """The id a customer begins with whom nobody knew. A visitor nobody knew keeps her device's."""
    if said.known is not None:
        return said.known
    if said.anonymous is not None and people.row(said.anonymous) is None:
        return said.anonymous
    if said.strong:
        return said.strong[0].id
    if said.aside is not None and (said.anonymous is None or people.row(said.anonymous) is not None):
        return said.aside
    return _nameless(said.weak[0]) if said.weak else said.anonymous


def _is_told_of(user: Customer | None) -> bool:
    """Whether a known user is more than an id that a program counted under before it knew whose it is."""
    return user is not None and (bool(user.traits) or any(IDENTIFIERS[kind].strong for kind in user.identifiers))


def _nameless(named: Named) -> str:
    """Who is known by a token alone. It may go to somebody else one day: it leads to her, and is not her id."""
    return customer_id(f"first {named.kind}", named.value)


class Belonging:
    """Finds and joins, for one batch. Whoever is parked is neither changed nor joined; her records queue."""

    def __init__(self, people: People, plan: Plan, parked: set[str], batch: Batch) -> None:
        self._people = people
        self._plan = plan
        self._rules = plan.current.playbook.identity
        self._parked = parked
        self._batch = batch

    def whose(self, record: Record, names: Names) -> Customer | None:
        """The customer a record is about; None when she is parked, or when it names nobody."""
        customer = home(self._people, names)
        if customer is None:
            first = _first_id(self._people, names)
            if first is None:
                return None  # Erased, or never ours: a receipt with nobody to give it to.
            customer = self._people.get(first)
        if names.known is not None and customer.user_id is None:
            customer.user_id = record.event.user_id
        if self._is_away(customer):
            self._batch.skip(customer.id, record.position)
            return None
        self._live_to(customer, record)
        # Also at a record she has absorbed: a half that was parked then is joined when it goes on.
        for named in names.strong:
            customer = self._strong(customer, named, record)
        for named in names.weak:
            if names.proven or self._is_free(customer, named):
                self._weak(customer, named, record)
        if names.anonymous is not None:
            self._visitor(customer, names, record)
        if names.known is not None and names.previous_anonymous is not None:
            self._alias(customer, names, record)
        return customer

    def _live_to(self, customer: Customer, record: Record) -> None:
        """What was due before comes before she is known by more: however records are cut into batches."""
        if customer.due is None or customer.due > record.received_at:
            return
        try:
            outcome = step(self._plan, customer, TICK, record.received_at)
        except Exception as error:
            raise Poison(customer.id, record.position, error) from error
        self._batch.add(customer, outcome, None)

    def _is_away(self, customer: Customer) -> bool:
        return customer.id in self._parked or customer.id in self._batch.poisoned

    def _strong(self, customer: Customer, named: Named, record: Record) -> Customer:
        """Whoever shares this identifier is her; returns the customer they are together."""
        row, holder = self._people.row(named.id), self._people.living(named.id)
        if holder is None or holder is customer:
            self._note(customer, named, record, row)
            return customer
        into, other = (holder, customer) if customer.user_id is None and holder.user_id else (customer, holder)
        why = identity.obstacle(self._rules, into, other)
        if why is not None:
            self._refuse(customer, holder.id, why, record)
            return customer
        if self._is_away(holder):
            self._batch.skip(holder.id, record.position)
            return customer
        self._join(into, other, record, named.kind)
        self._note(into, named, record, row)
        return into

    def _note(self, customer: Customer, named: Named, record: Record, row: Customer | None) -> None:
        if record.position <= customer.position and row is not None:
            return
        if not identity.note(self._rules, customer, named.kind, named.value, record.event.occurred_at):
            self._refuse(customer, named.id, Reason.IDENTIFIER_LIMIT, record)
        elif row is None and named.id != customer.id:
            self._batch.touch(self._people.put(identity.tombstone(named.id, customer.id)))

    def _is_free(self, customer: Customer, named: Named) -> bool:
        """Whether a device may be noted without proof: nobody else was known on it."""
        return self._people.living(named.id) in (None, customer)

    def _weak(self, customer: Customer, named: Named, record: Record) -> None:
        """A device belongs to whoever was there last. One nobody was known on joins her."""
        row, holder = self._people.row(named.id), self._people.living(named.id)
        if holder is None or holder is customer or record.position <= customer.position:
            self._note(customer, named, record, row)
            return
        if self._is_away(holder):
            return
        if row is holder or holder.id == _nameless(named):
            if not identity.is_known(holder) and identity.obstacle(self._rules, customer, holder) is None:
                self._join(customer, holder, record, named.kind)
                self._note(customer, named, record, row)
            return
        assert row is not None
        self._live_to(holder, record)
        identity.let_go(holder, named.kind, named.value)
        row.merged_into = customer.id
        self._batch.touch(holder)
        self._batch.touch(row)
        self._note(customer, named, record, row)

    def _visitor(self, customer: Customer, names: Names, record: Record) -> None:
        """The visitor of this device joins her, unless the device is one she shares with somebody known."""
        visitor, spelled = names.anonymous, record.event.anonymous_id
        assert visitor is not None
        holder = self._people.living(visitor)
        signs_in = names.known is not None
        if holder is None:
            self._batch.touch(self._people.put(identity.tombstone(visitor, customer.id)))
        elif holder is not customer:
            if not signs_in and identity.is_known(holder):
                return
            if not self._take_in(customer, holder, record, "anonymous"):
                return
        elif record.position <= customer.position and not signs_in:
            return
        identity.link(customer, spelled)

    def _alias(self, customer: Customer, names: Names, record: Record) -> None:
        """An alias does not say which kind of id it names: a known user is not taken for a device nobody has seen."""
        visitor, known = names.previous_anonymous, names.previous_known
        assert visitor is not None and known is not None
        user = self._people.row(known)
        # Anybody can call their device by somebody's user id: it is not the one the alias means.
        if (self._people.row(visitor) is not None and not _is_told_of(user)) or user is None:
            holder = self._people.living(visitor)
            if holder is None:
                self._batch.touch(self._people.put(identity.tombstone(visitor, customer.id)))
                identity.link(customer, record.event.previous_id)
            elif holder is customer or self._take_in(customer, holder, record, "alias"):
                identity.link(customer, record.event.previous_id)
        if user is not None and user is not customer and record.position > customer.position:
            self._refuse(customer, user.id, Reason.TWO_KNOWN_USERS, record)

    def _take_in(self, customer: Customer, holder: Customer, record: Record, by: str) -> bool:
        """Join a visitor whom nobody else is known by. A device of two known users is shared, and nothing is said."""
        why = identity.obstacle(self._rules, customer, holder)
        if why is not None:
            if why is not Reason.TWO_KNOWN_USERS:
                self._refuse(customer, holder.id, why, record)
            return False
        if self._is_away(holder):
            self._batch.skip(holder.id, record.position)
            return False
        self._join(customer, holder, record, by)
        return True

    def _join(self, into: Customer, other: Customer, record: Record, by: str) -> None:
        try:
            outcome = identity.join(self._plan, into, other, record.received_at, by)
        except Exception as error:
            raise Poison(into.id, record.position, error) from error
        self._batch.add(into, outcome, None)
        self._batch.touch(other)

    def _refuse(self, customer: Customer, other: str, why: Reason, record: Record) -> None:
        if record.position <= customer.position:
            return
        outcome = Outcome()
        identity.refuse(customer, other, why, max(record.received_at, customer.clock), outcome)
        self._batch.add(customer, outcome, None)
