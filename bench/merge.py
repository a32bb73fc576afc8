"""What a merge costs: two halves of a person, each with some days of shopping behind her, become one."""

from __future__ import annotations

import gc
import time
from itertools import chain, islice

import msgspec

from bench import workload
from habitue.decide import identity
from habitue.decide.naming import names
from habitue.decide.plan import Plan, Program
from habitue.decide.step import step
from habitue.model.customer import Customer
from habitue.model.event import Record
from habitue.playbook.playbook import IdentityRules


def measure(events: int = 150_000, customers: int = 4_000) -> dict[str, float]:
    """Microseconds for one merge on one core, in memory, and how many events the halves had on average."""
    plan = Plan(Program(msgspec.structs.replace(workload.playbook(), version=1)))
    people: dict[str, Customer] = {}
    stream = chain.from_iterable(workload.sessions(customers))
    now = 0
    for number, event in enumerate(islice(stream, events)):
        said = names(event, IdentityRules())
        one = said.known or said.anonymous
        assert one is not None
        customer = people.setdefault(one, Customer(id=one))
        now = event.occurred_at
        step(plan, customer, Record(number, now, event), now)
    halves = list(people.values())
    pairs = list(zip(halves[::2], halves[1::2], strict=False))
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    for into, other in pairs:
        identity.join(plan, into, other, now)
    took = time.perf_counter() - started
    gc.enable()
    return {"microseconds": took / len(pairs) * 1e6, "events": events / len(halves), "merges": len(pairs)}


if __name__ == "__main__":
    print(measure())
