"""Carries out `habitue people split`: settles who goes by which id, and reads from the log what each half did."""

from __future__ import annotations

from collections.abc import Mapping

from habitue.decide.naming import Named, Names, names
from habitue.decide.parting import part
from habitue.decide.plan import Plan
from habitue.decide.step import TICK, step
from habitue.errors import HabitueError
from habitue.model.customer import Customer, customer_id
from habitue.model.event import Record
from habitue.model.identifier import ANONYMOUS, IDENTIFIERS
from habitue.run.batch import Batch
from habitue.run.belonging import home
from habitue.run.people import People
from habitue.run.ports import Log, Store


class CannotPart(HabitueError):
    """The two are not one customer, or one of them is not there."""


class Parting:
    """One control event: `properties.part` becomes a person of its own again, out of `properties.customer`."""

    def __init__(self, store: Store, log: Log, people: People, plan: Plan, order: Record) -> None:
        self._store = store
        self._log = log
        self._people = people
        self._plan = plan
        self._order = order
        self._rules = plan.current.playbook.identity

    def decide(self, batch: Batch, parked: set[str]) -> None:
        """Raises CannotPart when there is nothing to take apart."""
        whole, piece = self._found(parked)
        batch.add(whole, step(self._plan, whole, TICK, self._order.received_at), None)
        rows = self._rows(whole)
        inside = {one for one in rows if self._leads_through(one, piece.id)}
        piece.merged_into = None  # From here on, what led through it leads to it.
        piece.user_id = None
        ours, theirs = self._read(whole, piece, inside)
        self._settle(batch, whole, piece, rows, inside)
        outcomes = part(self._plan, whole, piece, (ours, theirs), self._order)
        batch.add(whole, outcomes[0], None)
        batch.add(piece, outcomes[1], None)
        batch.follow(piece, theirs)
        batch.follow(whole, self._left_behind(piece, rows, inside, ours))

    def _found(self, parked: set[str]) -> tuple[Customer, Customer]:
        properties = self._order.event.properties
        one, other = str(properties.get("customer")), str(properties.get("part"))
        self._people.bring([one, other])
        whole, piece = self._people.living(one), self._people.row(other)
        if whole is None or piece is None or piece.merged_into is None or self._people.living(other) is not whole:
            raise CannotPart(f"{other} was not joined into {one}; `habitue people merges {one}` lists what was")
        if whole.id in parked:
            raise CannotPart(f"{whole.id} is parked; let her go on first with `habitue people retry {whole.id}`")
        return whole, piece

    def _rows(self, whole: Customer) -> dict[str, tuple[str, str]]:
        """Every id that may lead to her → its kind and value, both empty for one that was a customer."""
        rows = dict.fromkeys(whole.merged_ids, ("", ""))
        for value in whole.anonymous_ids:
            rows[customer_id(ANONYMOUS, value)] = (ANONYMOUS, value)
        for kind, values in whole.identifiers.items():
            for value in values:
                rows[customer_id(kind, value)] = (kind, value)
        self._people.bring(rows)
        return rows

    def _leads_through(self, one: str, piece: str) -> bool:
        row = self._people.row(one)
        while row is not None and row.id != piece:
            row = self._people.row(row.merged_into) if row.merged_into is not None else None
        return row is not None

    def _read(self, whole: Customer, piece: Customer, inside: set[str]) -> tuple[list[Record], list[Record]]:
        """The records of each half. Only what its ids lead to the piece by falls to the piece.

        An id first seen together with the piece's, after the merge, goes with the piece from there on. What the whole
        did on a device that is somebody else's by now remains what the whole did.
        """
        own = set(self._store.trail([piece.id, *inside]))
        positions = sorted(own | set(self._store.trail([whole.id, *whole.merged_ids])))
        ours: list[Record] = []
        theirs: list[Record] = []
        for record in self._log.at(positions):
            said = names(record.event, self._rules)
            self._people.bring(said.ids())
            if record.position in own:
                theirs.append(record)
                continue
            if home(self._people, said) is piece:
                theirs.append(record)
                self._follow_piece(said, whole, piece)
            else:
                ours.append(record)
        return ours, theirs

    def _left_behind(
        self, piece: Customer, rows: Mapping[str, tuple[str, str]], inside: set[str], ours: list[Record]
    ) -> list[Record]:
        """What ids that go with the piece did before they met it: absorbed under them, and the whole's all the same."""
        moved = [one for one in rows if one not in inside and self._people.living(one) is piece]
        absorbed = set(self._store.trail(moved)) if moved else set()
        return [record for record in ours if record.position in absorbed]

    def _follow_piece(self, said: Names, whole: Customer, piece: Customer) -> None:
        visitor = said.anonymous
        for one in (*(named.id for named in _identified(said)), *([visitor] if visitor is not None else [])):
            row = self._people.row(one)
            if row is not None and row.merged_into == whole.id:
                row.merged_into = piece.id

    def _settle(
        self, batch: Batch, whole: Customer, piece: Customer, rows: dict[str, tuple[str, str]], inside: set[str]
    ) -> None:
        """Give each half the ids that lead to it."""
        theirs = {one for one in rows if self._people.living(one) is piece}
        piece.merged_ids = sorted(one for one in whole.merged_ids if one in theirs and one != piece.id)
        whole.merged_ids = [one for one in whole.merged_ids if one not in theirs]
        taken = {rows[one] for one in theirs}
        piece.anonymous_ids = [value for value in whole.anonymous_ids if (ANONYMOUS, value) in taken]
        whole.anonymous_ids = [value for value in whole.anonymous_ids if (ANONYMOUS, value) not in taken]
        known = whole.identifiers
        piece.identifiers = _of_kinds(known, {pair for pair in taken if pair[0] in IDENTIFIERS})
        whole.identifiers = {
            kind: {value: at for value, at in values.items() if (kind, value) not in taken}
            for kind, values in known.items()
        }
        for one in theirs - inside:
            row = self._people.row(one)
            if row is not None:
                batch.touch(row)


def _identified(said: Names) -> tuple[Named, ...]:
    return (*said.strong, *said.weak)


def _of_kinds(known: dict[str, dict[str, int]], taken: set[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for kind, value in sorted(taken):
        found.setdefault(kind, {})[value] = known[kind][value]
    return found
