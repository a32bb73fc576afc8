"""What is kept of a customer at instants of the past: the very functions that keep it live, run over her events again.

Carts, visits, orders and consent are rules of their own, and each rule has one truth. So they are not said a second
time in SQL; events are fetched and replayed, which has the speed of Python: some 70,000 events a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from habitue.decide import identity
from habitue.decide.conditions import Compiler
from habitue.decide.conditions.operand import Operand
from habitue.decide.counters import absorb
from habitue.decide.naming import names
from habitue.decide.outcome import Outcome
from habitue.decide.profile import FACT_EVENTS, put_facts
from habitue.decide.profile.consent_words import put_consents
from habitue.decide.profile.exchange import in_shop_currency
from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED, Event, Record
from habitue.model.folding import unfolded
from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.sql import DuckDB, Sql
from habitue.playbook.conditions.tree import Aggregate, Node, Occasion, Reachable, Trait, walk
from habitue.playbook.playbook import Playbook

COLUMNS = """customer, received_at, position, occurred_at, name, event_id, type, source, properties, traits, context,
  anonymous_id, previous_id, identifiers"""
"""Of events, in the order in which a replay takes them."""
Row: TypeAlias = tuple[Any, ...]
_SAID_IN_CONTEXT = {"consent": ('"consent"', '"gpc"'), "clock": ('"timezone"',)}
"""Fact → words of which a context that tells of it has one."""
_read = msgspec.json.Decoder(dict[str, Any]).decode
_write = msgspec.json.Encoder().encode


class Concern(NamedTuple):
    """The events a replay needs: those of the names, those whose context says one of the words, and those that say by
    what else she is known."""

    names: frozenset[str]
    words: frozenset[str]
    identifiers: bool
    devices: bool

    def sql(self, dialect: DuckDB) -> Sql:
        parts = [f"name IN ({', '.join(dialect.text(name) for name in sorted(self.names)) or chr(39) * 2})"]
        parts += [f"COALESCE({dialect.contains('context', dialect.text(word))}, FALSE)" for word in sorted(self.words)]
        parts += ["identifiers NOT IN ('', '{}')"] if self.identifiers else []
        parts += ["anonymous_id IS NOT NULL"] if self.devices else []
        return " OR ".join(parts)


class Replay:
    """Reads nodes of conditions from customers whose events are absorbed again."""

    def __init__(self, nodes: Sequence[Node], playbook: Playbook) -> None:
        compiler = Compiler({}, playbook)
        self._operands: list[Operand] = [compiler.value(node) for node in nodes]
        self._leaves = compiler.leaves_by_event
        self._gap, self._rules, self._shop = playbook.session_gap, playbook.identity, playbook.shop
        self.concern = concern(nodes)

    def nobody(self, at: Instant) -> list[str]:
        """What of somebody nothing is known about, as JSON."""
        return self._said(Customer(id=""), at)

    def over(self, rows: Iterable[Row], points: Mapping[str, Sequence[Instant]] | Instant) -> Iterator[Row]:
        """(customer, instant, a JSON of each node) from events in order of customer and position.

        `points`: at which instants each customer is looked at, rising, or one for all.
        """
        customer, asked = Customer(id=""), iter(())  # type: Customer, Iterator[Instant]
        ahead: Instant | None = None
        outcome = Outcome()
        silent = set() if isinstance(points, int) else set(points)
        for who, received_at, position, *rest in rows:
            if who != customer.id:
                yield from self._rest(customer, ahead, asked)
                customer, outcome = Customer(id=who), Outcome()
                silent.discard(who)
                asked = iter((points,) if isinstance(points, int) else points.get(who, ()))
                ahead = next(asked, None)
            while ahead is not None and ahead < received_at:
                yield (who, ahead, *self._said(customer, ahead))
                ahead = next(asked, None)
            if ahead is not None:
                self._absorb(customer, Record(position, received_at, _event(rest)), outcome)
        yield from self._rest(customer, ahead, asked)
        for who in silent:
            assert not isinstance(points, int)
            yield from self._rest(Customer(id=who), None, iter(points[who]))

    def turns(self, rows: Iterable[Row], until: Instant) -> Iterator[tuple[str, Instant]]:
        """(customer, instant) where something of hers turns by itself: a visit is over, an occasion near.

        Between two receptions it is asked of her state when that will be, as it is live.
        """
        customer, now = Customer(id=""), until
        outcome = Outcome()
        for who, received_at, position, *rest in rows:
            if who != customer.id:
                yield from self._turns(customer, now, until)
                customer, outcome = Customer(id=who), Outcome()
            elif received_at > now:
                yield from self._turns(customer, now, received_at - 1)
            self._absorb(customer, Record(position, received_at, _event(rest)), outcome)
            now = received_at
        yield from self._turns(customer, now, until)

    def turns_of_nobody(self, since: Instant, until: Instant) -> list[Instant]:
        return [at for _, at in self._turns(Customer(id=""), since, until)]

    @property
    def turns_by_itself(self) -> bool:
        return any(operand.changes for operand in self._operands)

    def _turns(self, customer: Customer, now: Instant, until: Instant) -> Iterator[tuple[str, Instant]]:
        changes = [change for operand in self._operands for change in operand.changes]
        while changes and now < until:
            now = min(change(customer, now) for change in changes)
            if now <= until:
                yield customer.id, now

    def _rest(self, customer: Customer, ahead: Instant | None, asked: Iterator[Instant]) -> Iterator[Row]:
        for at in asked if ahead is None else (ahead, *asked):
            yield (customer.id, at, *self._said(customer, at))

    def _absorb(self, customer: Customer, record: Record, outcome: Outcome) -> None:
        event = record.event
        if event.identifiers:
            told = names(event, self._rules)
            for named in (*told.strong, *told.weak):
                identity.note(self._rules, customer, named.kind, named.value, event.occurred_at)
        identity.link(customer, event.anonymous_id)
        identity.link(customer, event.previous_id)
        put_facts(customer, in_shop_currency(record, self._shop, outcome), self._gap, outcome)
        put_consents(customer, event, record.received_at)
        absorb(self._leaves.get(event.name, ()), customer.counters, event, record.position)
        outcome.interests.clear()

    def _said(self, customer: Customer, at: Instant) -> list[str]:
        return [_write(operand.read(customer, at, None, "")).decode() for operand in self._operands]


def concern(nodes: Iterable[Node]) -> Concern:
    facts: set[str] = set()
    events: set[str] = set()
    for node in (part for whole in nodes for part in walk(whole)):
        facts |= Condition("", node).facts
        if isinstance(node, (Trait, Reachable, Occasion)):
            events.add(IDENTIFIED)
        if isinstance(node, Aggregate):
            events.add(node.event)
    words = {word for fact in facts for word in _SAID_IN_CONTEXT.get(fact, ())}
    events = events.union(*(FACT_EVENTS[fact] for fact in facts))
    return Concern(frozenset(events), frozenset(words), "identifier" in facts, "device" in facts)


def _event(row: Sequence[Any]) -> Event:
    occurred_at, name, event_id, kind, source, properties, traits, context, anonymous, previous, identifiers = row
    trust = unfolded(_read(context) if context else {})
    return Event(
        id=event_id,
        source=source,
        type=kind,
        name=name,
        occurred_at=occurred_at,
        properties=_read(properties) if properties else {},
        traits=_read(traits) if traits else {},
        context=trust.context,
        level=trust.level,
        claims=trust.claims,
        proof=trust.proof,
        anonymous_id=anonymous,
        previous_id=previous,
        identifiers=_read(identifiers) if identifiers else {},
    )
