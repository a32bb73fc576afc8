"""Whether she can be reached on a channel, and what she allowed."""

from __future__ import annotations

from habitue.decide.guard.reachable import is_reachable, reach_changes_at
from habitue.decide.profile.sharing import has_allowed, has_refused_topic
from habitue.model.customer import Customer
from habitue.model.instant import Instant
from habitue.playbook.conditions.tree import Consents, Reachable
from habitue.playbook.playbook import Playbook

from .operand import Operand
from .truth import NEVER


def reachable(node: Reachable, playbook: Playbook) -> Operand:
    channel = node.channel

    def changes(customer: Customer, now: Instant) -> Instant:
        found = reach_changes_at(playbook, customer, channel, now)
        return NEVER if found is None else found

    return Operand(lambda customer, now, entry, key: is_reachable(playbook, customer, channel, now), (changes,))


def consents(node: Consents) -> Operand:
    channel, topic = node.channel, node.topic
    if not topic:
        return Operand(lambda customer, now, entry, key: has_allowed(customer, channel))

    def read(customer: Customer, now: Instant, entry: object, key: str) -> bool:
        return has_allowed(customer, channel) and not has_refused_topic(customer, channel, topic)

    return Operand(read)
