"""RFM bands as the customers have them: cut so that a fifth of those who bought has each score."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from habitue.errors import HabitueError
from habitue.model.instant import HOUR, Instant
from habitue.playbook.conditions.money import is_money
from habitue.playbook.conditions.sql import DuckDB
from habitue.playbook.playbook import Shop
from habitue.playbook.rfm import Bands, RfmRules

if TYPE_CHECKING:
    from .history import History

PEOPLE_MIN = 25
"""Of fewer, a fifth says nothing."""
_CENTS = 100
_FIFTHS = "[0.2, 0.4, 0.6, 0.8]"
_PURCHASES = """
SELECT count(*), quantile_disc({at} - latest, {fifths}), quantile_disc(times, {fifths}), quantile_disc(worth, {fifths})
FROM (
  SELECT max(occurred_at) AS latest, count(*) AS times, {function}(amount) / 1e6 AS worth
  FROM (
    SELECT customer, occurred_at, {amount} AS amount FROM events
    WHERE name = {event} AND customer IS NOT NULL AND received_at <= {at} AND occurred_at > {since}
  )
  GROUP BY customer
)
"""
"""Of everybody who bought in the time that counts: how long ago, how often, for how much."""


class TooFew(HabitueError):
    """Bands cannot be measured of so few customers."""


class Measured(NamedTuple):
    """The bands, and of how many customers they are those."""

    bands: Bands
    people: int


def measure(history: History, rules: RfmRules, at: Instant | None = None, shop: Shop | None = None) -> Measured:
    """Whoever lies on a cut has the lower score, but in recency the higher. Money is the shop's. Raises TooFew."""
    then, dialect = history.at if at is None else at, DuckDB()
    exchange = None if shop is None else history.exchange(shop)
    properties = exchange.properties(dialect) if exchange is not None and is_money(rules.value) else "properties"
    question = _PURCHASES.format(
        at=then,
        since=then - rules.over,
        fifths=_FIFTHS,
        function="avg" if rules.monetary == "average" else "sum",
        event=dialect.text(rules.event),
        amount=dialect.amount(dialect.at(properties, rules.value)),
    )
    people, ages, times, worths = history.ask(question)[0]
    if people < PEOPLE_MIN or worths is None:
        raise TooFew(
            f'{people} customers have a "{rules.event}" with "{".".join(rules.value)}" in the time that counts; bands '
            f"are measured of {PEOPLE_MIN} or more. Until then the usual ones hold"
        )
    recency = [min(rules.over, (int(age) // HOUR + 1) * HOUR) for age in ages]
    frequency = [int(count) + 1 for count in times]
    monetary = [max(1, int(worth * _CENTS) + 1) / _CENTS for worth in worths]
    bands = msgspec.convert({"recency": recency, "frequency": frequency, "monetary": monetary}, Bands)
    return Measured(bands, people)
