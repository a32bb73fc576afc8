"""Whether an occasion of her country is near, on her own calendar; it turns at her midnight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from habitue.decide.local_time import local, zone
from habitue.decide.profile.country import country_of
from habitue.model.customer import Customer
from habitue.model.instant import Instant, from_datetime
from habitue.playbook.conditions.tree import Occasion
from habitue.playbook.occasions import Rule, is_near, rule_of, turns_on
from habitue.playbook.playbook import Playbook

from .operand import Operand
from .truth import NEVER


class _Hers(NamedTuple):
    """The rule where she lives, the day it is there, and her clock."""

    rule: Rule | None
    today: date
    where: ZoneInfo


def occasion(node: Occasion, playbook: Playbook) -> Operand:
    shop, occasions, within = playbook.shop, playbook.known_occasions, node.within

    def hers(customer: Customer, now: Instant) -> _Hers:
        where = zone(customer.timezone, shop.timezone)
        country, _ = country_of(customer, shop)
        return _Hers(rule_of(occasions, node.name, country), local(now, where).date(), where)

    def read(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> bool:
        rule, today, _ = hers(customer, now)
        return is_near(rule, today, within)

    def changes(customer: Customer, now: Instant) -> Instant:
        rule, today, where = hers(customer, now)
        day = turns_on(rule, today, within)
        return NEVER if day is None else from_datetime(datetime.combine(day, time.min, tzinfo=where))

    return Operand(read, (changes,))
