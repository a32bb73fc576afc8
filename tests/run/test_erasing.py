"""A person is forgotten at one place in the log, and whoever comes after under her ids begins anew."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decide.world import World
from tests.run.test_proof import FIRST, SECOND

from habitue.model.customer import customer_id
from habitue.model.event import CUSTOMER_ERASED, ERASED, Event, Record, erased
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.model.trust import Level
from habitue.playbook.load import load
from habitue.run.crank import Crank
from habitue.run.erasing import Cleaning, Forgotten
from habitue.run.proof import Gaps, Proof, prove
from habitue.store.memory import MemoryStore

ANA = customer_id("user", "ana")


class Forgetful(World):
    """A shop where people may be erased; `noted` is what the decide loop said of them."""

    def __init__(self) -> None:
        super().__init__(FIRST)
        self.noted: list[Forgotten] = []
        self.crank = Crank(self.store, self.log, load, note_forgotten=self.noted.append)

    def erase(self, who: str, kind: str = "user") -> Forgotten:
        number = len(self.noted) + 1
        self._append(
            Event(
                id=f"erasure-{number}",
                source="habitue",
                type="control",
                name=CUSTOMER_ERASED,
                occurred_at=self.clock.now(),
                properties={"customer": customer_id(kind, who), "erasure": number},
            )
        )
        self.turn()
        return self.noted[-1]

    def clean(self, forgotten: Forgotten) -> None:
        """Empty her records as the scrubbing of a log does."""
        cleaned = Cleaning([forgotten])
        for position, record in enumerate(self.log._records):
            change = cleaned(record)
            if change is not None:
                self.log._records[position] = Record(position, record.received_at, change.event)

    def proof(self, **gaps: Any) -> Proof:
        versions = [
            (str(row["name"]), self.store.playbook(row["version"]) or {}) for row in reversed(self.store.playbooks())
        ]
        return prove(self.log, self.store, self.store, MemoryStore(), versions, load, gaps=Gaps(**gaps))


@pytest.fixture
def world() -> Forgetful:
    """Ana, on her phone and signed in; Ben, who lent her phone; both look at things and wait for notes."""
    world = Forgetful()
    world.happens("Product Viewed", None, "phone")
    world.meet("ana", "phone")
    for who, device in (("ana", None), ("ben", "phone"), ("ben", None), ("ana", "tablet")):
        world.happens("Product Viewed", who, device)
        world.passes(20 * MINUTE)
    return world


def test_nothing_of_her_is_left_in_the_state(world: Forgetful) -> None:
    forgotten = world.erase("ana")
    assert set(forgotten.customers) == {ANA, customer_id("anonymous", "phone"), customer_id("anonymous", "tablet")}
    assert {"ana", "phone", "tablet", "ana@example.com"} <= set(forgotten.spelled)
    assert all(world.store.person(one) is None for one in forgotten.customers)
    assert world.store.decisions(customers=forgotten.customers) == []
    assert not [effect for effect in world.effects() if effect.customer in forgotten.customers]
    assert not [one for one, _ in world.store.members("keen") if one in forgotten.customers]
    assert [row.id for row in world.store.people()] == [customer_id("user", "ben")]


def test_her_timers_do_not_fire_and_bens_do(world: Forgetful) -> None:
    world.erase("ana")
    world.passes(DAY)
    assert "ben" in {str(world.customer("ben").user_id)}
    assert world.store.person(ANA) is None
    assert world.customer("ben").traits.get("wrote") is True


def test_she_may_come_back_as_somebody_new(world: Forgetful) -> None:
    before = {one.id for one in world.decisions("ana")}
    world.erase("ana")
    world.happens("Product Viewed", "ana", "phone")
    assert world.customer("ana").traits == {}
    after = {one.id for one in world.decisions("ana")}
    assert after
    assert not before & after
    assert all(int(one.rsplit(".", 1)[1]) > world.noted[0].ordinal for one in after)


@pytest.mark.parametrize("comes_back", [False, True])
def test_the_state_is_proved_when_her_records_are_empty(world: Forgetful, comes_back: bool) -> None:
    forgotten = world.erase("ana")
    if comes_back:
        world.happens("Product Viewed", "ana", "phone")
    world.apply(SECOND)
    world.happens("Product Viewed", "ben")
    world.passes(3 * HOUR)
    world.clean(forgotten)
    proof = world.proof(others=frozenset(forgotten.others))
    assert proof.holds, (proof.states_differing, proof.decisions_differing)
    assert proof.customers == 1 + comes_back


def test_what_ben_did_on_her_phone_stays_his_and_names_it_no_more(world: Forgetful) -> None:
    world.clean(world.erase("ana"))
    names = [(one.event.user_id, one.event.anonymous_id) for one in world.log._records if one.event.type != "control"]
    assert names == [(None, None)] * 4 + [("ben", None)] * 2 + [(None, None)]


def test_what_the_outbox_told_too_late_goes_as_well(world: Forgetful) -> None:
    forgotten = world.erase("ana")
    for delivery in (f"{ANA}.{forgotten.ordinal}", f"{ANA}.{forgotten.ordinal + 1}"):
        world.log.append([_told(world, delivery)])
    world.clean(forgotten)
    assert [one.event.name for one in world.log._records[-2:]] == [ERASED, "Email Sent"]


def _told(world: Forgetful, delivery: str) -> Event:
    return Event(
        id=f"{delivery}:sent",
        source="habitue",
        type="track",
        name="Email Sent",
        occurred_at=world.clock.now(),
        properties={"delivery_id": delivery, "email": "ana@example.com"},
        context={"customer_id": ANA},
    )


def test_the_state_is_proved_before_her_records_are_empty(world: Forgetful) -> None:
    world.erase("ana")
    world.passes(3 * HOUR)
    assert world.proof().holds


def test_forgetting_once_more_changes_nothing(world: Forgetful) -> None:
    world.erase("ana")
    again = world.erase("ana")
    assert again.customers == [ANA]
    assert again.positions == []
    assert world.proof().holds


def test_who_was_met_before_events_were_let_go_of_is_left_out_of_the_proof(world: Forgetful) -> None:
    world.passes(DAY)
    since = world.clock.now()
    for position, record in enumerate(world.log._records):
        if record.event.type != "control":
            world.log._records[position] = Record(position, record.received_at, erased(record.received_at))
    world.happens("Product Viewed", "cleo")
    world.happens("Product Viewed", "ana")
    assert not world.proof().holds
    proof = world.proof(events_before=since)
    assert proof.holds
    assert (proof.customers, proof.left_out) == (1, 2)


def test_what_others_pages_claimed_of_her_names_her_no_more_and_stays_with_whom_it_was_put_aside_for(
    world: Forgetful,
) -> None:
    """On Ben's tablet, which is Ben's for certain, somebody claimed to be Ana."""
    world.meet("ben", "tablet of ben")
    claims = {"user": "ana", "email": "ana@example.com"}
    world.happens("Product Viewed", None, "tablet of ben", level=Level.BROWSER, claims=claims)
    world.happens("Product Viewed", None, None, level=Level.BROWSER, claims=claims)
    world.happens("Product Viewed", None, "tablet of ben", level=Level.BROWSER, claims={"user": "ben"})
    before = {one.id for one in world.people() if one.id.startswith("c")}
    assert len(before) == 2
    world.clean(world.erase("ana"))
    assert not any("ana" in repr(record.event.claims) for record in world.log._records)
    assert {one.id for one in world.people() if one.id.startswith("c")} == before
    assert world.proof().holds, world.proof()
