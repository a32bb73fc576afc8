"""`kill -9` of every process at random moments under load: nothing lost, nothing doubled, nothing sent twice.

`make test CRASH=50` kills fifty times. The moments are drawn from a seed; what the machine makes of them is its own.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import duckdb
import msgspec
import pytest

from habitue.model.customer import Customer
from habitue.model.delivery import DeliveryState
from habitue.run.clock import ManualClock
from habitue.run.crank import Crank
from habitue.store.memory import MemoryLog, MemoryStore

from .system import Shoppers, Sink, System, eventually, running

pytestmark = [pytest.mark.crash, pytest.mark.long]

KILLS = int(os.environ.get("HABITUE_CRASH", "12"))
ROLES = ["http", "decide", "outbox", "catalog", "archive", "supervisor"]
WEIGHTS = [4, 4, 4, 2, 2, 1]
LETTERS_AN_ORDER = 2


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> After:
    """The system as it stands after all the kills, ended in good order; the tests below each look at one promise."""
    sink = Sink()
    with sink, running(tmp_path_factory.mktemp("crash") / "data", sink) as system:
        with Shoppers(system) as shoppers:
            kills = kill_at_random(system, random.Random(2), KILLS)
        eventually(system.is_settled, "everything was decided, sent and told")
        assert system.stop() == 0
        yield After(system, sink, shoppers, kills)


class After:
    def __init__(self, system: System, sink: Sink, shoppers: Shoppers, kills: Counter[str]) -> None:
        self.system, self.sink, self.shoppers, self.kills = system, sink, shoppers, kills
        self.records = list(system.parts.log.scan())
        self.effects = [effect for _, effect in system.parts.store.effects(0, 1_000_000)]
        self.deliveries = [delivery for _, delivery in system.parts.deliveries.list(limit=1_000_000)]


def kill_at_random(system: System, chance: random.Random, kills: int) -> Counter[str]:
    """Every role at least once when there are enough kills; the rest as they fall."""
    roles = [status.role for status in system.statuses()] + ["supervisor"]
    wanted = (roles + chance.choices(roles, [WEIGHTS[ROLES.index(role)] for role in roles], k=kills))[:kills]
    chance.shuffle(wanted)
    done: Counter[str] = Counter()
    for role in wanted:
        time.sleep(chance.uniform(0.05, 0.6))
        eventually(lambda role=role: system.kill(role), f"{role} was up to be killed")
        done[role] += 1
    return done


def test_there_was_something_to_lose(after: After) -> None:
    assert after.kills.total() == KILLS
    assert len(after.shoppers.orders) > KILLS
    assert len(after.effects) >= LETTERS_AN_ORDER * len(after.shoppers.orders)


def test_every_accepted_event_is_in_the_log_once(after: After) -> None:
    times = Counter(record.event.id for record in after.records if record.event.source == "shop")
    assert [event for event in after.shoppers.kept if times[event] != 1] == []
    assert [event for event, count in times.items() if count > 1] == []


def test_every_order_led_to_its_letters_once(after: After) -> None:
    wanted = Counter(effect.run + effect.message for effect in after.effects)
    assert set(wanted.values()) == {1}
    about = Counter(effect.data["event"]["order_id"] for effect in after.effects)
    assert {about[order] for order in after.shoppers.orders} == {LETTERS_AN_ORDER}


def test_no_letter_reached_the_sink_twice(after: After) -> None:
    assert [letter for letter, times in after.sink.letters.items() if times > 1] == []


def test_every_effect_is_accounted_for(after: After) -> None:
    """Accepted ones reached the sink, unknown ones may have; no other end is possible here, and none is missing."""
    assert Counter(delivery.id for delivery in after.deliveries) == Counter(effect.id for effect in after.effects)
    states = Counter(delivery.state for delivery in after.deliveries)
    assert set(states) <= {DeliveryState.ACCEPTED, DeliveryState.UNKNOWN}
    reached = len(after.sink.letters)
    assert states[DeliveryState.ACCEPTED] <= reached <= len(after.effects)


def test_every_end_was_told_to_the_log_once(after: After) -> None:
    told = Counter(
        record.event.properties["delivery_id"]
        for record in after.records
        if record.event.source == "habitue" and record.event.name in ("Email Sent", "Message Unknown")
    )
    assert told == Counter(delivery.id for delivery in after.deliveries)


def test_the_state_is_that_of_a_system_nobody_killed(after: After) -> None:
    """The same log, decided on in one go by a crank in memory, comes to the same bytes for every customer."""
    store, parts = MemoryStore(), after.system.parts
    for version in sorted(row["version"] for row in parts.playbooks.playbooks()):
        store.save_playbook("crash", parts.playbooks.playbook(version) or {}, 0, "test")
    crank = Crank(store, ReadLog(after), parts.load)
    while crank.turn(700).records:
        pass
    crank.fire(parts.clock.now())
    ids = sorted(parts.store.customer_ids())
    assert sorted(store.customer_ids()) == ids
    stored, replayed = parts.store.load(ids), store.load(ids)
    differing = [one for one in ids if stored[one] != replayed[one]]
    assert [(decode(stored[one]), decode(replayed[one])) for one in differing[:1]] == []


def decode(state: bytes) -> Customer:
    return msgspec.msgpack.decode(state, type=Customer)


class ReadLog(MemoryLog):
    """The same records at the same positions and times."""

    def __init__(self, after: After) -> None:
        super().__init__(ManualClock(0))
        self._records = after.records


def test_every_event_is_in_the_archive_once(after: After) -> None:
    files = f"{after.system.data}/archive/events/*/*.parquet"
    positions = duckdb.sql(f"SELECT position FROM read_parquet('{files}', hive_partitioning=true)").fetchall()
    assert sorted(row[0] for row in positions) == [record.position for record in after.records]
