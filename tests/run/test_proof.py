"""Proof by replay: what is stored is what the log says."""

from __future__ import annotations

import msgspec
from tests.decide.world import World

from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.playbook.load import load
from habitue.run.ports import Commit
from habitue.run.proof import Proof, prove
from habitue.store.memory import MemoryStore

FIRST = {
    "segments.yaml": 'keen: {title: Keen, condition: \'count("Product Viewed", within="1d") >= 2\'}',
    "journeys/looked.yaml": "journey: looked\ntitle: Looked\nentry: {event: Product Viewed}\n"
    "steps: [{wait: 1h}, {send: note}, {set: {wrote: true}}]",
}
SECOND = {"segments.yaml": 'keen: {title: Keen, condition: \'count("Product Viewed", within="2d") >= 1\'}'}


def lived() -> World:
    world = World(FIRST)
    world.meet("ana")
    for who, device in (("ana", None), (None, "phone"), ("ben", "phone"), ("ana", None)):
        world.happens("Product Viewed", who, device)
        world.passes(20 * MINUTE)
    world.apply(SECOND)
    world.happens("Product Viewed", "ben")
    world.passes(3 * HOUR)
    return world


def proof_of(world: World) -> Proof:
    versions = [
        (str(row["name"]), world.store.playbook(row["version"]) or {}) for row in reversed(world.store.playbooks())
    ]
    return prove(world.log, world.store, world.store, MemoryStore(), versions, load)


def test_a_state_that_was_decided_from_the_log_is_proved() -> None:
    proof = proof_of(lived())
    assert proof.holds
    assert (proof.customers, proof.records) == (2, 9)
    assert proof.decisions > 10


def test_it_is_proved_when_no_timer_is_left() -> None:
    world = lived()
    world.passes(10 * DAY)
    assert world.store.next_due() is None
    assert proof_of(world).holds


def test_a_state_changed_by_other_hands_is_found() -> None:
    world = lived()
    ana = world.customer("ana")
    ana.traits["email"] = "mallory@example.com"
    row = next(row for row in world.store._customers.values() if row.id == ana.id)
    changed = msgspec.structs.replace(row, state=msgspec.msgpack.encode(ana))
    world.store.commit(Commit(position=world.store.position(), now=world.clock.now(), version=2, customers=[changed]))
    proof = proof_of(world)
    assert not proof.holds
    assert proof.states_differing == [ana.id]
