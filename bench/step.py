"""`step` alone, in memory: live customers, no store."""

from __future__ import annotations

import gc
import time
from itertools import chain, islice

import msgspec

from bench import workload
from habitue.decide.naming import names
from habitue.decide.plan import Plan, Program
from habitue.decide.step import step
from habitue.model.customer import Customer
from habitue.model.event import Record
from habitue.playbook.playbook import IdentityRules


def measure(events: int = 300_000, customers: int = 20_000) -> dict[str, float]:
    """events/s on one core, over live customer objects, ten segments and four journeys."""
    plan = Plan(Program(msgspec.structs.replace(workload.playbook(), version=1)))
    stream = chain.from_iterable(workload.sessions(customers))
    records = [Record(number, event.occurred_at, event) for number, event in enumerate(islice(stream, events))]
    people: dict[str, Customer] = {}
    pairs = []
    for record in records:
        said = names(record.event, IdentityRules())
        one = said.known or said.anonymous
        assert one is not None
        customer = people.get(one)
        if customer is None:
            customer = people[one] = Customer(id=one)
        pairs.append((customer, record))
    gc.collect()
    gc.freeze()
    gc.disable()
    started = time.perf_counter()
    decisions = 0
    for customer, record in pairs:
        decisions += len(step(plan, customer, record, record.received_at).decisions)
    took = time.perf_counter() - started
    gc.enable()
    sizes = [len(msgspec.msgpack.encode(customer)) for customer in people.values()]
    return {
        "events_per_second": events / took,
        "decisions_per_event": decisions / events,
        "state_bytes": sum(sizes) / len(sizes),
    }


if __name__ == "__main__":
    print(measure())
